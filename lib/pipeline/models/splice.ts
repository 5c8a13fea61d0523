import { quoteIdentifier } from '../names.ts';
import type { TableRead } from './model.ts';

/**
 * A query with other relations in the place of some that it reads. `instead` gives SQL for a relation (a qualified name, or a
 * subquery in parentheses) by the name that is read, or undefined where it stays; one that had no alias gets its own name as one.
 */
export function replaceReads(
  sql: string,
  reads: readonly TableRead[],
  instead: (name: string) => string | undefined,
): string {
  let replaced = sql;
  // From the end, so that the offsets before stay right.
  for (const { name, start, end, aliased } of reads.toSorted((one, other) => other.start - one.start)) {
    const relation = instead(name);
    if (relation === undefined) continue;
    const alias = aliased ? '' : ` AS ${quoteIdentifier(name.slice(name.indexOf('.') + 1))}`;
    replaced = `${replaced.slice(0, start)}${relation}${alias}${replaced.slice(end)}`;
  }
  return replaced;
}
