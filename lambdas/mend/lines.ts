import { once } from 'node:events';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { compressor } from '../../lib/pipeline/batch.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { Codec } from '../../lib/pipeline/names.ts';

/** Thrown where an object cannot be unpacked; the message says why. */
export class Unreadable extends MillraceError {
  constructor(reason: string, cause?: unknown) {
    super('OBJECT_UNREADABLE', reason, { cause });
  }
}

/** Large enough for the longest line there may be, many times over; small enough for memory, should there be no line feed at all. */
const lineBytesAtMost = 64 * 1024 * 1024;
const pieceBytes = 256 * 1024;
const lineFeed = 0x0a;

/** The lines of a packed object without their line feeds, in groups: as they are unpacked, never all of them at once. */
export async function* linesOf(packed: Uint8Array, codec: Codec): AsyncGenerator<Uint8Array[]> {
  let carried: Uint8Array[] = [];
  let carriedBytes = 0;
  for await (const piece of unpacked(packed, codec)) {
    const last = piece.lastIndexOf(lineFeed);
    if (last < 0) {
      carried.push(piece);
      carriedBytes += piece.length;
      if (carriedBytes > lineBytesAtMost) throw new Unreadable(`has a line of more than ${lineBytesAtMost} bytes`);
      continue;
    }
    yield split(Buffer.concat([...carried, piece.subarray(0, last)]));
    carried = [piece.subarray(last + 1)];
    carriedBytes = piece.length - last - 1;
  }
  const rest = Buffer.concat(carried);
  if (rest.length > 0) yield [rest];
}

function split(bytes: Buffer): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  lines.push(bytes.subarray(start));
  return lines;
}

async function* unpacked(packed: Uint8Array, codec: Codec): AsyncGenerator<Buffer> {
  if (packed.length === 0) throw new Unreadable('is empty');
  try {
    yield* codec === 'gzip' ? gunzipped(packed) : zstdUnpacked(packed);
  } catch (error) {
    throw new Unreadable(`is no whole ${codec} file: ${(error as Error).message}`, error);
  }
}

async function* gunzipped(packed: Uint8Array): AsyncGenerator<Buffer> {
  const engine = createGunzip({ chunkSize: pieceBytes });
  engine.end(packed);
  yield* engine;
}

/** Node unpacks the first frame of a Zstandard file and stays silent about the others; Redshift reads all of them. */
async function* zstdUnpacked(packed: Uint8Array): AsyncGenerator<Buffer> {
  for (let rest = packed; rest.length > 0; ) {
    const engine = createZstdDecompress({ chunkSize: pieceBytes });
    engine.end(rest);
    yield* engine;
    if (engine.bytesWritten === 0) throw new Error('unexpected end of file');
    rest = rest.subarray(engine.bytesWritten);
  }
}

/** Packs lines as they come; only what is packed stays in memory. */
export class PackedLines {
  readonly #engine;
  readonly #packed: Buffer[] = [];
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  count = 0;

  constructor(codec: Codec) {
    this.#engine = compressor(codec);
    this.#engine.on('data', (piece: Buffer) => this.#packed.push(piece));
  }

  add(line: Uint8Array): void {
    this.#waiting.push(line, Buffer.of(lineFeed));
    this.#waitingBytes += line.length + 1;
    this.count += 1;
  }

  /** Lets go of the lines that were added, once they are enough to be worth it. */
  async flush(leastBytes = pieceBytes): Promise<void> {
    if (this.#waitingBytes < leastBytes) return;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (!this.#engine.write(bytes)) await once(this.#engine, 'drain');
  }

  /** All that was added, packed. */
  async end(): Promise<Buffer> {
    await this.flush(1);
    const ended = once(this.#engine, 'end');
    this.#engine.end();
    await ended;
    return Buffer.concat(this.#packed);
  }
}
