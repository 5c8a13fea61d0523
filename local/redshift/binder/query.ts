import type { CommonTable, OrderItem, Query, QueryBody, SetOperation } from '../statements/syntax.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';
import { constant, type StaticType } from './bound.ts';
import { cast } from './casts.ts';
import { sharedCollation } from './collation.ts';
import type { BindEnvironment, BoundQuery } from './context.ts';
import { bindExpression } from './expression.ts';
import { nextName } from './names.ts';
import { sortKeys } from './ordering.ts';
import { fold, type OutputColumn, type Scope } from './scope.ts';
import { bindSelect } from './select.ts';
import { combineSets, unionAll } from './set-operation.ts';
import { commonType, typeName } from './types.ts';

/** Named queries of WITH, innermost first. */
export type CommonTables = ReadonlyMap<string, { readonly sqlName: string; readonly columns: readonly OutputColumn[] }>;

export interface QueryContext {
  readonly environment: BindEnvironment;
  readonly commonTables: CommonTables;
  readonly parent?: Scope;
}

/** Types a query and writes it for DuckDB; its columns are called c1, c2, … */
export function bindQuery(query: Query, context: QueryContext): BoundQuery {
  const { prefix, commonTables } = bindWith(query, context);
  const inner = { ...context, commonTables };
  const limit = limitSql(query, inner);
  if (query.body.kind === 'select') {
    const bound = bindSelect(query.body, inner, query.orderBy);
    return { sql: `${prefix}${bound.sql}${limit}`, columns: bound.columns };
  }
  const body = bindBody(query.body, inner);
  if (query.orderBy.length === 0 && limit === '') return { sql: `${prefix}${body.sql}`, columns: body.columns };
  const alias = nextName();
  const order = outputOrder(query.orderBy, body.columns, alias, inner);
  return { sql: `${prefix}SELECT ${alias}.* FROM (${body.sql}) AS ${alias}${order}${limit}`, columns: body.columns };
}

function limitSql(query: Query, context: QueryContext): string {
  const count = (expression: Query['limit'], word: string): string => {
    if (!expression) return '';
    const bound = bindExpression(expression, {
      ...context,
      scope: { sources: [], merged: [] },
      clause: word,
      allowAggregates: false,
      allowWindows: false,
    });
    return ` ${word} ${cast(bound, { kind: 'int8' }, 'implicit').sql}`;
  };
  return `${count(query.limit, 'LIMIT')}${count(query.offset, 'OFFSET')}`;
}

/** ORDER BY of a set operation: names and numbers of output columns, or expressions over them. */
function outputOrder(
  items: readonly OrderItem[],
  columns: readonly OutputColumn[],
  alias: string,
  context: QueryContext,
): string {
  if (items.length === 0) return '';
  const source = { name: '', columns: columns.map((column, i) => ({ ...column, sql: `${alias}.c${i + 1}` })) };
  const keys = items.flatMap((item) => {
    const ordinal = item.expression.kind === 'number' ? Number(item.expression.text) : undefined;
    const column = ordinal === undefined ? undefined : source.columns[ordinal - 1];
    if (ordinal !== undefined && !column)
      throw new RedshiftError('42P10', `ORDER BY position ${ordinal} is not in select list`);
    const value = column
      ? constant(column.sql, column.type, { trimmed: column.trimmed })
      : bindExpression(item.expression, {
          ...context,
          scope: { sources: [source], merged: [] },
          clause: 'ORDER BY',
          allowAggregates: false,
          allowWindows: false,
        });
    return sortKeys({
      value,
      descending: item.descending,
      nullsFirst: item.nulls === undefined ? item.descending : item.nulls === 'first',
    });
  });
  return ` ORDER BY ${keys.join(', ')}`;
}

function bindBody(body: QueryBody, context: QueryContext): BoundQuery {
  switch (body.kind) {
    case 'select':
      return bindSelect(body, context, []);
    case 'nested':
      return bindQuery(body.query, context);
    case 'setOperation':
      return bindSetOperation(body, context);
    default:
      throw new RedshiftError('42601', 'syntax error at or near "VALUES"');
  }
}

function bindSetOperation(operation: SetOperation, context: QueryContext): BoundQuery {
  const word = operation.operator.toUpperCase();
  if (operation.all && operation.operator !== 'union') {
    throw new RedshiftError('0A000', `${word} ALL is not supported`);
  }
  for (const side of [operation.left, operation.right])
    if (side.kind === 'nested' && (side.query.limit || side.query.offset))
      throw new RedshiftError('0A000', 'LIMIT may not be used within input to set operations.');
  const [left, right] = [bindBody(operation.left, context), bindBody(operation.right, context)];
  if (left.columns.length !== right.columns.length) {
    throw new RedshiftError('42601', `each ${word} query must have the same number of columns`);
  }
  const types = left.columns.map((column, i) => meetColumns(column, right.columns[i] as OutputColumn, word));
  const columns = left.columns.map((column, i) => ({
    ...column,
    type: types[i] as RedshiftType,
    literal: column.literal === null && right.columns[i]?.literal === null ? null : undefined,
    trimmed: column.trimmed && right.columns[i]?.trimmed,
    caseInsensitive: sharedCollation([column, right.columns[i]]),
  }));
  const sides = [convertColumns(left, types), convertColumns(right, types)] as const;
  return { sql: operation.all ? unionAll(sides) : combineSets(operation.operator, sides, columns), columns };
}

function meetColumns(a: OutputColumn, b: OutputColumn, word: string): StaticType {
  const open = (column: OutputColumn, other: OutputColumn): StaticType =>
    column.literal === undefined || other.type.kind === 'varchar' ? column.type : { kind: 'unknown' };
  const type = commonType(open(a, b), open(b, a));
  if (type) return type.kind === 'unknown' ? (commonType(a.type, b.type) as StaticType) : type;
  throw new RedshiftError('42804', `${word} types ${typeName(a.type)} and ${typeName(b.type)} cannot be matched`);
}

/** A query's columns in other types. */
function convertColumns(query: BoundQuery, types: readonly StaticType[]): string {
  const alias = nextName();
  const columns = query.columns.map((column, i) => {
    const value = cast(
      constant(`${alias}.c${i + 1}`, column.type, { trimmed: column.trimmed, literal: column.literal }),
      types[i] as StaticType,
      'implicit',
    );
    return `${value.sql} AS c${i + 1}`;
  });
  return `SELECT ${columns.join(', ')} FROM (${query.sql}) AS ${alias}`;
}

/** Binds the queries of WITH in order; each sees those before it. */
export function bindWith(
  query: Pick<Query, 'with' | 'recursive'>,
  context: QueryContext,
): { prefix: string; commonTables: CommonTables } {
  if (query.with.length === 0) return { prefix: '', commonTables: context.commonTables };
  const commonTables = new Map(context.commonTables);
  const parts: string[] = [];
  const named = new Set<string>();
  let recursive = false;
  for (const table of query.with) {
    const name = fold(table.name, context.environment.settings);
    if (named.has(name)) throw new RedshiftError('42712', `WITH query name "${name}" specified more than once`);
    named.add(name);
    const sqlName = nextName();
    const inner: QueryContext = { environment: context.environment, commonTables, parent: context.parent };
    const isRecursive = query.recursive && refersTo(table.query, name);
    recursive ||= isRecursive;
    const bound = isRecursive ? bindRecursive(table, name, sqlName, inner) : bindQuery(table.query, inner);
    commonTables.set(name, { sqlName, columns: renameColumns(bound.columns, table, context) });
    parts.push(`${sqlName} AS (${bound.sql})`);
  }
  return { prefix: `WITH ${recursive ? 'RECURSIVE ' : ''}${parts.join(', ')} `, commonTables };
}

function renameColumns(columns: readonly OutputColumn[], table: CommonTable, context: QueryContext): OutputColumn[] {
  if (table.columns.length > columns.length) {
    throw new RedshiftError(
      '42P10',
      `WITH query "${table.name.name}" has ${columns.length} columns available but ${table.columns.length} columns specified`,
    );
  }
  return columns.map((column, i) => {
    const given = table.columns[i];
    return given ? { ...column, name: fold(given, context.environment.settings) } : column;
  });
}

/** Whether a query reads a table of this name anywhere; only then does RECURSIVE change how it is run. */
function refersTo(query: Query, name: string): boolean {
  return JSON.stringify(query).toLowerCase().includes(`"name":"${name}"`);
}

/** `first UNION ALL second`, the second reading the rows of the step before. */
function bindRecursive(table: CommonTable, name: string, sqlName: string, context: QueryContext): BoundQuery {
  const body = table.query.body;
  if (body.kind !== 'setOperation' || body.operator !== 'union' || !body.all) {
    throw new RedshiftError(
      '42P19',
      `recursive query "${name}" does not have the form non-recursive-term UNION ALL recursive-term`,
    );
  }
  if (table.columns.length === 0) throw new RedshiftError('42601', `recursive query "${name}" must name its columns`);
  if (table.query.orderBy.length > 0 || table.query.limit || table.query.offset)
    throw new RedshiftError('0A000', `ORDER BY and LIMIT are not allowed in recursive query "${name}"`);
  const first = bindBody(body.left, context);
  const columns = renameColumns(first.columns, table, context);
  const commonTables = new Map(context.commonTables).set(name, { sqlName, columns });
  const second = bindBody(body.right, { ...context, commonTables });
  if (second.columns.length !== first.columns.length)
    throw new RedshiftError('42601', 'each UNION query must have the same number of columns');
  const types = first.columns.map((column) => column.type);
  return { sql: `${convertColumns(first, types)} UNION ALL ${convertColumns(second, types)}`, columns };
}
