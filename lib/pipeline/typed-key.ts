import { MillraceError } from './error.ts';

/**
 * The keys that somebody may mean, as `_key` spells them: canonical JSON, names sorted. The value of a key of one field, or
 * `name=value` for each field, or JSON. What looks like a number may be text as well: then both are meant.
 * @throws {MillraceError} BAD_KEY, which says how a key of this dataset is written.
 */
export function typedKeys(fields: readonly string[], words: readonly string[]): string[] {
  const text = words.join(' ');
  if (text.startsWith('{')) return [fromJson(fields, text)];
  const [field = ''] = fields;
  if (fields.length === 1 && words.length === 1 && !text.startsWith(`${field}=`)) return spelled([[field, text]]);
  const pairs = words.map((word): [string, string] => {
    const equals = word.indexOf('=');
    return [word.slice(0, Math.max(equals, 0)), word.slice(equals + 1)];
  });
  const names = pairs.map(([name]) => name).toSorted();
  if (names.join('\n') !== fields.toSorted().join('\n')) throw badKey(fields, text);
  return spelled(pairs);
}

/** Every spelling of the values, each as text and, where it looks like one, as a number. */
function spelled(pairs: readonly (readonly [string, string])[]): string[] {
  const sorted = pairs.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return sorted
    .reduce(
      (starts, [name, value]) => {
        const values = [
          JSON.stringify(value),
          ...(/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(value) ? [value] : []),
        ];
        return starts.flatMap((members) => values.map((one) => [...members, `${JSON.stringify(name)}:${one}`]));
      },
      [[]] as string[][],
    )
    .map((members) => `{${members.join(',')}}`);
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** Numbers keep the digits they were typed with. */
function fromJson(fields: readonly string[], text: string): string {
  const values = new Map<string, string>();
  try {
    parseWithSource(text, (name, value, { source }) => {
      if (typeof value === 'string') values.set(name, JSON.stringify(value));
      else if (typeof value === 'number' && source !== undefined) values.set(name, source);
      return value;
    });
  } catch {
    throw badKey(fields, text);
  }
  const names = [...values.keys()].toSorted();
  if (names.join('\n') !== fields.toSorted().join('\n')) throw badKey(fields, text);
  return `{${names.map((name) => `${JSON.stringify(name)}:${values.get(name)}`).join(',')}}`;
}

function badKey(fields: readonly string[], text: string): MillraceError {
  const pairs = fields.map((field) => `${field}=…`).join(' ');
  const forms = fields.length === 1 ? `its value alone, or ${pairs}` : pairs;
  return new MillraceError(
    'BAD_KEY',
    `${text} is no key of this dataset: write ${forms}, or JSON with ${fields.join(', ')}`,
  );
}
