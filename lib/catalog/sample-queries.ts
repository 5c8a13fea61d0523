import { quoteIdentifier, quoteLabel, quoteText } from '../pipeline/names.ts';
import { qualifiedName } from '../pipeline/tables.ts';
import type { CatalogColumn } from './catalog.ts';

/** A query to copy: it runs in Redash as it stands. */
export interface SampleQuery {
  readonly title: string;
  readonly sql: string;
}

interface Queried {
  readonly schema: string;
  readonly table: string;
  readonly key: readonly string[];
  readonly columns: readonly CatalogColumn[];
  /** Paths into SUPER columns that models read: `payload.matches[*].endedAt`. */
  readonly paths: readonly string[];
}

const rowsShown = 100;
/** More would not be read on a page. */
const pathsShown = 8;
const isPersonal = ({ personalData }: CatalogColumn) => personalData === 'personal' || personalData === 'sensitive';
const isTemporal = ({ type }: CatalogColumn) => /^(date|timestamp)/i.test(type ?? '');
const isText = ({ type }: CatalogColumn) => /^(char|varchar|character)/i.test(type ?? '');
/** Attributes of SUPER values keep their case in a session that asks for it; see README, "Connecting Redash". */
const keepsCase = 'SET enable_case_sensitive_super_attribute TO true;';

/** What people who find a table ask first. */
export function sampleQueries(of: Queried): SampleQuery[] {
  const { columns, key } = of;
  // An outbox of column names that no statement can name is no reason for the page to be missing.
  const nameable = columns.filter(({ name }) => isNameable(name));
  const from = qualifiedName({ schema: of.schema, name: of.table });
  const day = nameable.find(isTemporal);
  const group = nameable.find((one) => isText(one) && !isPersonal(one) && !key.includes(one.name));
  return [
    selectQuery(nameable, from),
    ...(day ? [byDayQuery(day, from)] : []),
    ...(group && !group.name.startsWith('_') ? [countQuery(group, from)] : []),
    ...(key.length > 0 && key.every(isNameable) ? [oneQuery(key, from)] : []),
    ...superQueries(of.paths, from),
  ];
}

function isNameable(name: string): boolean {
  try {
    return quoteIdentifier(name) !== '';
  } catch {
    return false;
  }
}

/** Columns under their labels, because that is what a chart shows; personal data only for who asks for it. */
function selectQuery(columns: readonly CatalogColumn[], from: string): SampleQuery {
  const shown = columns.filter((one) => !isPersonal(one));
  const left = columns.filter(isPersonal).map(({ name }) => name);
  const labels = shown.map(({ label }) => label);
  const lines = shown.map(({ name, label }) => {
    const isTwice = labels.filter((other) => other === label).length > 1;
    return label
      ? `  ${quoteIdentifier(name)} AS ${quoteLabel(isTwice ? `${label} (${name})` : label)}`
      : `  ${quoteIdentifier(name)}`;
  });
  const note = left.length > 0 ? `-- left out, personal data: ${left.join(', ')}\n` : '';
  const hasCapitals = labels.some((label) => label && label !== label.toLowerCase());
  const capitals = hasCapitals ? 'SET enable_case_sensitive_identifier TO true; -- labels keep their capitals\n' : '';
  return {
    title: 'Look at some rows',
    sql: `${note}${capitals}SELECT\n${lines.length > 0 ? lines.join(',\n') : '  *'}\nFROM ${from}\nLIMIT ${rowsShown}`,
  };
}

function byDayQuery({ name }: CatalogColumn, from: string): SampleQuery {
  const sql = `SELECT ${quoteIdentifier(name)}::DATE AS "day", COUNT(*) AS "rows"\nFROM ${from}\nGROUP BY 1\nORDER BY 1 DESC`;
  return { title: `Count by day of ${name}`, sql };
}

function countQuery({ name }: CatalogColumn, from: string): SampleQuery {
  const column = quoteIdentifier(name);
  const sql = `SELECT ${column}, COUNT(*) AS "rows"\nFROM ${from}\nGROUP BY 1\nORDER BY 2 DESC\nLIMIT ${rowsShown}`;
  return { title: `Count by ${name}`, sql };
}

function oneQuery(key: readonly string[], from: string): SampleQuery {
  const where = key.map((name) => `${quoteIdentifier(name)} = ${quoteText('…')}`).join('\n  AND ');
  return { title: 'Find one by its key', sql: `SELECT *\nFROM ${from}\nWHERE ${where}` };
}

/** A path, taken apart at each array: `payload.matches[*].endedAt` → [payload.matches, endedAt]. */
const segmentsOf = (path: string): string[] => path.split('[*]').map((segment) => segment.replace(/^\./, ''));

const plainPath = /^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)*$/;

/** Paths that models read are paths that are there: those without an array in one query, one a path for those with. */
function superQueries(paths: readonly string[], from: string): SampleQuery[] {
  const deep = [...new Set(paths)].filter((path) => {
    const segments = segmentsOf(path);
    const inner = segments.every((segment, index) => plainPath.test(segment) || (segment === '' && index > 0));
    return inner && (segments.length > 1 || path.includes('.'));
  });
  const plain = deep.filter((path) => !path.includes('[*]'));
  const nested = deep.filter((path) => path.includes('[*]'));
  return [
    ...(plain.length > 0 ? [plainPathsQuery(plain, from)] : []),
    ...deepest(nested)
      .slice(0, pathsShown)
      .map((path) => unnestQuery(path, from)),
  ];
}

/** Of several paths into the same array one is enough to show how. */
function deepest(paths: readonly string[]): string[] {
  const arrays = Map.groupBy(paths.toSorted(), (path) => path.slice(0, path.lastIndexOf('[*]')));
  return [...arrays.values()].map(([first = '']) => first);
}

function plainPathsQuery(paths: readonly string[], from: string): SampleQuery {
  const lines = paths.toSorted().map((path) => `  t.${path}`);
  return {
    title: 'Read into the SUPER column',
    sql: `${keepsCase}\nSELECT\n${lines.join(',\n')}\nFROM ${from} AS t\nLIMIT ${rowsShown}`,
  };
}

function unnestQuery(path: string, from: string): SampleQuery {
  const segments = segmentsOf(path);
  const last = segments.at(-1) ?? '';
  const arrays = segments.slice(0, -1);
  const alias = (index: number) => (index < 0 ? 't' : `e${index + 1}`);
  const step = (of: string, segment: string) => (segment === '' ? of : `${of}.${segment}`);
  const joins = arrays.map((segment, index) => `${step(alias(index - 1), segment)} AS ${alias(index)}`);
  const value = step(alias(arrays.length - 1), last);
  return {
    title: `A row an element: ${path}`,
    sql: `${keepsCase}\nSELECT ${value}\nFROM ${[`${from} AS t`, ...joins].join(', ')}\nLIMIT ${rowsShown}`,
  };
}
