import type { OutputColumn } from '../models/model.ts';
import { quoteIdentifier } from '../names.ts';
import { type PlacedRelation, qualifiedName } from '../tables.ts';

/** A relation that is in two databases. */
export interface Compared {
  readonly schema: string;
  readonly table: string;
  readonly key: readonly string[];
  /** Columns that both have. */
  readonly columns: readonly ComparedColumn[];
  readonly production: string;
}

export interface ComparedColumn {
  readonly name: string;
  /** Values of two types cannot be compared with each other, their texts can. */
  readonly asText: boolean;
  /** Nor can SUPER values: their JSON is. */
  readonly isSuper: boolean;
}

/** How the columns of a relation differ between two databases. */
export type ColumnDifference =
  | { readonly kind: 'added'; readonly name: string; readonly type: string }
  | { readonly kind: 'removed'; readonly name: string; readonly type: string }
  | { readonly kind: 'retyped'; readonly name: string; readonly from: string; readonly to: string };

/** What is added, removed or has another type in `branch`, in the order of its columns. */
export function columnDifferences(
  production: readonly OutputColumn[],
  branch: readonly OutputColumn[],
): ColumnDifference[] {
  const before = new Map(production.map(({ name, type }) => [name, type]));
  const now = new Set(branch.map(({ name }) => name));
  const changes = branch.flatMap(({ name, type }): ColumnDifference[] => {
    const from = before.get(name);
    if (from === undefined) return [{ kind: 'added', name, type }];
    return from === type ? [] : [{ kind: 'retyped', name, from, to: type }];
  });
  const removed = production.filter(({ name }) => !now.has(name));
  return [...changes, ...removed.map((column) => ({ kind: 'removed' as const, ...column }))];
}

/** The columns that both have, and how each can be compared. */
export function comparedColumns(
  production: readonly OutputColumn[],
  branch: readonly OutputColumn[],
): ComparedColumn[] {
  const before = new Map(production.map(({ name, type }) => [name, type]));
  return branch.flatMap(({ name, type }) => {
    const other = before.get(name);
    if (other === undefined) return [];
    return [{ name, asText: type !== other, isSuper: type === 'super' && other === 'super' }];
  });
}

const valueOf = ({ name, asText, isSuper }: ComparedColumn): string => {
  const column = quoteIdentifier(name);
  if (isSuper) return `JSON_SERIALIZE(${column}) AS ${column}`;
  return asText ? `${column}::VARCHAR(65535) AS ${column}` : column;
};

const here = ({ schema, table }: Compared): string => qualifiedName({ schema, name: table });
const there = ({ schema, table, production }: Compared): string =>
  qualifiedName({ database: production, schema, name: table });

/** True where a column's two values differ; NULL equals NULL. */
function differs({ name }: ComparedColumn): string {
  const column = quoteIdentifier(name);
  const [now, before] = [`"branch".${column}`, `"production".${column}`];
  return `(${now} <> ${before} OR NVL2(${now}, 1, 0) <> NVL2(${before}, 1, 0))`;
}

/** Rows of both side by side, by key. SUPER cannot go through a full join: values are texts before it. */
function sideBySide(compared: Compared): string {
  const values = compared.columns.map(valueOf).join(', ');
  const joined = compared.key.map((name) => {
    const column = quoteIdentifier(name);
    return `"branch".${column} = "production".${column}`;
  });
  return `FROM (SELECT 1 AS "is_there", ${values} FROM ${here(compared)}) AS "branch"
FULL OUTER JOIN (SELECT 1 AS "is_there", ${values} FROM ${there(compared)}) AS "production"
ON ${joined.join(' AND ')}`;
}

const inBoth = '"branch"."is_there" = 1 AND "production"."is_there" = 1';
const notKey = ({ key, columns }: Compared) => columns.filter(({ name }) => !key.includes(name));

/**
 * Counts by key, one row: rows of the branch, of production, only in the branch, only in production, in both but different; then,
 * for every column that is no part of the key, in how many rows it differs.
 */
export function keyedDifference(compared: Compared): string {
  const others = notKey(compared);
  const count = (condition: string) => `COUNT(CASE WHEN ${condition} THEN 1 END)`;
  const any = others.length > 0 ? others.map(differs).join(' OR ') : 'FALSE';
  return `SELECT
  COUNT("branch"."is_there"),
  COUNT("production"."is_there"),
  ${count('"production"."is_there" IS NULL')},
  ${count('"branch"."is_there" IS NULL')},
  ${[any, ...others.map(differs)].map((one) => count(`${inBoth} AND (${one})`)).join(',\n  ')}
${sideBySide(compared)}`;
}

/** Rows that are in both but differ, by key: the key, then each column's value in production and in the branch. */
export function changedSample(compared: Compared, limit: number): string {
  const others = notKey(compared);
  const keys = compared.key.map((name) => `"branch".${quoteIdentifier(name)}`);
  const values = others.flatMap(({ name }) =>
    ['production', 'branch'].map((side) => `${quoteIdentifier(side)}.${quoteIdentifier(name)}`),
  );
  return `SELECT ${[...keys, ...values].join(', ')}
${sideBySide(compared)}
WHERE ${inBoth} AND (${others.map(differs).join(' OR ')})
ORDER BY ${keys.map((_key, index) => index + 1).join(', ')}
LIMIT ${limit}`;
}

/** For a relation without a key, one row: rows of the branch, of production, and distinct rows that only one of them has. */
export function keylessDifference(compared: Compared): string {
  const values = compared.columns.map(valueOf).join(', ');
  const [now, before] = [here(compared), there(compared)].map((one) => `SELECT ${values} FROM ${one}`);
  const count = (query: string) => `(SELECT COUNT(*) FROM (${query}) AS "counted")`;
  return `SELECT
  ${count(`${now}`)},
  ${count(`${before}`)},
  ${count(`${now} EXCEPT ${before}`)},
  ${count(`${before} EXCEPT ${now}`)}`;
}

/** How many rows a relation has, in one database or the other: of two that have no column in common there is no more to say. */
export function countRows(relation: PlacedRelation): string {
  return `SELECT COUNT(*) FROM ${qualifiedName(relation)}`;
}

/** Answers no row: what is asked for are the columns, which a late-binding view tells nowhere else. */
export function columnsQuery(relation: PlacedRelation): string {
  return `SELECT * FROM ${qualifiedName(relation)} LIMIT 0`;
}
