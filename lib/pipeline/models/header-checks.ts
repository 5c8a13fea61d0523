import { type Entry, splitList } from './header-entries.ts';
import { checkKinds, namesOf } from './header-keys.ts';
import { durations, secondsOf } from './header-values.ts';
import { type Check, measures } from './model.ts';
import { type Report, unknownWord } from './problem.ts';

/** A check and its line in the header. */
export interface StatedCheck {
  readonly check: Check;
  readonly line: number;
}

export function statedChecks(entry: Entry | undefined, report: Report): StatedCheck[] {
  if (entry?.text) report(entry.line, 'checks stand in lines of their own: `--   not_null: column`');
  return (entry?.below ?? []).flatMap(({ text, line }) => {
    const [, kind, severity = 'error', rest] = /^(\w+)(?: \((\w*)\))?: +(.+)$/.exec(text) ?? [];
    if (!kind || !rest) {
      report(line, 'a check is written as `--   not_null: column` or `--   unique (warn): column, column`');
      return [];
    }
    if (severity !== 'error' && severity !== 'warn') {
      report(line, unknownWord('severity', severity, ['error', 'warn']));
      return [];
    }
    return checksOf(kind, { severity, rest, line }, report).map((check) => ({ check, line }));
  });
}

interface Written {
  readonly severity: Check['severity'];
  readonly rest: string;
  readonly line: number;
}

const readers: Readonly<Record<string, (written: Written) => Check[] | undefined>> = {
  not_null: ({ rest, severity }) => splitList(rest).map((column): Check => ({ kind: 'not_null', column, severity })),
  unique: ({ rest, severity }) => [{ kind: 'unique', columns: splitList(rest), severity }],
  expression: ({ rest, severity }) => [{ kind: 'expression', sql: rest, severity }],
  accepted_values: acceptedValues,
  relationship,
  row_count: rowCount,
  freshness: freshnessOf,
  anomaly,
};

function checksOf(kind: string, written: Written, report: Report): Check[] {
  const read = Object.hasOwn(readers, kind) ? readers[kind] : undefined;
  if (!read) report(written.line, unknownWord('check', kind, namesOf(checkKinds)));
  const checks = read?.(written);
  if (read && (!checks || checks.length === 0)) report(written.line, misread(kind, written.rest));
  return checks ?? [];
}

function misread(kind: string, rest: string): string {
  const { example } = checkKinds.find(({ name }) => name === kind) ?? { example: '' };
  if (kind === 'anomaly' && /^\w+ ?\(.+\)$/.test(rest))
    return unknownWord('measure', rest.replace(/ ?\(.*/, ''), measures);
  const more =
    { freshness: `; times are written as: ${durations}`, row_count: ', or as >= 1, or as <= 10' }[kind] ?? '';
  return `${rest} is not what ${kind} asks: write it as \`${kind}: ${example}\`${more}`;
}

function acceptedValues({ rest, severity }: Written): Check[] | undefined {
  const [, column, written] = /^(\S+) in (.+)$/.exec(rest) ?? [];
  const values = written === undefined ? undefined : listedValues(written);
  return column && values ? [{ kind: 'accepted_values', column, values, severity }] : undefined;
}

/** `a, b, 'with, comma'`: quotes where a value has a comma or blanks at its ends; a quote in quotes is doubled. */
function listedValues(text: string): string[] | undefined {
  const values: string[] = [];
  const value = /\s*(?:'((?:[^']|'')*)'|([^',][^,]*?))\s*(?:,|$)/y;
  while (value.lastIndex < text.length) {
    const match = value.exec(text);
    if (!match) return undefined;
    values.push(match[1]?.replaceAll("''", "'") ?? match[2] ?? '');
  }
  return values;
}

function relationship({ rest, severity }: Written): Check[] | undefined {
  const [, column, schema, table, field] = /^(\S+) to "?([^\s."]+)"?\.([^\s.]+)\.([^\s.]+)$/.exec(rest) ?? [];
  return column && schema && table && field
    ? [{ kind: 'relationship', column, table: `${schema}.${table}`, field, severity }]
    : undefined;
}

function rowCount({ rest, severity }: Written): Check[] | undefined {
  const [, least, most] = /^(\d{1,15})\.\.(\d{1,15})$/.exec(rest) ?? [];
  const minimum = least ?? /^>= ?(\d{1,15})$/.exec(rest)?.[1];
  const maximum = most ?? /^<= ?(\d{1,15})$/.exec(rest)?.[1];
  if ((minimum ?? maximum) === undefined || Number(minimum) > Number(maximum)) return undefined;
  const bounds = { ...(minimum && { minimum: Number(minimum) }), ...(maximum && { maximum: Number(maximum) }) };
  return [{ kind: 'row_count', ...bounds, severity }];
}

function freshnessOf({ rest, severity }: Written): Check[] | undefined {
  const [, column, duration = ''] = /^(\S+) within (.+)$/.exec(rest) ?? [];
  const maxAgeSeconds = secondsOf(duration);
  return column && maxAgeSeconds ? [{ kind: 'freshness', column, maxAgeSeconds, severity }] : undefined;
}

function anomaly({ rest, severity }: Written): Check[] | undefined {
  if (rest === 'row_count') return [{ kind: 'anomaly', measure: 'row_count', severity }];
  const [, word, column] = /^(\w+) ?\( ?([^()]+?) ?\)$/.exec(rest) ?? [];
  const measure = measures.find((one) => one === word);
  return measure && measure !== 'row_count' && column ? [{ kind: 'anomaly', measure, column, severity }] : undefined;
}

/** The columns of the model that a check names; those of an expression are in its SQL. */
export function columnsOfCheck(check: Check): readonly string[] {
  if ('columns' in check) return check.columns;
  return 'column' in check && check.column !== undefined ? [check.column] : [];
}

/**
 * A key is one: unique and never null, unless the header says itself how severe that is. A history has a row a version of a key.
 */
export function withKeyChecks(
  { key, validFrom }: { readonly key: readonly string[]; readonly validFrom?: string },
  line: number,
  stated: readonly StatedCheck[],
): StatedCheck[] {
  const name = ({ check }: StatedCheck) => JSON.stringify({ ...check, severity: undefined });
  const known = new Set(stated.map(name));
  const identity = [...key, ...(validFrom ? [validFrom] : [])];
  const implied: Check[] = [
    ...key.map((column): Check => ({ kind: 'not_null', column, severity: 'error' })),
    ...(key.length > 0 ? [{ kind: 'unique', columns: identity, severity: 'error' } satisfies Check] : []),
  ];
  return [...implied.map((check) => ({ check, line })).filter((one) => !known.has(name(one))), ...stated];
}
