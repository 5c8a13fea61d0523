import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { z } from 'zod';
import type { CopyContext } from '../copy-context.ts';
import { RedshiftError } from '../types.ts';
import { bunzipped } from './bzip2.ts';
import type { CopyOptions } from './options.ts';
import { isMissing, s3Error } from './s3-error.ts';

/** An object to load. */
export interface SourceObject {
  readonly uri: string;
  readonly mandatory: boolean;
  /** What the manifest says the object weighs. */
  readonly expectedBytes?: number;
}

/** An object's content, taken out of its compression. */
export interface SourceFile {
  readonly uri: string;
  /** As it lies in the store. */
  readonly sizeBytes: number;
  readonly body: Buffer;
}

type Reader = Pick<CopyContext, 'objectStore' | 'roleArn' | 'queryId'>;

const manifestShape = z.object({
  entries: z.array(
    z.object({
      url: z.string(),
      mandatory: z.boolean().optional(),
      meta: z.object({ content_length: z.int().nonnegative().optional() }).optional(),
    }),
  ),
});

/** The objects that a COPY names: the manifest's, or all that begin with the prefix. */
export async function findSourceObjects(reader: Reader, from: string, manifest: boolean): Promise<SourceObject[]> {
  if (!from.startsWith('s3://')) {
    throw new RedshiftError('0A000', `COPY from '${from}' is not supported by the local Redshift, only from s3://`);
  }
  return manifest ? readManifest(reader, from) : listPrefix(reader, from);
}

async function readManifest(reader: Reader, uri: string): Promise<SourceObject[]> {
  const body = await readObject(reader, uri);
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch (error) {
    throw new RedshiftError('XX000', `Problem reading manifest file - invalid JSON in ${uri}`, { cause: error });
  }
  const manifest = manifestShape.safeParse(parsed);
  if (!manifest.success) {
    throw new RedshiftError('XX000', `Problem reading manifest file - ${z.prettifyError(manifest.error)}`);
  }
  const relative = manifest.data.entries.find((entry) => !entry.url.startsWith('s3://'));
  if (relative) throw new RedshiftError('XX000', 'COPY with MANIFEST parameter requires full path of an S3 object.');
  return manifest.data.entries.map((entry) => ({
    uri: entry.url,
    mandatory: entry.mandatory ?? false,
    expectedBytes: entry.meta?.content_length,
  }));
}

async function listPrefix(reader: Reader, prefix: string): Promise<SourceObject[]> {
  const listed = await orS3Error(reader, prefix, () => reader.objectStore.list(prefix, reader.roleArn));
  if (listed.length === 0) {
    const key = prefix.replace(/^s3:\/\/[^/]*\/?/, '');
    throw new RedshiftError('XX000', `The specified S3 prefix '${key}' does not exist`);
  }
  return listed.map(({ uri }) => ({ uri, mandatory: true })).sort((a, b) => (a.uri < b.uri ? -1 : 1));
}

/** Reads and unpacks one object; undefined when it is gone and need not be there. */
export async function readSourceFile(
  reader: Reader,
  object: SourceObject,
  compression: CopyOptions['compression'],
): Promise<SourceFile | undefined> {
  let packed: Buffer;
  try {
    packed = await reader.objectStore.get(object.uri, reader.roleArn);
  } catch (error) {
    if (!object.mandatory && isMissing(error)) return undefined;
    throw s3Error(error, object.uri, reader.queryId);
  }
  if (object.expectedBytes !== undefined && object.expectedBytes !== packed.length) {
    const sizes = `expected ${object.expectedBytes} bytes, found ${packed.length}`;
    throw new RedshiftError('XX000', `File size mismatch between the manifest and ${object.uri}: ${sizes}`);
  }
  return { uri: object.uri, sizeBytes: packed.length, body: await unpack(packed, compression, object.uri) };
}

const gunzipped = promisify(gunzip);
const leastChunkBytes = 64 * 1024;
const mostChunkBytes = 512 * 1024 * 1024;
/** Deflate packs no tighter than this, whatever a file says of its size. */
const mostTimesSmaller = 1_032;

/** A gzip file ends with its size, so that it can be unpacked in one go; zlib's 16 KB pieces take twice the time. */
function chunkBytes(packed: Buffer): number {
  const unpacked = packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4) + 1;
  return Math.min(mostChunkBytes, Math.max(leastChunkBytes, Math.min(unpacked, packed.length * mostTimesSmaller)));
}

type ZstdAnswer = { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
const firstFrame = promisify(zstdDecompress) as unknown as (
  packed: Buffer,
  options: { info: true },
) => Promise<ZstdAnswer>;

/** Node unpacks the first frame of a Zstandard file and stays silent about the others; Redshift reads all of them. */
async function zstdUnpacked(packed: Buffer): Promise<Buffer> {
  const frames: Buffer[] = [];
  let rest = packed;
  while (rest.length > 0) {
    const { buffer, engine } = await firstFrame(rest, { info: true });
    if (engine.bytesWritten === 0) throw new Error('unexpected end of file');
    frames.push(buffer);
    rest = rest.subarray(engine.bytesWritten);
  }
  return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
}

async function unpack(packed: Buffer, compression: CopyOptions['compression'], uri: string): Promise<Buffer> {
  if (compression === 'none' || packed.length === 0) return packed;
  try {
    if (compression === 'bzip2') return bunzipped(packed);
    return await (compression === 'gzip' ? gunzipped(packed, { chunkSize: chunkBytes(packed) }) : zstdUnpacked(packed));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Invalid ${compression.toUpperCase()} data in ${uri}: ${reason}`;
    throw new RedshiftError('XX000', message, { cause: error });
  }
}

/** Reads a small object of the statement's own: a manifest, a jsonpaths file. */
export function readObject(reader: Reader, uri: string): Promise<Buffer> {
  return orS3Error(reader, uri, () => reader.objectStore.get(uri, reader.roleArn));
}

async function orS3Error<T>(reader: Reader, uri: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw s3Error(error, uri, reader.queryId);
  }
}
