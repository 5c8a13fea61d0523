import { createHash } from 'node:crypto';
import type { ModelHeader } from './header.ts';

/**
 * Two models with the same definition have the same columns, rows, comments and grants, if what they read has the same rows;
 * checks, owner, lane and freshness are no part of it.
 */
export function definitionOf(
  sql: string,
  header: ModelHeader,
  { functions, upstream }: { readonly functions: readonly string[]; readonly upstream: readonly string[] },
): string {
  const { materialization, key, validFrom, deleted, description, label, columns, grants } = header;
  const { sortColumns, distribution } = header;
  const rows = [sql, materialization, key, validFrom, deleted, functions, upstream];
  return hashOf([...rows, description, label, columns, grants, sortColumns, distribution]);
}

export function hashOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
