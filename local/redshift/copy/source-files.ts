import { createGunzip, createZstdDecompress, gunzipSync, zstdDecompressSync } from 'node:zlib';
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

/** An object that has been fetched. Its content is taken out of its compression each time that it is asked for, and not kept. */
export interface SourceFile {
  readonly uri: string;
  /** As it lies in the store. */
  readonly sizeBytes: number;
  /** The content as a whole. */
  body(): Promise<Buffer>;
  /** The content piece by piece, so that a large file is never in memory as a whole. A piece is gone once the next one is asked for. */
  pieces(): AsyncIterable<Buffer>;
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

/** Fetches one object; undefined when it is gone and need not be there. */
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
  const unpacked = (): AsyncGenerator<Buffer> => unpackedPieces(packed, compression, object.uri);
  const found = { uri: object.uri, sizeBytes: packed.length };
  if (compression === 'none') return { ...found, pieces: unpacked, body: async () => packed };
  return { ...found, pieces: () => givenBack(unpacked()), body: () => joined(unpacked()) };
}

/** A file whose content has been changed since it was fetched. */
export function changedFile(file: SourceFile, body: Buffer): SourceFile {
  return { ...file, body: async () => body, pieces: () => unpackedPieces(body, 'none', file.uri) };
}

/** Memory of a piece that has been used is for the next one: garbage collection would come too late, and new memory costs more than unpacking. */
async function* givenBack(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    yield piece;
    const buffer = piece.buffer as ArrayBuffer;
    if (buffer.byteLength === piece.length) buffer.transfer(0);
  }
}

async function joined(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return all.length === 1 ? (all[0] as Buffer) : Buffer.concat(all);
}

const leastPieceBytes = 64 * 1024;
/** zlib's own pieces of 16 KB take twice the time; larger ones than this no longer stay in the processor's cache. */
const mostPieceBytes = 512 * 1024;
/** Most files unpack to no more than so many times their size, and need no larger piece. */
const usualTimesSmaller = 16;

function pieceBytes(packed: Buffer): number {
  return Math.min(mostPieceBytes, Math.max(leastPieceBytes, packed.length * usualTimesSmaller));
}

/** What is so small is unpacked sooner than a stream is set up. */
const smallPackedBytes = 16 * 1024;

async function* gunzipped(packed: Buffer): AsyncGenerator<Buffer> {
  if (packed.length <= smallPackedBytes) return yield gunzipSync(packed);
  const engine = createGunzip({ chunkSize: pieceBytes(packed) });
  engine.end(packed);
  yield* engine;
}

/** Node unpacks the first frame of a Zstandard file and stays silent about the others; Redshift reads all of them. */
async function* zstdUnpacked(packed: Buffer): AsyncGenerator<Buffer> {
  for (let rest = packed; rest.length > 0; ) {
    const readBytes = yield* rest.length <= smallPackedBytes ? smallFrame(rest) : largeFrame(rest);
    if (readBytes === 0) throw new Error('unexpected end of file');
    rest = rest.subarray(readBytes);
  }
}

/** Gives how many bytes the frame took. */
async function* largeFrame(packed: Buffer): AsyncGenerator<Buffer, number> {
  const engine = createZstdDecompress({ chunkSize: pieceBytes(packed) });
  engine.end(packed);
  yield* engine;
  return engine.bytesWritten;
}

/** The types of zlib do not know what `info` answers. */
interface Unpacked {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

async function* smallFrame(packed: Buffer): AsyncGenerator<Buffer, number> {
  const { buffer, engine } = zstdDecompressSync(packed, { info: true }) as unknown as Unpacked;
  yield buffer;
  return engine.bytesWritten;
}

function* piecesOf(body: Buffer): Generator<Buffer> {
  for (let start = 0; start < body.length; start += mostPieceBytes) yield body.subarray(start, start + mostPieceBytes);
}

async function* unpackedPieces(
  packed: Buffer,
  compression: CopyOptions['compression'],
  uri: string,
): AsyncGenerator<Buffer> {
  try {
    if (compression === 'none' || packed.length === 0) yield* piecesOf(packed);
    else if (compression === 'bzip2') yield* piecesOf(bunzipped(packed));
    else yield* compression === 'gzip' ? gunzipped(packed) : zstdUnpacked(packed);
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
