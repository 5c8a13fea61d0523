import { bytes16, type Code, FunctionBody, i32, i64, repeatWhile, when } from './wasm-assembler.ts';

/** Bytes that one call of the scan may look at. */
export const windowBytes = 256 * 1024;
/** Characters that are looked at together: as many as a mask has bits. */
export const blockBytes = 64;
const pageBytes = 64 * 1024;

/**
 * The scan's machine code: it looks at 64 characters at once, as simdjson does, in masks that have one bit a character. What it keeps after each
 * block (masks of the block before, whether a string is open) is in globals, so that a file can be handed over window by window.
 * `doubtful`, `blanks`, `respelled`, `rows` and `longest` are its answers.
 */
export function lineScanModule(): Uint8Array<ArrayBuffer> {
  const scan = new LineScan();
  return scan.module();
}

const { and, or, xor, add } = i64;
const not = (mask: Code): Code => xor(mask, i64.value(-1n));
const shifted = (mask: Code, by: number): Code => i64.shiftLeft(mask, i64.value(BigInt(by)));
const highest = (mask: Code): Code => i64.shiftRight(mask, i64.value(63n));
const anyOf = (...masks: Code[]): Code => masks.reduce((all, mask) => or(all, mask));
const allOf = (...masks: Code[]): Code => masks.reduce((all, mask) => and(all, mask));

class LineScan {
  readonly #body = new FunctionBody();
  #block: number[] = [];
  /** Masks of this block that the next one asks for. */
  readonly #remembered = new Set<string>();

  module(): Uint8Array<ArrayBuffer> {
    const body = this.#body;
    for (const name of ['doubtful', 'blanks', 'respelled', 'rows', 'longest', 'lineStart', 'base']) body.keep(name);
    body.declare('at', 'i32');
    for (const part of vectorNames) body.declare(part, 'v128');
    this.#strings();
    this.#lines();
    this.#numbers();
    this.#leniences();
    const remember = [...this.#remembered].flatMap((name) => body.set(`${name}Before`, body.get(name)));
    const next = body.set('at', i32.add(body.get('at'), i32.value(blockBytes)));
    const load = vectorNames.flatMap((name, index) => body.set(name, bytes16.load(body.get('at'), index * 16)));
    body.emit(
      repeatWhile([...load, ...this.#block, ...remember, ...next], i32.isBelow(body.get('at'), body.parameter)),
      body.set('base', add(body.get('base'), i64.fromI32(body.parameter))),
    );
    return body.module(windowBytes / pageBytes + 1);
  }

  #get(name: string): Code {
    return this.#body.get(name);
  }

  #set(name: string, mask: Code): void {
    this.#body.declare(name, 'i64');
    this.#assign(name, mask);
  }

  #assign(name: string, mask: Code): void {
    this.#block.push(...this.#body.set(name, mask));
  }

  /** What only some blocks need. */
  #onlyWhere(mask: Code, build: () => void): void {
    const outer = this.#block;
    this.#block = [];
    build();
    outer.push(...when(i64.isNot(mask, i64.value(0n)), this.#block));
    this.#block = outer;
  }

  #mark(answer: string, mask: Code): void {
    this.#assign(answer, or(this.#get(answer), mask));
  }

  /** The name of what the mask was in the block before. */
  #remember(name: string): string {
    const before = `${name}Before`;
    if (!this.#remembered.has(name)) this.#body.keep(before);
    this.#remembered.add(name);
    return before;
  }

  /** Where the character so many places before is in the mask, also when it was in the block before. */
  #after(name: string, by = 1): Code {
    const before = this.#remember(name);
    return or(shifted(this.#get(name), by), i64.shiftRight(this.#get(before), i64.value(BigInt(64 - by))));
  }

  /** The characters of a kind, each of the four vectors asked by itself. */
  #characters(test: Test): Code {
    const quarters = vectorNames.map((vector, index) =>
      shifted(i64.fromI32(bytes16.bits(test(this.#get(vector)))), index * 16),
    );
    return anyOf(...quarters);
  }

  #find(name: string, test: Test): void {
    this.#set(name, this.#characters(test));
  }

  #findOutside(name: string, test: Test): void {
    this.#find(name, test);
    this.#assign(name, and(this.#get(name), this.#get('outside')));
  }

  /** The rest of a run of `kind` from where it starts, which may be in the block before. A sum carries through the run. */
  #follow(name: string, start: Code, kind: string): void {
    const all = and(or(start, highest(this.#get(this.#remember(name)))), this.#get(kind));
    this.#set(name, and(this.#get(kind), not(add(this.#get(kind), all))));
  }

  /** `outside`: what is not in a string. Escaped quotes are no quotes. */
  #strings(): void {
    const body = this.#body;
    for (const [name, character] of [
      ['quotes', '"'],
      ['backslashes', '\\'],
    ] as const)
      this.#find(name, is(character));
    body.keep('escapeNext');
    const hasEscapes = or(this.#get('backslashes'), this.#get('escapeNext'));
    this.#block.push(...when(i64.isNot(hasEscapes, i64.value(0n)), this.#escapes()));
    this.#set('inString', this.#get('quotes'));
    for (const by of [1, 2, 4, 8, 16, 32])
      this.#assign('inString', xor(this.#get('inString'), shifted(this.#get('inString'), by)));
    const open = i64.shiftRightSigned(this.#get(this.#remember('inString')), i64.value(63n));
    this.#assign('inString', xor(this.#get('inString'), open));
    this.#set('outside', not(or(this.#get('inString'), this.#get('quotes'))));
  }

  /** A backslash takes the next character with it; few strings have any, so they are taken one by one. */
  #escapes(): Code {
    const body = this.#body;
    for (const name of ['escaped', 'bit']) body.declare(name, 'i64');
    const get = (name: string): Code => body.get(name);
    const takeOne = [
      ...body.set('bit', and(get('backslashes'), i64.subtract(i64.value(0n), get('backslashes')))),
      ...body.set('escaped', or(get('escaped'), shifted(get('bit'), 1))),
      ...body.set('escapeNext', highest(get('bit'))),
      ...body.set('backslashes', and(get('backslashes'), not(or(get('bit'), shifted(get('bit'), 1))))),
    ];
    return [
      ...body.set('escaped', get('escapeNext')),
      ...body.set('backslashes', and(get('backslashes'), not(get('escapeNext')))),
      ...body.set('escapeNext', i64.value(0n)),
      ...when(
        i64.isNot(get('backslashes'), i64.value(0n)),
        repeatWhile(takeOne, i64.isNot(get('backslashes'), i64.value(0n))),
      ),
      ...body.set('quotes', and(get('quotes'), not(get('escaped')))),
      ...body.set('respelled', or(get('respelled'), and(get('escaped'), this.#characters(either(is('/'), is('u')))))),
    ];
  }

  /** Rows are lines that begin with a brace. One that begins otherwise may be a row or not, or part of one, and is doubtful. */
  #lines(): void {
    const body = this.#body;
    this.#find('newlines', is('\n'));
    this.#find('blank', (vector) => bytes16.isBelow(vector, bytes16.all(0x21)));
    this.#set('starts', this.#after('newlines'));
    this.#assign('rows', add(this.#get('rows'), i64.countOnes(and(this.#get('starts'), not(this.#get('newlines'))))));
    this.#find('braces', is('{'));
    this.#mark('doubtful', and(this.#get('starts'), not(or(this.#get('braces'), this.#get('newlines')))));
    this.#mark('doubtful', and(this.#get('newlines'), this.#get('inString')));
    this.#assign('blank', allOf(this.#get('blank'), this.#get('outside'), not(this.#get('newlines'))));
    this.#mark('blanks', this.#get('blank'));
    for (const name of ['ends', 'end', 'length']) body.declare(name, 'i64');
    const get = (name: string): Code => body.get(name);
    const takeOne = [
      ...body.set('end', add(add(get('base'), i64.fromI32(get('at'))), i64.lowestBit(get('ends')))),
      ...body.set('length', i64.subtract(get('end'), get('lineStart'))),
      ...body.set('longest', longer(get('length'), get('longest'))),
      ...body.set('lineStart', add(get('end'), i64.value(1n))),
      ...body.set('ends', and(get('ends'), i64.subtract(get('ends'), i64.value(1n)))),
    ];
    this.#assign('ends', get('newlines'));
    const any = i64.isNot(get('ends'), i64.value(0n));
    this.#block.push(...when(any, repeatWhile(takeOne, any)));
  }

  /** Numbers that a double might not give back as they were written. */
  #numbers(): void {
    this.#findOutside('digits', (vector) =>
      bytes16.isBelow(bytes16.subtract(vector, bytes16.all(0x30)), bytes16.all(10)),
    );
    for (const [name, character] of [
      ['points', '.'],
      ['zeros', '0'],
    ] as const)
      this.#findOutside(name, is(character));
    this.#set('numerals', or(this.#get('digits'), this.#get('points')));
    this.#fractions();
    this.#findOutside('rare', either(is('-'), isLetter('e'), isLetter('n')));
    for (const name of rareNames) this.#set(name, i64.value(0n));
    this.#onlyWhere(or(this.#get('rare'), this.#get(this.#remember('rare'))), () => this.#rare());
  }

  /** Exponents, zeros with a minus, and what begins with n as NaN does (and Infinity in its midst). */
  #rare(): void {
    for (const [name, test] of [
      ['minuses', is('-')],
      ['exponents', isLetter('e')],
      ['lettersN', isLetter('n')],
    ] as const)
      this.#assign(name, and(this.#characters(test), this.#get('rare')));
    this.#mark('doubtful', and(this.#get('exponents'), this.#after('numerals')));
    this.#mark('doubtful', and(this.#after('lettersN'), not(this.#characters(is('u')))));
    const afterMinusZero = and(this.#after('zeros', 1), this.#after('minuses', 2));
    this.#mark('doubtful', and(afterMinusZero, not(this.#get('points'))));
    const minusZeroPoint = allOf(this.#after('points', 1), this.#after('zeros', 2), this.#after('minuses', 3));
    this.#mark('doubtful', and(this.#get('zeros'), minusZeroPoint));
  }

  /** Fractions of more than one digit that end in 0, those that begin with 000, and those of numbers with more than 16 characters. */
  #fractions(): void {
    this.#follow('fraction', this.#after('points'), 'digits');
    const beyondFirst = allOf(this.#get('zeros'), this.#get('fraction'), not(this.#after('points')));
    this.#set('laterZeros', beyondFirst);
    this.#mark('doubtful', and(this.#after('laterZeros'), not(this.#get('digits'))));
    const manyZeros = allOf(this.#get('zeros'), this.#after('zeros', 1), this.#after('zeros', 2));
    this.#mark('doubtful', and(manyZeros, this.#after('points', 3)));
    let run = 'numerals';
    for (const length of [1, 2, 4, 8]) {
      const longerRun = `runs${length * 2}`;
      this.#set(longerRun, and(this.#get(run), this.#after(run, length)));
      run = longerRun;
    }
    this.#mark('doubtful', allOf(this.#get('fraction'), this.#get('numerals'), this.#after(run)));
  }

  /** What DuckDB's reader takes and JSON does not know: a comma before a closing bracket. */
  #leniences(): void {
    this.#findOutside('commas', is(','));
    this.#findOutside('closing', (vector) => bytes16.equal(bytes16.or(vector, bytes16.all(0x20)), bytes16.all(0x7d)));
    this.#follow('blankAfterComma', this.#after('commas'), 'blank');
    this.#mark('doubtful', and(this.#get('closing'), or(this.#after('commas'), this.#after('blankAfterComma'))));
  }
}

const rareNames = ['minuses', 'exponents', 'lettersN'] as const;
const vectorNames = ['first', 'second', 'third', 'fourth'] as const;

type Test = (vector: Code) => Code;

const either =
  (...tests: Test[]): Test =>
  (vector) =>
    tests.map((test) => test(vector)).reduce((all, test) => bytes16.or(all, test));

const is =
  (character: string): Test =>
  (vector) =>
    bytes16.equal(vector, bytes16.all(character.charCodeAt(0)));

/** The letter, small or large. */
const isLetter =
  (letter: string): Test =>
  (vector) =>
    bytes16.equal(bytes16.or(vector, bytes16.all(0x20)), bytes16.all(letter.charCodeAt(0)));

const longer = (one: Code, other: Code): Code => i64.select(one, other, i64.isAbove(one, other));
