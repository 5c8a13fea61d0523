import { superLimits } from '../../type-facts.ts';

/** JSON texts, read strictly and without ever making a number of a number. */

export class JsonSyntaxError extends Error {}

/** One value inside a JSON text, by its place. */
export type JsonNode =
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, JsonNode])[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'literal'; readonly text: 'true' | 'false' | 'null' };

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const BLANKS = /[ \t\n\r]*/y;
const LITERAL = /true|false|null/y;

/** Reads a JSON text. Keys that come twice are an error, as they are in JSON_PARSE. */
export function readJson(text: string): JsonNode {
  return new Reader(text, false).document();
}

/** Reads a JSON text whose objects may have a key twice. */
export function readJsonOfRepeatedKeys(text: string): JsonNode {
  return new Reader(text, true).document();
}

class Reader {
  private readonly text: string;
  private readonly keysMayRepeat: boolean;
  private at = 0;

  constructor(text: string, keysMayRepeat: boolean) {
    this.text = text;
    this.keysMayRepeat = keysMayRepeat;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text)?.[0];
    if (match !== undefined) this.at += match.length;
    return match;
  }

  private fail(): JsonSyntaxError {
    return new JsonSyntaxError(`at character ${this.at + 1}`);
  }

  document(): JsonNode {
    const node = this.value(0);
    this.match(BLANKS);
    if (this.at < this.text.length) throw this.fail();
    return node;
  }

  private accept(character: string): boolean {
    this.match(BLANKS);
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private value(depth: number): JsonNode {
    this.match(BLANKS);
    const first = this.text[this.at];
    if (depth >= superLimits.levels && (first === '{' || first === '['))
      throw new JsonSyntaxError(`nesting is deeper than ${superLimits.levels} levels`);
    if (first === '{') return this.object(depth);
    if (first === '[') return this.array(depth);
    if (first === '"') return { kind: 'string', value: this.string() };
    const literal = this.match(LITERAL);
    if (literal !== undefined) return { kind: 'literal', text: literal as 'true' };
    const number = this.match(NUMBER);
    if (number === undefined) throw this.fail();
    return { kind: 'number', text: number };
  }

  private string(): string {
    const token = this.match(STRING);
    if (token === undefined) throw this.fail();
    const text = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
    if (text.length > superLimits.stringBytes / 4 && Buffer.byteLength(text) > superLimits.stringBytes)
      throw new JsonSyntaxError(`a string is longer than ${superLimits.stringBytes} bytes`);
    return text;
  }

  private object(depth: number): JsonNode {
    this.at += 1;
    const entries: [string, JsonNode][] = [];
    const keys = new Set<string>();
    if (this.accept('}')) return { kind: 'object', entries };
    do {
      this.match(BLANKS);
      const key = this.string();
      if (keys.has(key) && !this.keysMayRepeat) throw new JsonSyntaxError(`duplicate key "${key}"`);
      keys.add(key);
      if (!this.accept(':')) throw this.fail();
      entries.push([key, this.value(depth + 1)]);
    } while (this.accept(','));
    if (!this.accept('}')) throw this.fail();
    return { kind: 'object', entries };
  }

  private array(depth: number): JsonNode {
    this.at += 1;
    const items: JsonNode[] = [];
    if (this.accept(']')) return { kind: 'array', items };
    do items.push(this.value(depth + 1));
    while (this.accept(','));
    if (!this.accept(']')) throw this.fail();
    return { kind: 'array', items };
  }
}

const ESCAPE = /\\(?:u00[01][0-9a-f]|.)/g;

/** A text as a JSON string in the spelling that DuckDB has too, so that equal strings are equal texts: control characters as `\u001F`. */
export function quoteJson(text: string): string {
  const quoted = JSON.stringify(text);
  if (!quoted.includes('\\u00')) return quoted;
  return quoted.replace(ESCAPE, (escape) => (escape.length > 2 ? `\\u${escape.slice(2).toUpperCase()}` : escape));
}

/** Writes a value as stored SUPER: no blanks, numbers marked that a double would change. */
export function writeSuper(node: JsonNode): string {
  switch (node.kind) {
    case 'object':
      return `{${node.entries.map(([key, value]) => `${quoteJson(key)}:${writeSuper(value)}`).join(',')}}`;
    case 'array':
      return `[${node.items.map(writeSuper).join(',')}]`;
    case 'string':
      return quoteJson(node.value);
    case 'number':
      return markNumber(node.text);
    default:
      return node.text;
  }
}

/** A number as written, or with an exponent that no double has when a double would not give its digits back. */
export function markNumber(text: string): string {
  if (/e(?:9999$|7777)/.test(text)) return text;
  if (/^-?\d+$/.test(text)) return text === '-0' ? '0' : text;
  const float = /^(.+?)[eE]([+-]?)(\d+)$/.exec(text);
  if (float) return `${float[1]}e7777${float[2] === '-' ? 2 : 1}${Number(float[3])}`;
  return keepsDigits(text) ? text : `${text}e9999`;
}

/** Whether DuckDB prints the double of a decimal as it was written. */
function keepsDigits(text: string): boolean {
  const digits = text.replace(/^-?0*\.?0*|[-.]/g, '');
  if (digits.length > 15 || (text.endsWith('0') && !/^-?\d+\.0$/.test(text)) || /^-?0\.0000/.test(text)) return false;
  return text !== '-0.0';
}

/** A stored number in plain JSON. */
export const unmarkNumber = (text: string): string =>
  text
    .replace(/e9999$/, '')
    .replace(/e77771/, 'e+')
    .replace(/e77772/, 'e-');

const MARKED = /"(?:[^"\\]|\\.)*"|(\d)(?:e9999|e7777([12]))/g;

/** Stored SUPER as plain JSON text: the marks come off, wherever they are not part of a string. */
export function superJson(text: string): string {
  return text.replace(MARKED, (match, digit: string | undefined, sign: string | undefined) => {
    if (digit === undefined) return match;
    return sign === undefined ? digit : `${digit}e${sign === '1' ? '+' : '-'}`;
  });
}
