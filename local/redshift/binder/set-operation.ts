import type { SetOperation } from '../statements/syntax.ts';
import { constant } from './bound.ts';
import { groupKey } from './grouping.ts';
import { nextName } from './names.ts';
import type { OutputColumn } from './scope.ts';

type Sides = readonly [left: string, right: string];

export function unionAll([left, right]: Sides): string {
  const alias = nextName();
  return `SELECT ${alias}.* FROM (${left} UNION ALL ${right}) AS ${alias}`;
}

/** UNION, INTERSECT, EXCEPT: rows are told apart by their values, which DuckDB's own operators would do by how they are written. */
export function combineSets(
  operator: SetOperation['operator'],
  [left, right]: Sides,
  columns: readonly OutputColumn[],
): string {
  const keysOf = (alias: string): string[] =>
    columns.map((column, i) => groupKey(constant(`${alias}.c${i + 1}`, column.type, column)));
  const alias = nextName();
  const isPlain = keysOf(alias).every((key, i) => key === `${alias}.c${i + 1}`);
  if (isPlain) return `SELECT ${alias}.* FROM (${left} ${operator.toUpperCase()} ${right}) AS ${alias}`;
  const distinct = `SELECT DISTINCT ON (${keysOf(alias).join(', ')}) ${alias}.*`;
  if (operator === 'union') return `${distinct} FROM (${left} UNION ALL ${right}) AS ${alias}`;
  const other = nextName();
  const others = keysOf(other);
  const same = keysOf(alias).map((key, i) => `${key} IS NOT DISTINCT FROM ${others[i]}`);
  const join = operator === 'intersect' ? 'SEMI JOIN' : 'ANTI JOIN';
  return `${distinct} FROM (${left}) AS ${alias} ${join} (${right}) AS ${other} ON ${same.join(' AND ')}`;
}
