import type { Column } from '../catalog/model.ts';
import type { SessionStatement } from '../statements/statement.ts';
import type { ResultColumn, StatementResult } from '../types.ts';
import { requireColumn } from './insertion.ts';
import { done } from './results.ts';
import { defaultEncoding } from './table-definitions.ts';
import type { Workspace } from './workspace.ts';

type Kind<Name extends SessionStatement['kind']> = Extract<SessionStatement, { kind: Name }>;

/** VACUUM and ANALYZE have nothing to do here, but their table must be there. */
export async function runMaintenance(
  workspace: Workspace,
  { kind, table }: Kind<'vacuum' | 'analyze'>,
): Promise<StatementResult> {
  if (table.length > 0) workspace.require(table, ['table', 'materialized_view']);
  return done(kind.toUpperCase());
}

/** What ANALYZE COMPRESSION answers. */
export const COMPRESSION_COLUMNS: readonly ResultColumn[] = ['Table', 'Column', 'Encoding', 'Est_reduction_pct'].map(
  (name) => ({
    name,
    type: { kind: 'varchar', length: 128 },
  }),
);

/** The encodings that the box chooses itself. It has no blocks to compress, so it tells no reduction. */
export async function runAnalyzeCompression(
  workspace: Workspace,
  { table, columns }: Kind<'analyzeCompression'>,
): Promise<StatementResult> {
  const tables =
    table.length > 0
      ? [workspace.require(table)]
      : [...workspace.transaction.catalog.relations.values()].filter(({ kind }) => kind === 'table');
  const rows = tables.flatMap((relation) => {
    const named = columns.map((name) => requireColumn(relation, workspace.fold(name), name.position));
    const shown: readonly Column[] = named.length > 0 ? named : relation.columns;
    return shown.map(({ name, type, sortKeyPosition }) => {
      const encoding = defaultEncoding(type, sortKeyPosition > 0);
      return [relation.name, name, encoding === 'none' ? 'raw' : encoding, '0.00'];
    });
  });
  return { tag: 'ANALYZE COMPRESSION', columns: COMPRESSION_COLUMNS, rows, rowCount: rows.length };
}
