import { type Relation, relationKey } from '../catalog/model.ts';
import { quoteText } from '../rewriter/sql.ts';
import type { Call, Expression, NamedSource, Select } from '../statements/syntax.ts';
import { lower } from '../statements/tokens.ts';
import { RedshiftError, type RedshiftType, unlessRefused } from '../types.ts';
import type { Bound } from './bound.ts';
import { cast, settle } from './casts.ts';
import { elementsOf } from './catalog-arrays.ts';
import type { BindEnvironment } from './context.ts';
import { bindExpression, type ExpressionContext } from './expression.ts';
import { relationColumns } from './relation.ts';
import { formatType, INT4, INT8, TEXT, varchar } from './types.ts';

/** A function that answers rows: DuckDB's SELECT of c1, c2 …, and what its columns are. */
export interface RowsOfFunction {
  readonly name: string;
  readonly sql: string;
  readonly columns: readonly { readonly name: string; readonly type: ReturnType<typeof varchar> }[];
  /** A single value, which goes by the alias that FROM gives the function. */
  readonly isValue: boolean;
}

const VIEW_COLUMNS: RowsOfFunction['columns'] = [
  { name: 'view_schema', type: varchar(128) },
  { name: 'view_name', type: varchar(128) },
  { name: 'col_name', type: varchar(128) },
  { name: 'col_type', type: varchar(256) },
  { name: 'col_num', type: INT4 },
];

type TableFunction = (values: readonly Bound[], environment: BindEnvironment) => Omit<RowsOfFunction, 'name'>;

const TABLE_FUNCTIONS: Readonly<Record<string, TableFunction>> = {
  generate_series: series,
  unnest: ([array]) => ({
    sql: `SELECT unnest(${elementsOf((array as Bound).sql)}) AS c1`,
    columns: [{ name: 'unnest', type: TEXT }],
    isValue: true,
  }),
  pg_get_late_binding_view_cols: (_values, environment) =>
    viewColumns(
      relationsOf(environment).filter(({ kind }) => kind === 'late_binding_view'),
      environment,
    ),
  pg_get_cols: ([name], environment) => viewColumns([namedRelation(name as Bound, environment)], environment),
  pg_get_iam_role_by_user: () => none(['usename', 'iam_role', 'cmd_type']),
  pg_get_grantee_by_iam_role: () => none(['grantee', 'grantee_type', 'cmd_type']),
};
const COUNTS: Readonly<Record<string, readonly number[]>> = {
  generate_series: [2, 3],
  pg_get_late_binding_view_cols: [0],
};

const none = (names: readonly string[]): Omit<RowsOfFunction, 'name'> => ({
  sql: `SELECT ${names.map((_name, i) => `CAST(NULL AS VARCHAR) AS c${i + 1}`).join(', ')} WHERE FALSE`,
  columns: names.map((name) => ({ name, type: varchar(256) })),
  isValue: false,
});

function series(values: readonly Bound[]): Omit<RowsOfFunction, 'name'> {
  const type = values.some((value) => value.type.kind === 'int8') ? INT8 : INT4;
  const list = values.map((value) => cast(value, INT8, 'implicit').sql).join(', ');
  return {
    sql: `SELECT unnest(generate_series(${list})) AS c1`,
    columns: [{ name: 'generate_series', type }],
    isValue: true,
  };
}

const relationsOf = (environment: BindEnvironment): Relation[] => [
  ...(environment.catalog(environment.database)?.relations.values() ?? []),
];

function namedRelation(name: Bound, environment: BindEnvironment): Relation {
  const [relation = '', schema] = (name.literal ?? '').replaceAll('"', '').toLowerCase().split('.').reverse();
  const catalog = environment.catalog(environment.database);
  for (const candidate of schema === undefined ? environment.searchPath : [schema]) {
    const found = catalog?.relations.get(relationKey(candidate, relation));
    if (found) return found;
  }
  throw new RedshiftError('42P01', `relation "${name.literal ?? ''}" does not exist`);
}

/** A late-binding view whose tables are gone has no columns to show. */
function columnsOfRelation(relation: Relation, environment: BindEnvironment): ReturnType<typeof relationColumns> {
  return unlessRefused(() => relationColumns(relation, environment)) ?? [];
}

function viewColumns(relations: readonly Relation[], environment: BindEnvironment): Omit<RowsOfFunction, 'name'> {
  const rows = relations.flatMap((relation) =>
    columnsOfRelation(relation, environment).map((column, i) =>
      [relation.schema, relation.name, column.name, formatType(column.type)].map(quoteText).concat(String(i + 1)),
    ),
  );
  const values = rows.map((row) => `(${row.join(', ')})`).join(', ');
  const source =
    rows.length === 0 ? none(VIEW_COLUMNS.map(({ name }) => name)).sql : `SELECT * FROM (VALUES ${values})`;
  return {
    sql: `SELECT ${VIEW_COLUMNS.map((_column, i) => `c${i + 1}`).join(', ')} FROM (${source}) AS rows(c1, c2, c3, c4, c5)`,
    columns: VIEW_COLUMNS,
    isValue: false,
  };
}

/** The leader node's functions of one value may stand in FROM too. */
const VALUES_IN_FROM = new Set(['current_database', 'current_schema', 'version', 'pg_backend_pid']);

/** The function that a call in FROM means, where it is one that answers rows. */
function entryOf(expression: Expression): { readonly name: string; readonly call: Call } | undefined {
  if (expression.kind !== 'call' || expression.name.length > 2) return undefined;
  if (expression.name.length === 2 && lower(expression.name[0]?.name ?? '') !== 'pg_catalog') return undefined;
  const name = lower(expression.name.at(-1)?.name ?? '');
  const isKnown = Object.hasOwn(TABLE_FUNCTIONS, name) || VALUES_IN_FROM.has(name);
  return isKnown ? { name, call: expression } : undefined;
}

export const isTableFunction = (expression: Expression): boolean => entryOf(expression) !== undefined;

export function bindTableFunction(expression: Expression, context: ExpressionContext): RowsOfFunction {
  const entry = entryOf(expression);
  if (!entry) throw new RedshiftError('42883', 'function does not exist', { position: expression.position + 1 });
  if (VALUES_IN_FROM.has(entry.name)) {
    const value = settle(bindExpression(expression, context));
    const columns = [{ name: entry.name, type: value.type as RedshiftType }];
    return { name: entry.name, sql: `SELECT ${value.sql} AS c1`, columns, isValue: true };
  }
  const values = entry.call.arguments.map((argument) => bindExpression(argument, context));
  if (!(COUNTS[entry.name] ?? [1]).includes(values.length))
    throw new RedshiftError('42883', `function ${entry.name} does not exist with ${values.length} arguments`, {
      position: expression.position + 1,
    });
  const rows = (TABLE_FUNCTIONS[entry.name] as TableFunction)(values, context.environment);
  return { ...rows, name: entry.name };
}

/** `SELECT generate_series(1, 3)`, where the call is all that is selected: as if it stood in FROM. */
export function withRowsInFrom(select: Select): Select {
  const item = select.items[0];
  if (!item || select.items.length > 1 || select.from.length > 0 || !isTableFunction(item.expression)) return select;
  if (VALUES_IN_FROM.has(entryOf(item.expression)?.name ?? '')) return select;
  const { position } = item.expression;
  const { name } = entryOf(item.expression) as { name: string };
  const alias = item.alias ?? { name, quoted: false, position };
  const source: NamedSource = { kind: 'named', expression: item.expression, alias, columns: [], position };
  const expression: Expression = name.startsWith('pg_get')
    ? record(VIEW_COLUMNS, alias.name, position)
    : { kind: 'star', qualifier: [], exclude: [], position };
  return { ...select, from: [source], items: [{ ...item, alias: undefined, expression }] };
}

/** `(a,b,1)`: a row as one value. */
function record(columns: RowsOfFunction['columns'], name: string, position: number): Expression {
  const text = (value: string): Expression => ({ kind: 'string', value, position });
  const id = (word: string): { name: string; quoted: boolean; position: number } => ({
    name: word,
    quoted: false,
    position,
  });
  const parts = columns.map(({ name: column }): Expression => {
    const operand: Expression = {
      kind: 'reference',
      root: id(name),
      steps: [{ kind: 'attribute', name: id(column) }],
      position,
    };
    return { kind: 'cast', operand, type: { kind: 'varchar', length: 256 }, lax: false, position };
  });
  const joined = parts.reduce((left, right) => join(join(left, text(','), position), right, position));
  return join(join(text('('), joined, position), text(')'), position);
}

const join = (left: Expression, right: Expression, position: number): Expression => ({
  kind: 'binary',
  operator: '||',
  left,
  right,
  position,
});
