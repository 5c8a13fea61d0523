import type { FromItem, NamedSource } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import type { QueryContext } from './query.ts';
import { fold } from './scope.ts';

/**
 * A query inside another that unnests an array of the query around it reads that array, and what lies in it, and nothing else.
 * `isArray` tells arrays of the query around from tables.
 */
export function refuseTablesBesideOuterArrays(
  items: readonly FromItem[],
  context: QueryContext,
  isArray: (item: NamedSource) => boolean,
): void {
  if (!context.parent) return;
  const sources = items.flatMap(leaves);
  const { settings } = context.environment;
  const own = new Set(
    sources.map((source) => ('alias' in source && source.alias ? fold(source.alias, settings) : undefined)),
  );
  const isOwn = (item: NamedSource): boolean =>
    item.expression.kind === 'reference' && own.has(fold(item.expression.root, settings));
  const isOuter = (item: FromItem): boolean =>
    item.kind === 'named' && item.expression.kind === 'reference' && !isOwn(item) && isArray(item);
  const isTable = (item: FromItem): boolean =>
    item.kind === 'derived' ||
    (item.kind === 'named' && item.expression.kind === 'reference' && !isOwn(item) && !isArray(item));
  const table = sources.find(isTable);
  if (!table || !sources.some(isOuter)) return;
  throw new RedshiftError('0A000', 'a subquery that unnests an array of the query around it can read no other table', {
    position: table.position + 1,
  });
}

/** The items of FROM without the joins that they hang in. */
const leaves = (item: FromItem): FromItem[] =>
  item.kind === 'join' ? [...leaves(item.left), ...leaves(item.right)] : [item];
