/** Just as much of a WebAssembly assembler as the line scan needs: expressions are the bytes that compute them. */

/** Instructions that leave one value, or none, on the stack. */
export type Code = readonly number[];

type ValueType = 'i32' | 'i64' | 'v128';
const typeBytes: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, v128: 0x7b };

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

const operation =
  (...bytes: number[]) =>
  (...operands: Code[]): Code => [...operands.flat(), ...bytes];
const vector = (code: number): ((...operands: Code[]) => Code) => operation(0xfd, ...unsigned(code));

/** Whole numbers of 32 bits. */
export const i32 = {
  value: (value: number): Code => [0x41, ...signed(BigInt(value))],
  add: operation(0x6a),
  isBelow: operation(0x49),
};

/** Whole numbers of 64 bits: in the line scan, one bit for each of 64 characters. */
export const i64 = {
  value: (value: bigint): Code => [0x42, ...signed(value)],
  isNot: operation(0x52),
  isAbove: operation(0x55),
  select: (yes: Code, no: Code, condition: Code): Code => [...yes, ...no, ...condition, 0x1b],
  lowestBit: operation(0x7a),
  countOnes: operation(0x7b),
  add: operation(0x7c),
  subtract: operation(0x7d),
  and: operation(0x83),
  or: operation(0x84),
  xor: operation(0x85),
  shiftLeft: operation(0x86),
  /** Copies of the highest bit come in from above. */
  shiftRightSigned: operation(0x87),
  shiftRight: operation(0x88),
  fromI32: operation(0xad),
};

/** Sixteen bytes at once. */
export const bytes16 = {
  load: (address: Code, offset: number): Code => [...address, 0xfd, 0x00, 0x00, ...unsigned(offset)],
  /** The same byte sixteen times. */
  all: (value: number): Code => [0xfd, 0x0c, ...Array<number>(16).fill(value)],
  equal: vector(0x23),
  isBelow: vector(0x26),
  subtract: vector(0x71),
  or: vector(0x50),
  /** One bit a byte, as an i32. */
  bits: vector(0x64),
};

/** Repeats its body while the condition that the body ends with holds. */
export const repeatWhile = (body: Code, condition: Code): Code => [0x03, 0x40, ...body, ...condition, 0x0d, 0x00, 0x0b];
export const when = (condition: Code, body: Code): Code => [...condition, 0x04, 0x40, ...body, 0x0b];

/** A function in the making: its parameter is an i32, its variables are named. */
export class FunctionBody {
  readonly #variables = new Map<string, ValueType>();
  readonly #kept: string[] = [];
  readonly #code: number[] = [];
  readonly parameter: Code = [0x20, 0];

  #index(name: string): number[] {
    const index = [...this.#variables.keys()].indexOf(name);
    if (index < 0) throw new Error(`no variable ${name}`);
    return unsigned(index + 1);
  }

  declare(name: string, type: ValueType): string {
    this.#variables.set(name, type);
    return name;
  }

  /** An i64 that keeps its value from one call to the next. */
  keep(name: string): string {
    if (!this.#kept.includes(name)) this.#kept.push(name);
    return this.declare(name, 'i64');
  }

  get(name: string): Code {
    return [0x20, ...this.#index(name)];
  }

  set(name: string, value: Code): Code {
    return [...value, 0x21, ...this.#index(name)];
  }

  emit(...code: Code[]): void {
    this.#code.push(...code.flat());
  }

  /** A module with memory of so many 64 KB pages, the function as `run`, and an export for each value that is kept. */
  module(pages: number): Uint8Array<ArrayBuffer> {
    const load = this.#kept.flatMap((name, index) => this.set(name, [0x23, ...unsigned(index)]));
    const save = this.#kept.flatMap((name, index) => [...this.get(name), 0x24, ...unsigned(index)]);
    const locals = [...this.#variables.values()].flatMap((type) => [1, typeBytes[type]]);
    const body = [...unsigned(this.#variables.size), ...locals, ...load, ...this.#code, ...save, 0x0b];
    const globals = this.#kept.map(() => [typeBytes.i64, 1, 0x42, 0, 0x0b]);
    const exported = [
      [...text('run'), 0, 0],
      [...text('memory'), 2, 0],
      ...this.#kept.map((name, index) => [...text(name), 3, ...unsigned(index)]),
    ];
    return Uint8Array.from([
      ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, [[0x60, 1, typeBytes.i32, 0]]),
      ...section(3, [[0]]),
      ...section(5, [[0, ...unsigned(pages)]]),
      ...section(6, globals),
      ...section(7, exported),
      ...section(10, [[...unsigned(body.length), ...body]]),
    ]);
  }
}

const text = (name: string): number[] => [...unsigned(name.length), ...Buffer.from(name)];

function section(id: number, entries: readonly (readonly number[])[]): number[] {
  const body = [...unsigned(entries.length), ...entries.flat()];
  return [id, ...unsigned(body.length), ...body];
}
