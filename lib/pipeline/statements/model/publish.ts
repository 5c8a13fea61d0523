import type { CompiledModel } from '../../models/model.ts';
import { quoteIdentifier, quoteText } from '../../names.ts';
import { qualifiedName } from '../../tables.ts';
import { fenceStatements, type Holder, notedOutcome } from '../fence.ts';
import type { Readers } from '../prepare.ts';
import { caseSensitivePaths, inBatches } from '../session.ts';
import { createAs, drop, dropAside, dropAsides } from './build.ts';
import { asideOf, targetOf } from './place.ts';
import { recordRun } from './record.ts';
import type { ModelRun } from './run.ts';

/**
 * Publishes by new rows in the same table: readers wait for nothing, and grants, comments and views stay.
 * Only for a model whose definition is the one published last, because then the columns are the same.
 */
export function replaceStatements(model: CompiledModel, run: ModelRun): string[] {
  const target = qualifiedName(targetOf(model));
  return [
    caseSensitivePaths,
    ...fenceStatements(model, run.holder),
    `DELETE FROM ${target}`,
    `INSERT INTO ${target}\nSELECT * FROM ${qualifiedName(asideOf(model))}`,
    dropAside(model),
    ...recordRun(model, run),
  ];
}

/**
 * Publishes by putting the new table in the place of the old: the first time, and when the definition has changed.
 * An ordinary view on the old one makes it fail, aloud, and keeps the old; late-binding views do not notice.
 */
export function swapStatements(model: CompiledModel, run: ModelRun, readers: Readers): string[] {
  const exchange =
    model.materialization === 'view'
      ? [dropAside(model), drop(model, targetOf(model)), createAs(model, targetOf(model))]
      : [
          drop(model, targetOf(model)),
          `ALTER TABLE ${qualifiedName(asideOf(model))} RENAME TO ${quoteIdentifier(model.table)}`,
        ];
  return [
    caseSensitivePaths,
    ...fenceStatements(model, run.holder),
    ...exchange,
    ...grantees(model, readers).map((role) => grantSelect(model, role)),
    comment(model),
    ...recordRun(model, run),
  ];
}

/** Everyone who may read the model: by its schema, or because its header says so. */
export function grantees(model: Pick<CompiledModel, 'schema' | 'grants'>, readers: Readers): string[] {
  const bySchema = Object.keys(readers).filter((role) => readers[role]?.schemas.includes(model.schema));
  return [...new Set([...bySchema, ...model.grants])];
}

function grantSelect(model: CompiledModel, role: string): string {
  return `GRANT SELECT ON ${qualifiedName(targetOf(model))} TO ROLE ${quoteIdentifier(role)}`;
}

function comment(model: CompiledModel): string {
  const kind = model.materialization === 'view' ? 'VIEW' : 'TABLE';
  return `COMMENT ON ${kind} ${qualifiedName(targetOf(model))} IS ${quoteText(model.description)}`;
}

/** What the columns mean, told to the table built aside, which keeps it under its later name; in batches the Data API takes. */
export function describeBatches(model: CompiledModel, holder: Holder): string[][] {
  if (model.materialization === 'view') return [];
  const aside = qualifiedName(asideOf(model));
  return inBatches(
    model.columns.map(
      ({ name, description }) => `COMMENT ON COLUMN ${aside}.${quoteIdentifier(name)} IS ${quoteText(description)}`,
    ),
    fenceStatements(model, holder),
  );
}

/**
 * Keeps the old: throws away what was built aside and notes why. The last statement answers how the run ended: a publish whose
 * answer was lost is on the books already, and stays.
 */
export function discardStatements(model: CompiledModel, run: ModelRun): string[] {
  return [
    caseSensitivePaths,
    ...fenceStatements(model, run.holder),
    ...dropAsides(model),
    ...recordRun(model, run),
    notedOutcome(model, run.holder),
  ];
}
