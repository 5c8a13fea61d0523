import { catalogTable } from '../catalog/views/define.ts';
import { systemRelationId, systemRelations } from '../catalog/views/index.ts';
import { formatTypeSql } from '../functions/catalogs.ts';
import { quoteText, raise } from '../rewriter/sql.ts';
import type { Expression } from '../statements/syntax.ts';
import { everyType, typeFacts } from '../type-facts.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';
import { type Bound, combine, constant, type StaticType } from './bound.ts';
import { bindCast } from './cast-expression.ts';
import { cast, settle, styledIntervalSql } from './casts.ts';
import type { BindEnvironment, BoundQuery } from './context.ts';
import { findRelation } from './relation.ts';
import { withoutRounding } from './truncation.ts';
import { isInteger, isInterval, isText, TEXT } from './types.ts';

const catalogNameOf = (type: StaticType): string | undefined => ('catalogName' in type ? type.catalogName : undefined);

/** A cast as written: PostgreSQL's registries (regclass and its kin) look names and ids up, all others change the value alone. */
export function bindAnyCast(
  operand: Bound,
  { type, lax, operand: written }: Pick<Expression & { kind: 'cast' }, 'type' | 'lax' | 'operand'>,
  environment: BindEnvironment,
): Bound {
  const from = catalogNameOf(operand.type);
  if (type.catalogName === 'regproc') return { ...bindCast(procedureName(operand), type, lax), name: 'regproc' };
  if (type.catalogName === 'regclass' || type.catalogName === 'regtype') return toRegistry(operand, type, environment);
  if (isText(type) && (from === 'regclass' || from === 'regtype'))
    return { ...cast(registryName(operand, environment), type, 'explicit'), name: operand.name };
  const source = withoutRounding(operand, type, environment.settings);
  const styled = isText(type) ? asStyledText(source, environment) : source;
  const bound = bindCast(isNamedByItsType(written) ? { ...styled, name: '?column?' } : styled, type, lax);
  return from !== undefined || type.catalogName !== undefined ? { ...bound, type } : bound;
}

/** An interval that is cast to text is written in the session's style. */
function asStyledText(value: Bound, environment: BindEnvironment): Bound {
  if (!isInterval(value.type)) return value;
  const sql = styledIntervalSql(value.sql, value.type, environment.settings.intervalStyle);
  return combine(sql, { kind: 'varchar' }, [value], { name: value.name });
}

/** A cast of what has no name of its own has its type's name, and a cast of that has the outer type's. */
function isNamedByItsType(expression: Expression): boolean {
  if (expression.kind !== 'cast')
    return !['reference', 'call', 'navigate', 'outerMark', 'subquery', 'bound'].includes(expression.kind);
  return isNamedByItsType(expression.operand);
}

function toRegistry(operand: Bound, type: RedshiftType, environment: BindEnvironment): Bound {
  const name = type.catalogName;
  const value = settle(operand);
  if (catalogNameOf(value.type) === name) return operand;
  if (isInteger(value.type)) return combine(`CAST(${value.sql} AS BIGINT)`, type, [operand], { name });
  if (typeof operand.literal === 'string') {
    const text = operand.literal.trim();
    const id = /^\d+$/.test(text) ? Number(text) : name === 'regclass' ? relationId(text, environment) : typeId(text);
    return constant(`CAST(${id} AS BIGINT)`, type, { name });
  }
  if (name === 'regclass' && isText(value.type))
    return combine(searched(value.sql, environment), type, [operand], { name });
  throw new RedshiftError('42846', `cannot cast type ${value.type.kind} to ${name}`);
}

/** `"a"."b"`, `a.b`, `b`: parts without their quotes, in lower case where they had none. */
function partsOf(text: string): string[] {
  const parts = text.match(/"(?:[^"]|"")*"|[^".]+/g) ?? [];
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase()));
}

function relationId(text: string, environment: BindEnvironment): number {
  const [name = '', schema, database] = partsOf(text).reverse() as [string?, string?, string?];
  const relation = findRelation(name, schema, database, environment);
  if (relation) return relation.id;
  const system = systemRelations.find((own) => own.name === name && own.schema === (schema ?? 'pg_catalog'));
  if (system) return systemRelationId(system);
  throw new RedshiftError('42P01', `relation "${text}" does not exist`);
}

/** Types by every name they go by, with or without their schema. */
const typeIds: ReadonlyMap<string, number> = new Map<string, number>([
  ...everyType.flatMap(([, { oid, name, shortName }]) => [[name, oid] as const, [shortName, oid] as const]),
  ...Object.entries({ int: typeFacts.int4.oid, decimal: typeFacts.decimal.oid, text: 25, oid: 26, name: 19 }),
  ...Object.entries({ trigger: 2279, regclass: 2205, regtype: 2206, regproc: 24, unknown: 705, void: 2278 }),
]);

function typeId(text: string): number {
  const id = typeIds.get(
    text
      .toLowerCase()
      .replace(/^pg_catalog\./, '')
      .replace(/\(.*\)$/, ''),
  );
  if (id === undefined) throw new RedshiftError('42704', `type "${text}" does not exist`);
  return id;
}

const procedureName = (operand: Bound): Bound =>
  typeof operand.literal === 'string'
    ? constant(quoteText(operand.literal.replace(/^pg_catalog\./, '')), TEXT)
    : settle(operand);

/** A relation's id by a name that is computed. */
function searched(sql: string, environment: BindEnvironment): string {
  const plain = `lower(replace(${sql}, '"', ''))`;
  const path = `[${environment.searchPath.map(quoteText).join(', ')}]::VARCHAR[]`;
  const relations = catalogTable(environment.database, 'relations');
  const matches = `own.schema_name || '.' || own.relation_name = ${plain} OR (own.relation_name = ${plain} AND list_contains(${path}, own.schema_name))`;
  const missing = raise('42P01', `'relation "' || ${sql} || '" does not exist'`, 'BIGINT');
  return `(CASE WHEN ${sql} IS NOT NULL THEN coalesce((SELECT max(own.relation_id) FROM ${relations} own WHERE ${matches}), ${missing}) END)`;
}

/** What a registry's id is called: a relation with its schema where the search path does not lead to it. */
function registryName(value: Bound, environment: BindEnvironment): Bound {
  if (catalogNameOf(value.type) === 'regtype') return combine(formatTypeSql(value.sql, '-1'), TEXT, [value]);
  const path = `[${environment.searchPath.map(quoteText).join(', ')}]::VARCHAR[]`;
  const shown = `CASE WHEN list_contains(${path}, own.schema_name) THEN own.relation_name ELSE own.schema_name || '.' || own.relation_name END`;
  const relations = catalogTable(environment.database, 'relations');
  const own = `(SELECT max(${shown}) FROM ${relations} own WHERE own.relation_id = ${value.sql})`;
  const system = systemRelations.map((relation) => `(${systemRelationId(relation)}, ${quoteText(relation.name)})`);
  const known = `(SELECT max(system.name) FROM (VALUES ${system.join(', ')}) AS system(id, name) WHERE system.id = ${value.sql})`;
  return combine(`coalesce(${own}, ${known}, CAST(${value.sql} AS VARCHAR))`, TEXT, [value]);
}

/** What a query answers of a registry is the name, not the id. */
export function namesOfRegistries(query: BoundQuery, environment: BindEnvironment): BoundQuery {
  const isRegistry = ({ type }: BoundQuery['columns'][number]): boolean =>
    type.kind === 'int8' && (type.catalogName === 'regclass' || type.catalogName === 'regtype');
  if (!query.columns.some(isRegistry)) return query;
  const list = query.columns.map((column, i) => {
    const value = constant(`q.c${i + 1}`, column.type);
    return `${isRegistry(column) ? registryName(value, environment).sql : value.sql} AS c${i + 1}`;
  });
  const columns = query.columns.map((column) =>
    isRegistry(column) ? { ...column, type: { ...TEXT, catalogName: column.type.catalogName } } : column,
  );
  return { ...query, columns, sql: `SELECT ${list.join(', ')} FROM (${query.sql}) AS q` };
}
