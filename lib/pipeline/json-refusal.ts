import type { JsonRefusalCode } from './json-limits.ts';

/** Thrown inside the JSON scanner and writer, caught at their door: outside, a refusal is an expected outcome. */
export class JsonRefusal extends Error {
  readonly code: JsonRefusalCode;

  constructor(code: JsonRefusalCode, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** A grammar error, said with the byte and its place. */
export function unexpectedByte(bytes: Uint8Array, at: number, where: string): JsonRefusal {
  const byte = bytes[at];
  if (byte === undefined) return new JsonRefusal('NOT_JSON', `is not JSON: ends ${where}, after ${at} bytes`);
  const isVisible = byte > 0x20 && byte < 0x7f;
  const shown = isVisible ? `'${String.fromCharCode(byte)}'` : `byte 0x${byte.toString(16).padStart(2, '0')}`;
  return new JsonRefusal('NOT_JSON', `is not JSON: ${shown} ${where}, at byte ${at}`);
}
