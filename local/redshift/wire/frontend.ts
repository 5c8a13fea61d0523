import { RedshiftError } from '../types.ts';

/** What a client says after startup, decoded. */
export type FrontendMessage =
  | { readonly kind: 'query'; readonly text: string }
  | { readonly kind: 'parse'; readonly name: string; readonly text: string; readonly parameterOids: readonly number[] }
  | BindMessage
  | { readonly kind: 'describe'; readonly target: 'statement' | 'portal'; readonly name: string }
  | { readonly kind: 'execute'; readonly portal: string; readonly maximumRows: number }
  | { readonly kind: 'close'; readonly target: 'statement' | 'portal'; readonly name: string }
  | { readonly kind: 'flush' }
  | { readonly kind: 'sync' }
  | { readonly kind: 'terminate' };

export interface BindMessage {
  readonly kind: 'bind';
  readonly portal: string;
  readonly statement: string;
  readonly parameterFormats: readonly number[];
  readonly parameters: readonly (Buffer | null)[];
  readonly resultFormats: readonly number[];
}

/** A violation of the protocol: the connection ends after it. */
export function protocolViolation(message: string): RedshiftError {
  return new RedshiftError('08P01', message);
}

/** Reads the fields of one message; every read past the end is a protocol violation, never undefined. */
export class FieldReader {
  readonly #body: Buffer;
  #offset = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  #take(length: number): number {
    const start = this.#offset;
    if (length < 0 || start + length > this.#body.length) throw protocolViolation('insufficient data left in message');
    this.#offset = start + length;
    return start;
  }

  byte(): number {
    return this.#body.readUInt8(this.#take(1));
  }

  int16(): number {
    return this.#body.readUInt16BE(this.#take(2));
  }

  int32(): number {
    return this.#body.readInt32BE(this.#take(4));
  }

  bytes(length: number): Buffer {
    const start = this.#take(length);
    return this.#body.subarray(start, start + length);
  }

  rest(): Buffer {
    return this.bytes(this.#body.length - this.#offset);
  }

  text(): string {
    const end = this.#body.indexOf(0, this.#offset);
    if (end < 0) throw protocolViolation('invalid string in message');
    const bytes = this.bytes(end - this.#offset);
    this.#offset += 1;
    return decodeUtf8(bytes);
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.int16() }, read);
  }

  end(): void {
    if (this.#offset !== this.#body.length) throw protocolViolation('invalid message format');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes text from a client; bytes that are not UTF-8 are refused, as Redshift does. */
export function decodeUtf8(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new RedshiftError('22021', 'invalid byte sequence for encoding "UTF8"');
  }
}

/** Decodes one message. Throws a protocol violation for what the protocol does not know. */
export function decodeFrontendMessage(type: number, body: Buffer): FrontendMessage {
  const reader = new FieldReader(body);
  const message = decodeFields(String.fromCharCode(type), reader);
  reader.end();
  return message;
}

function decodeFields(type: string, reader: FieldReader): FrontendMessage {
  switch (type) {
    case 'Q':
      return { kind: 'query', text: reader.text() };
    case 'P':
      return {
        kind: 'parse',
        name: reader.text(),
        text: reader.text(),
        parameterOids: reader.list(() => reader.int32()),
      };
    case 'B':
      return decodeBind(reader);
    case 'D':
      return { kind: 'describe', target: targetOf(reader.byte()), name: reader.text() };
    case 'E':
      return { kind: 'execute', portal: reader.text(), maximumRows: reader.int32() };
    case 'C':
      return { kind: 'close', target: targetOf(reader.byte()), name: reader.text() };
    case 'H':
      return { kind: 'flush' };
    case 'S':
      return { kind: 'sync' };
    case 'X':
      return { kind: 'terminate' };
    default:
      throw protocolViolation(`invalid frontend message type ${type.charCodeAt(0)}`);
  }
}

function decodeBind(reader: FieldReader): BindMessage {
  return {
    kind: 'bind',
    portal: reader.text(),
    statement: reader.text(),
    parameterFormats: reader.list(() => reader.int16()),
    parameters: reader.list(() => {
      const length = reader.int32();
      return length === -1 ? null : reader.bytes(length);
    }),
    resultFormats: reader.list(() => reader.int16()),
  };
}

function targetOf(byte: number): 'statement' | 'portal' {
  if (byte === 0x53) return 'statement';
  if (byte === 0x50) return 'portal';
  throw protocolViolation(`invalid message subtype ${byte}`);
}
