import type { Duplex } from 'node:stream';

const flushBytes = 64 * 1024;

/** Builds what the server says and sends it in large pieces, waiting for slow readers. */
export class MessageSink {
  #stream: Duplex;
  #buffer: Buffer = Buffer.allocUnsafe(4096);
  #length = 0;
  #messageStart = 0;
  #isOpen = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  attach(stream: Duplex): void {
    this.#stream = stream;
  }

  /** Begins a message. One that was begun and not ended, because of an error on the way, is taken back. */
  begin(type: string): this {
    if (this.#isOpen) this.#length = this.#messageStart;
    this.#isOpen = true;
    this.#messageStart = this.#length;
    return this.byte(type.charCodeAt(0)).int32(0);
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#length = this.#buffer.writeUInt8(value, this.#length);
    return this;
  }

  int16(value: number): this {
    this.#reserve(2);
    this.#length = this.#buffer.writeInt16BE(value, this.#length);
    return this;
  }

  int32(value: number): this {
    this.#reserve(4);
    this.#length = this.#buffer.writeInt32BE(value, this.#length);
    return this;
  }

  /** A zero-terminated string. A zero inside it would end it early, so it is left out. */
  text(value: string): this {
    const clean = value.includes('\0') ? value.replaceAll('\0', '') : value;
    const size = Buffer.byteLength(clean);
    this.#reserve(size + 1);
    this.#buffer.write(clean, this.#length);
    this.#length += size;
    return this.byte(0);
  }

  bytes(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** A value with its length before it; null is length −1. */
  cell(value: string | Uint8Array | null): this {
    if (value === null) return this.int32(-1);
    if (typeof value !== 'string') return this.int32(value.length).bytes(value);
    const size = Buffer.byteLength(value);
    this.int32(size);
    this.#reserve(size);
    this.#buffer.write(value, this.#length);
    this.#length += size;
    return this;
  }

  end(): this {
    this.#buffer.writeInt32BE(this.#length - this.#messageStart - 1, this.#messageStart + 1);
    this.#isOpen = false;
    return this;
  }

  /** True once enough is waiting that `flush` should be awaited. */
  get full(): boolean {
    return this.#length >= flushBytes;
  }

  /** Sends what is waiting; resolves once the reader keeps up, or is gone. */
  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const piece = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    if (this.#buffer.length > 4 * flushBytes) this.#buffer = Buffer.allocUnsafe(4096);
    if (this.#stream.destroyed || !this.#stream.writable) return;
    if (!this.#stream.write(piece)) await drained(this.#stream);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + size));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

function drained(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      stream.off('error', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
    stream.on('error', done);
  });
}
