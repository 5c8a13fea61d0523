import { createHash } from 'node:crypto';
import { constants, createGzip, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Intake } from './intake.ts';
import { type Codec, quarantineObjectKey, rawObjectKey } from './names.ts';
import { quarantineLine } from './quarantine.ts';

/** An object to put into the lake. */
export interface LakeObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly metadata: { readonly [recordsMetadata]: string };
}

/** A batch ready to be written: at most one object each for raw and quarantine, none for what is empty. */
export interface Batch {
  readonly received: number;
  readonly landed: number;
  readonly quarantined: number;
  readonly raw?: LakeObject;
  readonly quarantine?: LakeObject;
}

/** Where an object says how many records it holds. */
export const recordsMetadata = 'millrace-records';

/** Level 1 packs NDJSON like gzip 6 does, at an eighth of the CPU time. With a checksum, as gzip has one: a flipped bit is seen. */
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 } };
const gzipOptions = { level: 6 };

/**
 * Packs what became of a batch's records, in their order. The same records give the same names and the same bytes, so a retry
 * overwrites its own objects.
 */
export function packBatch(batch: { dataset: string; codec: Codec; name: string; intakes: readonly Intake[] }): Batch {
  const { dataset, codec, intakes } = batch;
  const at = intakes.find((intake) => intake.at !== unknownInstant)?.at ?? unknownInstant;
  const name = `${batch.name}-${digestOf(intakes)}`;
  const lines: Uint8Array[] = [];
  const rejected: string[] = [];
  for (const intake of intakes) {
    if (intake.kind === 'land') lines.push(intake.line, lineFeed);
    else rejected.push(quarantineLine(intake.rejected));
  }
  const landed = lines.length / 2;
  return {
    received: intakes.length,
    landed,
    quarantined: rejected.length,
    ...(landed && {
      raw: lakeObject(rawObjectKey({ dataset, at, name, codec }), compress(Buffer.concat(lines), codec), landed),
    }),
    ...(rejected.length && {
      quarantine: linesObject(quarantineObjectKey({ dataset, at, name }), rejected),
    }),
  };
}

/** Stands for "when" where a malformed record does not say; such a record does not choose the partition of its batch. */
export const unknownInstant = '1970-01-01T00:00:00.000000Z';

const lineFeed = Buffer.from('\n');

/** An object of lines of text, gzipped: what people look at, not COPY. */
export function linesObject(key: string, lines: readonly string[]): LakeObject {
  const text = lines.map((line) => `${line}\n`).join('');
  return lakeObject(key, compress(Buffer.from(text), 'gzip'), lines.length);
}

export function lakeObject(key: string, body: Uint8Array, records: number): LakeObject {
  return { key, body, contentType: 'application/x-ndjson', metadata: { [recordsMetadata]: String(records) } };
}

/** Compresses an object of the lake; the same bytes in give the same bytes out. */
function compress(bytes: Uint8Array, codec: Codec): Uint8Array {
  return codec === 'gzip' ? gzipSync(bytes, gzipOptions) : zstdCompressSync(bytes, zstdOptions);
}

/** The same, piece by piece. */
export function compressor(codec: Codec) {
  return codec === 'gzip' ? createGzip(gzipOptions) : createZstdCompress(zstdOptions);
}

/** Two batches with the same range but other records (a filter, a split shard) must not overwrite one another. */
function digestOf(intakes: readonly Intake[]): string {
  const hash = createHash('sha256');
  for (const intake of intakes) hash.update(`${intake.id}\n`);
  return hash.digest('hex').slice(0, 16);
}
