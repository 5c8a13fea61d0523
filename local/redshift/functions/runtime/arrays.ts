import { type JsonNode, readJson, writeSuper } from './json-text.ts';
import { compareDigits, readDigits } from './numbers.ts';
import type { RuntimeFunction } from './runtime.ts';
import { canonical } from './super.ts';

type Scalar = string | null;
const strict =
  (body: (...args: string[]) => Scalar): ((...args: Scalar[]) => Scalar) =>
  (...args) =>
    args.some((arg) => arg === null) ? null : body(...(args as string[]));

/** The elements of an array as stored SUPER texts; undefined when the value is no array. */
function elements(text: string): string[] | undefined {
  const node = readJson(text);
  return node.kind === 'array' ? node.items.map(writeSuper) : undefined;
}

const arrayOf = (items: readonly string[]): string => `[${items.join(',')}]`;

/** A scalar among the arguments stands for an array of itself. */
function concat(...lists: string[]): string {
  return arrayOf(lists.flatMap((list) => elements(list) ?? [list]));
}

function flatten(...lists: string[]): Scalar {
  const parsed = lists.map(readJson);
  return parsed.some((node) => node.kind !== 'array') ? null : arrayOf(parsed.flatMap(leaves));
}

const leaves = (node: JsonNode): string[] => (node.kind === 'array' ? node.items.flatMap(leaves) : [writeSuper(node)]);

function subarray(text: string, fromText: string, countText: string): Scalar {
  const items = elements(text);
  if (!items) return null;
  const [from, count] = [Number(fromText), Number(countText)];
  return from < 0 || count < 0 || from > items.length ? null : arrayOf(items.slice(from, from + count));
}

const RANKS: Readonly<Record<string, number>> = { t: 1, f: 1, '"': 3, '[': 4, '{': 5 };

const rank = (item: string): number => (item === 'null' ? 9 : (RANKS[item[0] as string] ?? 2));

function order(a: string, b: string): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (rank(a) === 2) {
    const [x, y] = [readDigits(a), readDigits(b)];
    return x && y ? compareDigits(x, y) : 0;
  }
  const [x, y] = a[0] === '"' ? [JSON.parse(a) as string, JSON.parse(b) as string] : [a, b];
  return Buffer.compare(Buffer.from(x), Buffer.from(y));
}

/** NULL is the largest value, so it comes last going up and first going down, unless the last argument says. */
function sort(text: string, ascending: string, nullsFirst: string): Scalar {
  const items = elements(text);
  if (!items) return null;
  const up = ascending !== 'false';
  const nulls = items.filter((item) => item === 'null');
  const values = items.filter((item) => item !== 'null').sort(up ? order : (a, b) => order(b, a));
  const first = nullsFirst === '' ? !up : nullsFirst === 'true';
  return arrayOf(first ? [...nulls, ...values] : [...values, ...nulls]);
}

function distinct(items: readonly string[]): string[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = canonical(item);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function combineLists(lists: readonly string[], pick: (lists: readonly string[][]) => string[]): Scalar {
  const parsed = lists.map(elements);
  return parsed.some((list) => list === undefined) ? null : arrayOf(pick(parsed as string[][]));
}

const keysOf = (items: readonly string[] | undefined): Set<string> => new Set((items ?? []).map(canonical));

function positions(text: string, value: string): number[] | undefined {
  const items = elements(text);
  const key = canonical(value);
  return items?.flatMap((item, i) => (canonical(item) === key ? [i] : []));
}

/** OBJECT('k', value, …): a key that comes twice is an error. */
function object(...parts: Scalar[]): Scalar {
  const pairs = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2) {
    const key = parts[i];
    if (key == null) throw new Error('[22004] OBJECT keys cannot be NULL');
    if (pairs.has(key)) throw new Error(`[22030] OBJECT duplicate key "${key}"`);
    pairs.set(key, parts[i + 1] ?? 'null');
  }
  return `{${[...pairs].map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}

function renameAttributes(node: JsonNode, rename: (name: string) => string): JsonNode {
  if (node.kind === 'array') return { kind: 'array', items: node.items.map((item) => renameAttributes(item, rename)) };
  if (node.kind !== 'object') return node;
  return {
    kind: 'object',
    entries: node.entries.map(([key, value]) => [rename(key), renameAttributes(value, rename)] as const),
  };
}

const attributeNames = (text: string, style: string): string =>
  writeSuper(renameAttributes(readJson(text), (name) => (style === 'lower' ? name.toLowerCase() : name.toUpperCase())));

export const ARRAY_RUNTIME: readonly RuntimeFunction[] = [
  { name: 'mr_array_concat', parameters: 'any', body: strict(concat) },
  { name: 'mr_array_flatten', parameters: 'any', body: strict(flatten as (...args: string[]) => Scalar) },
  { name: 'mr_subarray', parameters: 3, body: strict(subarray as (...args: string[]) => Scalar) },
  {
    name: 'mr_split_to_array',
    parameters: 2,
    body: strict((text, delimiter) =>
      arrayOf((text as string).split(delimiter as string).map((part) => JSON.stringify(part))),
    ),
  },
  { name: 'mr_array_sort', parameters: 3, body: strict(sort as (...args: string[]) => Scalar) },
  {
    name: 'mr_array_distinct',
    parameters: 1,
    body: strict((text) => combineLists([text as string], ([items]) => distinct(items ?? []))),
  },
  {
    name: 'mr_array_union',
    parameters: 'any',
    body: strict((...lists) => combineLists(lists, (items) => distinct(items.flat()))),
  },
  {
    name: 'mr_array_intersection',
    parameters: 'any',
    body: strict((...lists) =>
      combineLists(lists, ([first = [], ...rest]) =>
        distinct(first.filter((item) => rest.every((other) => keysOf(other).has(canonical(item))))),
      ),
    ),
  },
  {
    name: 'mr_array_except',
    parameters: 2,
    body: strict((...lists) =>
      combineLists(lists, ([first = [], second]) =>
        distinct(first.filter((item) => !keysOf(second).has(canonical(item)))),
      ),
    ),
  },
  {
    name: 'mr_array_contains',
    parameters: 2,
    body: strict((list, value) => {
      const found = positions(list as string, value as string);
      return found === undefined ? null : String(found.length > 0);
    }),
  },
  {
    name: 'mr_array_position',
    parameters: 2,
    body: strict((list, value) => {
      const found = positions(list as string, value as string);
      return found === undefined ? null : String(found[0] ?? -1);
    }),
  },
  {
    name: 'mr_array_positions',
    parameters: 2,
    body: strict((list, value) => {
      const found = positions(list as string, value as string);
      return found === undefined ? null : arrayOf(found.map(String));
    }),
  },
  { name: 'mr_object', parameters: 'any', body: object },
  { name: 'mr_attribute_names', parameters: 2, body: strict(attributeNames as (...args: string[]) => Scalar) },
];
