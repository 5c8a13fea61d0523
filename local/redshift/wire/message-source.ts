import type { Duplex } from 'node:stream';
import { protocolViolation } from './frontend.ts';

/** One message as it lies on the wire; startup packets have no type. */
export interface Frame {
  readonly type: number;
  readonly body: Buffer;
}

const readAheadBytes = 256 * 1024;

/**
 * Cuts a byte stream into messages and hands them out one at a time. Reading stops while more than a little is
 * waiting, so that a client that sends faster than its statements run does not fill the memory.
 */
export class MessageSource {
  #stream: Duplex;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #wake: (() => void) | undefined;
  readonly #maximumBytes: number;

  constructor(stream: Duplex, maximumBytes: number) {
    this.#maximumBytes = maximumBytes;
    this.#stream = stream;
    this.attach(stream);
  }

  attach(stream: Duplex): void {
    this.#stream = stream;
    stream.on('data', this.#receive);
    stream.on('end', this.#finish);
    stream.on('close', this.#finish);
    stream.on('error', this.#finish);
  }

  /** Lets go of the stream before TLS takes it over. Bytes sent ahead of the handshake are an attack, not a client. */
  detach(): void {
    if (this.#bytes > 0) throw protocolViolation('received unencrypted data after SSL request');
    this.#stream.off('data', this.#receive);
    this.#stream.off('end', this.#finish);
    this.#stream.off('close', this.#finish);
    this.#stream.pause();
  }

  /** The next startup packet, or undefined when the client is gone. */
  async nextStartup(maximumBytes: number): Promise<Buffer | undefined> {
    const header = await this.#peek(4);
    if (!header) return undefined;
    const length = header.readInt32BE(0);
    if (length < 8 || length > maximumBytes) throw protocolViolation('invalid length of startup packet');
    const packet = await this.#peek(length);
    if (!packet) return undefined;
    this.#drop(length);
    return packet.subarray(4, length);
  }

  /** The next message, or undefined when the client is gone. */
  async next(maximumBytes: number = this.#maximumBytes): Promise<Frame | undefined> {
    const header = await this.#peek(5);
    if (!header) return undefined;
    const length = header.readInt32BE(1);
    if (length < 4) throw protocolViolation('invalid message length');
    if (length > maximumBytes) throw protocolViolation(`message of ${length} bytes exceeds ${maximumBytes} bytes`);
    const message = await this.#peek(length + 1);
    if (!message) return undefined;
    this.#drop(length + 1);
    return { type: message.readUInt8(0), body: message.subarray(5, length + 1) };
  }

  readonly #receive = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > readAheadBytes && !this.#wake) this.#stream.pause();
    this.#wake?.();
  };

  readonly #finish = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  async #peek(length: number): Promise<Buffer | undefined> {
    while (this.#bytes < length) {
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#stream.resume();
      });
      this.#wake = undefined;
    }
    const first = this.#chunks[0];
    if (first && first.length >= length) return first;
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }

  #drop(length: number): void {
    this.#bytes -= length;
    const rest = this.#chunks[0]?.subarray(length);
    if (rest && rest.length > 0) this.#chunks[0] = rest;
    else this.#chunks.shift();
  }
}
