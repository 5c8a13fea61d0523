import type { TimeSpan } from '../../incremental/time-span.ts';
import type { CompiledModel } from '../../models/model.ts';
import { quoteIdentifier, quoteText } from '../../names.ts';
import { qualifiedName } from '../../tables.ts';
import type { ResultRows } from '../../work.ts';
import { fenceStatements, type Holder } from '../fence.ts';
import { changedOf, targetOf } from '../model/place.ts';
import { caseSensitivePaths } from '../session.ts';

type Model = CompiledModel;

/** The smallest and the largest value of a column of the key, as constants: what lies outside of them is not even read. */
interface Bounds {
  readonly from: string;
  readonly until: string;
}

/** What is known of the keys that a change reaches. */
export interface KeysFound {
  readonly count: number;
  /** How many of them have no value in some column: those cannot be told apart by it. */
  readonly nulls: number;
  readonly bounds: ReadonlyMap<string, Bounds>;
  readonly ranges: ReadonlyMap<string, Bounds>;
}

const hasOrder = /^(?:character varying|varchar|date|timestamp|bigint|integer|smallint|numeric|decimal)/;
const isTime = /^(?:date|timestamp)/;
const typeOf = ({ output }: Model, column: string): string => output.find(({ name }) => name === column)?.type ?? '';

const boundColumns = (model: Model): string[] => model.key.filter((column) => hasOrder.test(typeOf(model, column)));

/** A time that a column of the key is, cut down: `_at` lies within it. */
export interface KeySpan {
  readonly column: string;
  readonly span: TimeSpan;
}

const rangesOf = (model: Model, spans: readonly KeySpan[]): KeySpan[] =>
  spans.filter(({ column }) => isTime.test(typeOf(model, column)));

export const rangeName = ({ column, span }: KeySpan): string => `${column} ${span}`;

export interface KeysAsked {
  /** Queries of the keys that a change reaches. */
  readonly selects: readonly string[];
  /** What the rows step asks about the keys. */
  readonly spans: readonly KeySpan[];
}

/**
 * Gathers the keys that a change reaches. Their types are those of the table that is there: where there is none, this fails, and
 * the model is built whole. The last statement tells of them.
 */
export function keysStatements(model: Model, holder: Holder, { selects, spans }: KeysAsked): string[] {
  const changed = qualifiedName(changedOf(model));
  const columns = model.key.map(quoteIdentifier).join(', ');
  const own = `SELECT ${columns} FROM ${qualifiedName(targetOf(model))} WHERE FALSE`;
  const parts = selects.map((select) => `SELECT ${columns} FROM (${select}\n) AS "reached"`);
  const told = [
    ...counts(model),
    ...boundColumns(model).flatMap(extremes),
    ...rangesOf(model, spans).flatMap(spanAround),
  ];
  return [
    caseSensitivePaths,
    ...fenceStatements(model, holder),
    `DROP TABLE IF EXISTS ${changed}`,
    `CREATE TABLE ${changed} AS\n${[own, ...parts].join('\nUNION\n')}`,
    `SELECT ${told.join(',\n  ')}\nFROM ${changed}`,
  ];
}

function counts({ key }: Model): string[] {
  const isNull = key.map((column) => `${quoteIdentifier(column)} IS NULL`).join(' OR ');
  return ['COUNT(*)', `COUNT(CASE WHEN ${isNull} THEN 1 END)`];
}

function extremes(column: string): string[] {
  const name = quoteIdentifier(column);
  return [`MIN(${name})::VARCHAR`, `MAX(${name})::VARCHAR`];
}

/** Zones lie less than a day apart. */
function spanAround({ column, span }: KeySpan): string[] {
  const name = quoteIdentifier(column);
  const text = (moment: string) => `TO_CHAR(${moment}, 'YYYY-MM-DD HH24:MI:SS')`;
  const last = `DATEADD(day, 1, MAX(${name})::TIMESTAMP)`;
  const until = span === 'instant' ? `DATEADD(second, 1, ${last})` : `DATEADD(${span}, 1, ${last})`;
  return [text(`DATEADD(day, -1, MIN(${name})::TIMESTAMP)`), text(until)];
}

/** Longer texts are no bounds but a burden. */
const boundCharacters = 100;

export function keysFound(model: Model, spans: readonly KeySpan[], rows: ResultRows): KeysFound {
  const [count, nulls, ...rest] = rows[0] ?? [];
  const columns = boundColumns(model);
  const pairs = Array.from({ length: rest.length / 2 }, (_, index) => [rest[2 * index], rest[2 * index + 1]]);
  const bounds = new Map<string, Bounds>();
  const ranges = new Map<string, Bounds>();
  for (const [index, [from, until]] of pairs.entries()) {
    if (from === undefined || until === undefined || from === null || until === null) continue;
    const column = columns[index];
    const range = rangesOf(model, spans)[index - columns.length];
    if (column && Math.max(from.length, until.length) <= boundCharacters) {
      bounds.set(column, { from: quoteText(from), until: quoteText(until) });
    }
    if (range) {
      const instant = (text: string) => `${quoteText(`${text}+00`)}::TIMESTAMPTZ`;
      ranges.set(rangeName(range), { from: instant(from), until: instant(until) });
    }
  }
  return { count: Number(count ?? 0), nulls: Number(nulls ?? 0), bounds, ranges };
}

/** Joins a relation with the keys that a change reaches. None of them is NULL. */
export function isChanged(model: Model, relation: string, changed = '"changed"'): string {
  const same = model.key.map(
    (column) => `${relation}.${quoteIdentifier(column)} = ${changed}.${quoteIdentifier(column)}`,
  );
  return same.join(' AND ');
}

/** The same, for a relation whose rows are many: most of them are not even read. */
export function isWithin(relation: string, { bounds }: KeysFound): string {
  return [...bounds]
    .map(([column, { from, until }]) => [`${relation}.${quoteIdentifier(column)}`, from, until])
    .map(([name, from, until]) => ` AND ${name} >= ${from} AND ${name} <= ${until}`)
    .join('');
}
