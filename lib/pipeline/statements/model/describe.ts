import { historyColumns } from '../../models/history-columns.ts';
import type { ColumnNote, CompiledModel } from '../../models/model.ts';
import { quoteIdentifier, quoteText } from '../../names.ts';
import { qualifiedName } from '../../tables.ts';
import { fenceStatements, type Holder } from '../fence.ts';
import type { Readers } from '../prepare.ts';
import { inBatches } from '../session.ts';
import { asideOf, targetOf } from './place.ts';

/** What a comment in the database says: what people call it, and what it is. */
export function commentText({
  label,
  description,
}: {
  readonly label?: string | undefined;
  readonly description: string;
}) {
  return label === undefined ? description : `${label}: ${description}`;
}

/** What the model is, told to what readers see. */
export function commentOn(model: CompiledModel): string {
  const isSeenAsView = model.materialization === 'view' || model.materialization === 'materialized view';
  const kind = isSeenAsView ? 'VIEW' : 'TABLE';
  return `COMMENT ON ${kind} ${qualifiedName(targetOf(model))} IS ${quoteText(commentText(model))}`;
}

export const historyNotes: readonly ColumnNote[] = [
  { name: historyColumns.validTo.name, description: 'Until when this version held; NULL while it does' },
  { name: historyColumns.isCurrent.name, description: 'Whether this is the version that holds now' },
];

/**
 * What the columns mean, told to the table built aside, which keeps it under its later name; in batches the Data API takes.
 * Columns of late-binding views take no comment.
 */
export function describeBatches(model: CompiledModel, holder: Holder): string[][] {
  if (model.materialization === 'view' || model.materialization === 'materialized view') return [];
  const aside = qualifiedName(asideOf(model));
  return inBatches(
    [...model.columns, ...(model.materialization === 'history' ? historyNotes : [])].map(
      (column) => `COMMENT ON COLUMN ${aside}.${quoteIdentifier(column.name)} IS ${quoteText(commentText(column))}`,
    ),
    fenceStatements(model, holder),
  );
}

/** Everyone who may read the model: by its schema, or because its header says so. */
export function grantees(model: Pick<CompiledModel, 'schema' | 'grants'>, readers: Readers): string[] {
  const bySchema = Object.keys(readers).filter((role) => readers[role]?.schemas.includes(model.schema));
  return [...new Set([...bySchema, ...model.grants])];
}

export function grantSelects(model: CompiledModel, readers: Readers): string[] {
  const target = qualifiedName(targetOf(model));
  return grantees(model, readers).map((role) => `GRANT SELECT ON ${target} TO ROLE ${quoteIdentifier(role)}`);
}
