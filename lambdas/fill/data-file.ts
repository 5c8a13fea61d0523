import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { ExportFile } from '../../lib/pipeline/dynamodb-export.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { ObjectReader } from '../aws/object-reader.ts';

/**
 * The lines of a data file, read piece by piece; after the last one the file is what the manifest says, or there is an error
 * that names it: EXPORT_FILE_MISSING, EXPORT_FILE_CHANGED, EXPORT_FILE_BROKEN, EXPORT_COUNT_DIFFERS.
 */
export async function* linesOfFile(file: ExportFile, lake: ObjectReader): AsyncGenerator<Buffer> {
  const key = file.dataFileS3Key;
  const opened = await lake.open(key);
  if (!opened)
    throw new MillraceError('EXPORT_FILE_MISSING', `${key} is listed by the manifest and is not in the lake`);
  if (opened.eTag !== file.etag)
    throw new MillraceError(
      'EXPORT_FILE_CHANGED',
      `${key} has the ETag ${opened.eTag}; the manifest says ${file.etag}`,
    );
  // The documentation does not say whether the checksum is of the compressed bytes or of those in them: either will do.
  const [packed, plain] = [createHash('md5'), createHash('md5')];
  let count = 0;
  for await (const line of splitLines(unpacked(opened.body, packed, plain, key))) {
    count += 1;
    yield line;
  }
  const digests = [packed, plain].map((hash) => hash.digest('base64'));
  if (!digests.includes(file.md5Checksum))
    throw new MillraceError('EXPORT_FILE_CHANGED', `${key} does not have the checksum that the manifest says`);
  if (count !== file.itemCount)
    throw new MillraceError('EXPORT_COUNT_DIFFERS', `${key} has ${count} lines; the manifest says ${file.itemCount}`);
}

type Hash = ReturnType<typeof createHash>;

async function* unpacked(
  body: AsyncIterable<Uint8Array>,
  packed: Hash,
  plain: Hash,
  key: string,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const flow = pipeline(Readable.from(hashed(body, packed)), gunzip).catch((cause: unknown) => {
    throw new MillraceError('EXPORT_FILE_BROKEN', `${key} cannot be unpacked: ${(cause as Error).message}`, { cause });
  });
  // Whoever reads the other end hears of it there first; here it is thrown on.
  flow.catch(() => {});
  try {
    for await (const chunk of gunzip) {
      plain.update(chunk as Buffer);
      yield chunk as Buffer;
    }
  } catch {
    // The flow says it with the name of the file.
  }
  await flow;
}

async function* hashed(body: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    hash.update(chunk);
    yield chunk;
  }
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]);
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}
