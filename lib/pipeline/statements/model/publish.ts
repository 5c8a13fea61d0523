import type { CompiledModel } from '../../models/model.ts';
import { quoteIdentifier, quoteText } from '../../names.ts';
import { type PlacedRelation, qualifiedName } from '../../tables.ts';
import { fenceStatements, type Holder, notedOutcome } from '../fence.ts';
import type { Readers } from '../prepare.ts';
import { caseSensitivePaths } from '../session.ts';
import { createAs, dropAside } from './build.ts';
import { publishedStatement } from './check.ts';
import { commentOn, grantSelects } from './describe.ts';
import { asideOf, oldOf, targetOf, twinOf, twins } from './place.ts';
import { recordRun } from './record.ts';
import type { ModelRun } from './run.ts';

/** What stands where a model is read; a materialized view is read through a view. */
export type Standing = 'table' | 'view' | undefined;

/**
 * Raises, by a division by zero, where another lane has published another definition since the checks looked: the table that is
 * there may have other columns then.
 */
export function requireDefinition(model: CompiledModel): string {
  return `SELECT 1 / COUNT(*) FROM (${publishedStatement(model)}) AS "last" WHERE "definition" = ${quoteText(model.definition)}`;
}

/**
 * Publishes by new rows in the same table: readers wait for nothing, and grants, comments and views stay.
 * Only for a model whose definition is the one published last, because then the columns are the same.
 */
export function replaceStatements(model: CompiledModel, run: ModelRun): string[] {
  const target = qualifiedName(targetOf(model));
  return [
    caseSensitivePaths,
    ...fenceStatements(model, run.holder),
    requireDefinition(model),
    `DELETE FROM ${target}`,
    `INSERT INTO ${target}\nSELECT * FROM ${qualifiedName(asideOf(model))}`,
    ...dropAside(model),
    ...recordRun(model, run),
  ];
}

/** Publishes a view that readers see already: nothing is to be done but the books. */
export function confirmStatements(model: CompiledModel, run: ModelRun): string[] {
  return [caseSensitivePaths, ...fenceStatements(model, run.holder), ...dropAside(model), ...recordRun(model, run)];
}

/**
 * Publishes by putting the new table in the place of the old: the first time, and when the definition has changed. The old one is
 * not dropped but renamed: who has found it before the swap and waits for its lock reads it, whole, instead of an error.
 */
export function swapStatements(model: CompiledModel, run: ModelRun, readers: Readers, standing?: Standing): string[] {
  return [
    caseSensitivePaths,
    ...fenceStatements(model, run.holder),
    ...makeWay(model, standing),
    ...(standing === 'view' ? [`DROP VIEW IF EXISTS ${qualifiedName(targetOf(model))}`] : []),
    `ALTER TABLE ${qualifiedName(asideOf(model))} RENAME TO ${quoteIdentifier(model.table)}`,
    ...presentation(model, run, readers),
  ];
}

/**
 * Publishes by a view on what is there. Replacing it keeps its grants, and Redshift refuses to where the columns differ; `anew` is
 * for then.
 */
export function showStatements(
  model: CompiledModel,
  run: ModelRun,
  readers: Readers,
  { view, standing, anew }: { view: readonly string[]; standing: Standing; anew: boolean },
): string[] {
  return [
    caseSensitivePaths,
    ...fenceStatements(model, run.holder),
    ...makeWay(model, standing),
    ...(anew ? [`DROP VIEW IF EXISTS ${qualifiedName(targetOf(model))}`] : []),
    ...view,
    ...presentation(model, run, readers),
  ];
}

/** A view over all that a materialized view holds. */
export function faceOf(model: CompiledModel, seen: PlacedRelation): string {
  const columns = model.output.length > 0 ? model.output.map(({ name }) => quoteIdentifier(name)).join(', ') : '*';
  return `CREATE OR REPLACE VIEW ${qualifiedName(targetOf(model))} AS\nSELECT ${columns} FROM ${qualifiedName(seen)}\nWITH NO SCHEMA BINDING`;
}

/** The view itself, and nothing aside. */
export const viewItself = (model: CompiledModel): string[] => [...dropAside(model), createAs(model, targetOf(model))];

function makeWay(model: CompiledModel, standing: Standing): string[] {
  if (standing !== 'table') return [];
  const old = oldOf(model);
  return [
    `DROP TABLE IF EXISTS ${qualifiedName(old)}`,
    `ALTER TABLE ${qualifiedName(targetOf(model))} RENAME TO ${quoteIdentifier(old.name)}`,
  ];
}

const presentation = (model: CompiledModel, run: ModelRun, readers: Readers): string[] => [
  ...grantSelects(model, readers),
  commentOn(model),
  ...recordRun(model, run),
];

/** Removes what readers do not see any more: the table before a swap, or the materialized views, all but the one that is seen. */
export function tidyStatements(model: CompiledModel, holder: Holder, standing: Standing, kept?: string): string[] {
  const unseen = twins.filter((twin) => twin !== kept).map((twin) => qualifiedName(twinOf(model, twin)));
  return [
    ...fenceStatements(model, holder),
    ...(standing === 'table' ? [`DROP TABLE IF EXISTS ${qualifiedName(oldOf(model))}`] : []),
    ...(standing === 'view' ? unseen.map((name) => `DROP MATERIALIZED VIEW IF EXISTS ${name}`) : []),
  ];
}

/**
 * Keeps the old: throws away what was built aside and notes why. The last statement answers how the run ended: a publish whose
 * answer was lost is on the books already, and stays.
 */
export function discardStatements(model: CompiledModel, run: ModelRun): string[] {
  return [
    caseSensitivePaths,
    ...fenceStatements(model, run.holder),
    ...dropAside(model),
    ...recordRun(model, run),
    notedOutcome(model, run.holder),
  ];
}
