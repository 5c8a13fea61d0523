import { followsChanges } from '../../model-tables.ts';
import type { CompiledModel } from '../../models/model.ts';
import { quoteIdentifier } from '../../names.ts';
import { type PlacedRelation, qualifiedName } from '../../tables.ts';
import { fenceStatements, type Holder } from '../fence.ts';
import { caseSensitivePaths } from '../session.ts';
import { asideOf, changedOf } from './place.ts';

/** Builds the model where nobody looks. */
export function buildStatements(model: CompiledModel, holder: Holder): string[] {
  return [caseSensitivePaths, ...fenceStatements(model, holder), ...dropAside(model), createAs(model, asideOf(model))];
}

export function createAs(model: CompiledModel, target: PlacedRelation): string {
  const name = qualifiedName(target);
  // The SELECT is on lines of its own: it may end in a comment.
  switch (model.materialization) {
    case 'view':
      return `CREATE OR REPLACE VIEW ${name} AS\n${model.sql}\nWITH NO SCHEMA BINDING`;
    case 'materialized view':
      return `CREATE MATERIALIZED VIEW ${name}${attributes(model)}\nAUTO REFRESH NO AS\n${model.sql}`;
    default:
      return `CREATE TABLE ${name}${attributes(model)} AS\n${model.sql}`;
  }
}

/** Where the rows are kept, and in what order; without a word Redshift chooses. */
function attributes(model: Pick<CompiledModel, 'materialization' | 'distribution' | 'sortColumns'>): string {
  const { sortColumns } = model;
  const style = distributionClause(model);
  return sortColumns.length > 0 ? `${style}\nSORTKEY (${sortColumns.map(quoteIdentifier).join(', ')})` : style;
}

/** A materialized view leaves nothing aside: what is hidden is refreshed by the next run. */
export function dropAside(model: CompiledModel): string[] {
  if (model.materialization === 'materialized view') return [];
  const kind = model.materialization === 'view' ? 'VIEW' : 'TABLE';
  const changed = followsChanges(model) ? [`DROP TABLE IF EXISTS ${qualifiedName(changedOf(model))}`] : [];
  return [`DROP ${kind} IF EXISTS ${qualifiedName(asideOf(model))}`, ...changed];
}

/** AUTO is not among the styles that the manual has for materialized views. */
function distributionClause({
  materialization,
  distribution,
}: Pick<CompiledModel, 'materialization' | 'distribution'>): string {
  if (!distribution || (distribution.style === 'auto' && materialization === 'materialized view')) return '';
  if (distribution.style !== 'key') return `\nDISTSTYLE ${distribution.style.toUpperCase()}`;
  return `\nDISTSTYLE KEY DISTKEY (${quoteIdentifier(distribution.column)})`;
}
