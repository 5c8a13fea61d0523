import { type JsonNode, quoteJson, readJson, writeSuper } from './json-text.ts';
import { compareDigits, readDigits } from './numbers.ts';
import type { RuntimeFunction } from './runtime.ts';
import { canonical } from './super.ts';

type Scalar = string | null;
type Body = (...args: string[]) => Scalar;
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

function concat(...lists: string[]): Scalar {
  return combineLists(lists, (items) => items.flat());
}

function flatten(...lists: string[]): Scalar {
  const parsed = lists.map(readJson);
  return parsed.some((node) => node.kind !== 'array') ? null : arrayOf(parsed.flatMap(leaves));
}

const leaves = (node: JsonNode): string[] => (node.kind === 'array' ? node.items.flatMap(leaves) : [writeSuper(node)]);

/** A start below zero counts from the end. */
function subarray(text: string, fromText: string, countText: string): Scalar {
  const items = elements(text);
  if (!items) return null;
  const [start, count] = [Number(fromText), Number(countText)];
  const from = start < 0 ? items.length + start : start;
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

const keysOf = (items: readonly string[]): Set<string> => new Set(items.map(canonical));

/** Without `distinct` each element of the second array stands for one of the first. */
function except(first: readonly string[], second: readonly string[], isDistinct: boolean): string[] {
  const { without } = split(first, second, isDistinct);
  return isDistinct ? distinct(without) : without;
}

function intersection(first: readonly string[], second: readonly string[], isDistinct: boolean): string[] {
  const { within } = split(first, second, isDistinct);
  return isDistinct ? distinct(within) : within;
}

/** The first array's elements that the second has and lacks; each of the second's is used once unless `isDistinct`. */
function split(
  first: readonly string[],
  second: readonly string[],
  isDistinct: boolean,
): { within: string[]; without: string[] } {
  const left = new Map<string, number>();
  for (const key of second.map(canonical)) left.set(key, (left.get(key) ?? 0) + 1);
  const parts = { within: [] as string[], without: [] as string[] };
  for (const item of first) {
    const key = canonical(item);
    const count = left.get(key) ?? 0;
    if (count > 0 && !isDistinct) left.set(key, count - 1);
    (count > 0 ? parts.within : parts.without).push(item);
  }
  return parts;
}

const setOperation =
  (pick: typeof except) =>
  (first: string, second: string, isDistinct: string): Scalar =>
    combineLists([first, second], ([a = [], b = []]) => pick(a, b, isDistinct === 'true'));

function overlap(first: string, second: string): Scalar {
  const [a, b] = [elements(first), elements(second)];
  if (!a || !b) return null;
  const keys = keysOf(b);
  return String(a.some((item) => keys.has(canonical(item))));
}

/** Where a value is. Unless null matches null it is unknown: as what is looked for, and as what may have been it. */
const search =
  (shown: (found: readonly number[]) => string) =>
  (text: string, value: string, nullMatch: string): Scalar => {
    const items = elements(text);
    if (!items) return null;
    const isExact = nullMatch === 'true';
    if (!isExact && value === 'null') return null;
    const key = canonical(value);
    const found = items.flatMap((item, i) => (canonical(item) === key ? [i] : []));
    return !isExact && found.length === 0 && items.includes('null') ? null : shown(found);
  };

/** OBJECT('k', value, …): a key that comes twice is an error. */
function object(...parts: Scalar[]): Scalar {
  const pairs = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2) {
    const key = parts[i];
    if (key == null) throw new Error('[22004] OBJECT keys cannot be NULL');
    if (pairs.has(key)) throw new Error(`[22030] OBJECT duplicate key "${key}"`);
    pairs.set(key, parts[i + 1] ?? 'null');
  }
  return `{${[...pairs].map(([key, value]) => `${quoteJson(key)}:${value}`).join(',')}}`;
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
  { name: 'mr_array_concat', parameters: 'any', body: strict(concat as Body) },
  { name: 'mr_array_flatten', parameters: 'any', body: strict(flatten as Body) },
  { name: 'mr_subarray', parameters: 3, body: strict(subarray as Body) },
  {
    name: 'mr_split_to_array',
    parameters: 2,
    body: strict((text, delimiter) => arrayOf((text as string).split(delimiter as string).map(quoteJson))),
  },
  { name: 'mr_array_sort', parameters: 3, body: strict(sort as Body) },
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
  { name: 'mr_array_intersection', parameters: 3, body: strict(setOperation(intersection) as Body) },
  { name: 'mr_array_except', parameters: 3, body: strict(setOperation(except) as Body) },
  { name: 'mr_arrays_overlap', parameters: 2, body: strict(overlap as Body) },
  { name: 'mr_array_contains', parameters: 3, body: strict(search((found) => String(found.length > 0)) as Body) },
  { name: 'mr_array_position', parameters: 3, body: strict(search((found) => String(found[0] ?? -1)) as Body) },
  { name: 'mr_array_positions', parameters: 3, body: strict(search((found) => arrayOf(found.map(String))) as Body) },
  { name: 'mr_object', parameters: 'any', body: object },
  { name: 'mr_attribute_names', parameters: 2, body: strict(attributeNames as Body) },
];
