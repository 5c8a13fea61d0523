import {
  type JsonNode,
  JsonSyntaxError,
  markNumber,
  quoteJson,
  readJson,
  readJsonOfRepeatedKeys,
  superJson,
  unmarkNumber,
  writeSuper,
} from './json-text.ts';
import { compareDigits, computeDigits, type Digits, printDigits, readDigits } from './numbers.ts';
import type { RuntimeFunction } from './runtime.ts';

type Scalar = string | null;

/** What a stored SUPER is, by its first character. */
function superKind(text: string): 'object' | 'array' | 'string' | 'boolean' | 'null' | 'number' {
  switch (text[0]) {
    case '{':
      return 'object';
    case '[':
      return 'array';
    case '"':
      return 'string';
    case 't':
    case 'f':
      return 'boolean';
    case 'n':
      return 'null';
    default:
      return 'number';
  }
}

function parse(text: Scalar): Scalar {
  if (text === null) return null;
  try {
    return writeSuper(readJson(text));
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      throw new Error(`[22P02] error: The input has invalid JSON string. Error: ${error.message}`);
    throw error;
  }
}

const isFloat = (text: string): boolean => /e/i.test(unmarkNumber(text));

function compare(operator: string, a: string, b: string): boolean | null {
  const [x, y] = [superKind(a), superKind(b)];
  if (x === 'null' || y === 'null') return null;
  const equality = operator === '=' || operator === '<>';
  if (x !== y) return equality ? operator === '<>' : null;
  if (x === 'object' || x === 'array') return equality ? (canonical(a) === canonical(b)) === (operator === '=') : null;
  const order = orderOf(x, a, b);
  if (order === undefined) return null;
  return (
    { '=': order === 0, '<>': order !== 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[
      operator
    ] ?? null
  );
}

function orderOf(kind: string, a: string, b: string): number | undefined {
  if (kind === 'number') {
    const [x, y] = [readDigits(a), readDigits(b)];
    return x && y ? compareDigits(x, y) : undefined;
  }
  if (kind === 'boolean') return Number(a === 'true') - Number(b === 'true');
  const [x, y] = [a, b].map((text) => Buffer.from(withoutBlanks(JSON.parse(text) as string))) as [Buffer, Buffer];
  return Buffer.compare(x, y);
}

/** Blanks at the end of a string do not count when it is compared. */
const withoutBlanks = (text: string): string => (text.endsWith(' ') ? text.replace(/ +$/, '') : text);

/** One spelling for equal values: numbers without idle zeros, strings without blanks at their end, keys in order. */
export function canonical(text: string): string {
  return writeCanonical(readJson(text));
}

function writeCanonical(node: JsonNode): string {
  if (node.kind === 'number') return canonicalNumber(node.text);
  if (node.kind === 'string') return quoteJson(withoutBlanks(node.value));
  if (node.kind === 'array') return `[${node.items.map(writeCanonical).join(',')}]`;
  if (node.kind !== 'object') return writeSuper(node);
  const entries = [...node.entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, value]) => `${quoteJson(key)}:${writeCanonical(value)}`).join(',')}}`;
}

function canonicalNumber(text: string): string {
  const digits = readDigits(text);
  if (!digits) return unmarkNumber(text);
  const printed = printDigits(digits.units, digits.scale);
  return printed.includes('.') ? printed.replace(/\.?0+$/, '') : printed;
}

const DIVISION_SCALE = 4;
const MAXIMUM_DIGITS = 38;

function arithmetic(operator: string, a: string, b: string): Scalar {
  const [x, y] = [superKind(a), superKind(b)];
  if (x === 'string' && y === 'string' && operator === '+')
    return quoteJson((JSON.parse(a) as string) + (JSON.parse(b) as string));
  if (x !== 'number' || y !== 'number') return null;
  if (operator === '^' || isFloat(a) || isFloat(b))
    return floatArithmetic(operator, Number(unmarkNumber(a)), Number(unmarkNumber(b)));
  const [left, right] = [readDigits(a), readDigits(b)];
  if (!left || !right) return null;
  return exactArithmetic(operator, left, right);
}

function exactArithmetic(operator: string, left: Digits, right: Digits): Scalar {
  const integers = left.scale === 0 && right.scale === 0;
  if (right.units === 0n && (operator === '/' || operator === '%')) throw new Error('[22012] division by zero');
  const scale = integers
    ? 0
    : operator === '*'
      ? left.scale + right.scale
      : operator === '/'
        ? Math.max(DIVISION_SCALE, left.scale)
        : Math.max(left.scale, right.scale);
  const result = computeDigits(operator, left, right, scale);
  return result === undefined ? null : markNumber(within38Digits(result));
}

/** A decimal has 38 digits: those behind the point give way to those before it, and when these are too many, that is an overflow. */
function within38Digits(text: string): string {
  const [whole = '', fraction = ''] = text.split('.');
  const wholeDigits = whole.replace(/^-?0*/, '').length;
  if (wholeDigits > MAXIMUM_DIGITS) throw new Error('[22003] Numeric data overflow (result precision)');
  const places = Math.min(fraction.length, MAXIMUM_DIGITS - wholeDigits);
  return places === 0 ? whole : `${whole}.${fraction.slice(0, places)}`;
}

function floatArithmetic(operator: string, a: number, b: number): Scalar {
  if (b === 0 && (operator === '/' || operator === '%')) throw new Error('[22012] division by zero');
  const value = { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '%': a % b }[operator] ?? a ** b;
  if (!Number.isFinite(value)) throw new Error('[22003] value out of range: overflow');
  return floatSuper(value);
}

/** A float as SUPER keeps it: with an exponent, which is how it differs from DECIMAL. */
function floatSuper(value: number): Scalar {
  if (!Number.isFinite(value)) return null;
  return markNumber(value.toExponential());
}

interface Transform {
  readonly keep: readonly (readonly string[])[] | null;
  readonly set: readonly (readonly string[])[];
}

/** OBJECT_TRANSFORM: keeps the named paths, then puts values at others that exist under a kept or present object. */
function objectTransform(shapeText: string, inputText: string, values: readonly string[]): Scalar {
  const shape = JSON.parse(shapeText) as Transform;
  let node = readJson(inputText);
  if (node.kind !== 'object') return null;
  if (shape.keep) node = keepPaths(node, shape.keep);
  shape.set.forEach((path, i) => {
    node = setPath(node, path, readJson(values[i] as string));
  });
  return writeSuper(node);
}

function keepPaths(node: JsonNode, paths: readonly (readonly string[])[]): JsonNode {
  if (paths.some((path) => path.length === 0)) return node;
  if (node.kind !== 'object') return node;
  const entries = node.entries.flatMap(([key, value]) => {
    const below = paths.filter((path) => path[0] === key).map((path) => path.slice(1));
    return below.length === 0 ? [] : [[key, keepPaths(value, below)] as const];
  });
  return { kind: 'object', entries };
}

function setPath(node: JsonNode, path: readonly string[], value: JsonNode): JsonNode {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (node.kind !== 'object') return node;
  const known = node.entries.some(([name]) => name === key);
  const entries = node.entries.map(([name, old]) => [name, name === key ? setPath(old, rest, value) : old] as const);
  if (known) return { kind: 'object', entries };
  return rest.length === 0 ? { kind: 'object', entries: [...node.entries, [key, value]] } : node;
}

/** What COPY reads: NULL for what is no JSON; keys that come twice stay, as they do on COPY's quick way. */
function parseLax(text: string): Scalar {
  try {
    return writeSuper(readJsonOfRepeatedKeys(text));
  } catch (error) {
    if (error instanceof JsonSyntaxError) return null;
    throw error;
  }
}

function canParse(text: string): string {
  try {
    readJson(text);
    return 'true';
  } catch (error) {
    if (error instanceof JsonSyntaxError) return 'false';
    throw error;
  }
}

const strict =
  (body: (...args: string[]) => Scalar | boolean): ((...args: Scalar[]) => Scalar) =>
  (...args) => {
    if (args.some((arg) => arg === null)) return null;
    const result = body(...(args as string[]));
    return typeof result === 'boolean' ? String(result) : result;
  };

/** Digits of a DECIMAL inside SUPER; NULL for anything else. */
function decimalShape(text: string, what: string): Scalar {
  if (superKind(text) !== 'number' || isFloat(text)) return null;
  const digits = readDigits(text);
  if (!digits) return null;
  const precision = Math.max(digits.units.toString().replace('-', '').length, digits.scale);
  return String(what === 'scale' ? digits.scale : precision);
}

export const SUPER_RUNTIME: readonly RuntimeFunction[] = [
  {
    name: 'mr_decimal_shape',
    parameters: 2,
    body: strict((text, what) => decimalShape(text as string, what as string)),
  },
  { name: 'mr_json_parse', parameters: 1, body: parse },
  { name: 'mr_json_parse_lax', parameters: 1, body: strict((text) => parseLax(text as string)) },
  { name: 'mr_can_json_parse', parameters: 1, body: strict(canParse) },
  { name: 'mr_super_json', parameters: 1, body: strict(superJson) },
  { name: 'mr_super_key', parameters: 1, body: strict(canonical) },
  {
    name: 'mr_super_compare',
    parameters: 3,
    body: strict((operator, a, b) => compare(operator as string, a as string, b as string) as boolean),
  },
  {
    name: 'mr_super_arithmetic',
    parameters: 3,
    body: strict((operator, a, b) => arithmetic(operator as string, a as string, b as string)),
  },
  { name: 'mr_float_super', parameters: 1, body: strict((text) => floatSuper(Number(text))) },
  {
    name: 'mr_object_transform',
    parameters: 'any',
    body: (shape, input, ...values) =>
      shape == null || input == null
        ? null
        : objectTransform(
            shape,
            input,
            values.map((value) => value ?? 'null'),
          ),
  },
];
