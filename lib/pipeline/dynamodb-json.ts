import { jsonLimits } from './json-limits.ts';
import type { QuarantineCode } from './quarantine.ts';

/** Thrown while attribute values are written, caught by the record's intake. */
export class AttributeRefusal extends Error {
  readonly code: QuarantineCode;

  constructor(code: QuarantineCode, reason: string) {
    super(reason);
    this.code = code;
  }
}

/**
 * Writes an item, attribute values as DynamoDB Streams deliver them to Lambda, as plain JSON text: a number's digits are its
 * own, a set is an array in the order of its text (DynamoDB gives none), binary stays the base64 it is in the event. Never
 * through a JavaScript number. Throws an AttributeRefusal.
 */
export function writeItem(item: unknown): string {
  return writeMap(item, 1);
}

/** The same with sorted names: one key, one text, whatever order it came in. */
export function writeCanonicalItem(item: unknown): string {
  const entries = Object.entries(mapOf(item)).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${writeValue(value, 1)}`).join(',')}}`;
}

function writeMap(map: unknown, depth: number): string {
  if (depth > jsonLimits.depth) throw new AttributeRefusal('TOO_DEEP', `nests deeper than ${jsonLimits.depth} levels`);
  let text = '';
  for (const [name, value] of Object.entries(mapOf(map))) {
    text += `${text && ','}${JSON.stringify(name)}:${writeValue(value, depth)}`;
  }
  return `{${text}}`;
}

function writeList(list: unknown, depth: number): string {
  if (depth > jsonLimits.depth) throw new AttributeRefusal('TOO_DEEP', `nests deeper than ${jsonLimits.depth} levels`);
  let text = '';
  for (const value of listOf(list)) text += `${text && ','}${writeValue(value, depth)}`;
  return `[${text}]`;
}

function writeValue(attribute: unknown, depth: number): string {
  const entries = Object.entries(mapOf(attribute));
  const [type, value] = entries[0] ?? ['nothing', undefined];
  if (entries.length !== 1) throw unknownType(entries.map(([name]) => name).join(' and ') || 'no type');
  switch (type) {
    case 'S':
    case 'B':
      return JSON.stringify(textOf(value));
    case 'N':
      return jsonNumber(textOf(value));
    case 'BOOL':
      return value === true || value === 'true' ? 'true' : 'false';
    case 'NULL':
      return 'null';
    case 'M':
      return writeMap(value, depth + 1);
    case 'L':
      return writeList(value, depth + 1);
    case 'SS':
    case 'BS':
      return `[${listOf(value)
        .map(textOf)
        .sort()
        .map((text) => JSON.stringify(text))
        .join(',')}]`;
    case 'NS':
      return `[${listOf(value).map(textOf).sort().map(jsonNumber).join(',')}]`;
    default:
      throw unknownType(type);
  }
}

const decimal = /^([+-]?)0*(\d*?)(?:\.(\d*))?([eE][+-]?\d+)?$/;

/** A DynamoDB number as a JSON number: only what JSON's grammar asks for is changed (a plus sign, zeros before the first digit). */
export function jsonNumber(text: string): string {
  const match = decimal.exec(text);
  if (!match || !/\d/.test(text.replace(/[eE].*/, ''))) {
    throw new AttributeRefusal(
      'MALFORMED_RECORD',
      `has an attribute of type N that is no number: ${JSON.stringify(text.slice(0, 60))}`,
    );
  }
  const [, sign, integer, fraction, exponent = ''] = match;
  return `${sign === '-' ? '-' : ''}${integer || '0'}${fraction ? `.${fraction}` : ''}${exponent}`;
}

function mapOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new AttributeRefusal('MALFORMED_RECORD', 'has something else where attribute values should be');
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw new AttributeRefusal('MALFORMED_RECORD', 'has a list or set attribute that is no array');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new AttributeRefusal(
    'MALFORMED_RECORD',
    `has an attribute of type S, N or B that is no string but ${typeof value}`,
  );
}

function unknownType(type: string): AttributeRefusal {
  return new AttributeRefusal('UNKNOWN_ATTRIBUTE_TYPE', `has an attribute of the unknown type ${type}`);
}
