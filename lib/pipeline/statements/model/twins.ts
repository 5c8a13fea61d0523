import type { CompiledModel } from '../../models/model.ts';
import { quoteText } from '../../names.ts';
import { modelPlacesTable, qualifiedName } from '../../tables.ts';
import type { ResultRows } from '../../work.ts';
import { fenceStatements, type Holder, unlessNoted } from '../fence.ts';
import { caseSensitivePaths } from '../session.ts';
import { createAs } from './build.ts';
import { type Twin, twinOf } from './place.ts';
import { insertRows } from './record.ts';
import type { ModelRun } from './run.ts';

/** What the books say of the two materialized views of a model. */
export interface TwinBooks {
  /** The one that readers see. */
  readonly seen: Twin | undefined;
  /** The definition that each was made with. */
  readonly definitions: ReadonlyMap<string, string>;
}

/** Asks the books of both: what was last noted of each, and which was published last. */
export function booksStatement(model: CompiledModel): string {
  return `SELECT "place", "definition", "event"
FROM (
  SELECT "place", "definition", "event", ROW_NUMBER() OVER (PARTITION BY "place", "event" ORDER BY "noted_at" DESC) AS "age",
    ROW_NUMBER() OVER (PARTITION BY "event" ORDER BY "noted_at" DESC) AS "age_of_event"
  FROM ${qualifiedName(modelPlacesTable)}
  WHERE "model" = ${quoteText(model.name)}
) AS "noted"
WHERE ("event" = 'built' AND "age" = 1) OR ("event" = 'published' AND "age_of_event" = 1)`;
}

export function twinBooks(rows: ResultRows): TwinBooks {
  const seen = rows.find(([, , event]) => event === 'published')?.[0];
  const built = rows.filter(([, , event]) => event === 'built');
  return {
    seen: seen === 'a' || seen === 'b' ? seen : undefined,
    definitions: new Map(built.map(([place, definition]) => [place ?? '', definition ?? ''])),
  };
}

/** Computes the hidden one again from what has changed, as Redshift knows it. */
export function refreshStatements(model: CompiledModel, holder: Holder, twin: Twin): string[] {
  return [...fenceStatements(model, holder), `REFRESH MATERIALIZED VIEW ${qualifiedName(twinOf(model, twin))}`];
}

/** Makes the hidden one, with a note of its definition in the same transaction. */
export function createTwinStatements(
  model: CompiledModel,
  run: Pick<ModelRun, 'runId' | 'holder'>,
  twin: Twin,
): string[] {
  const place = twinOf(model, twin);
  return [
    caseSensitivePaths,
    ...fenceStatements(model, run.holder),
    `DROP MATERIALIZED VIEW IF EXISTS ${qualifiedName(place)}`,
    createAs(model, place),
    noteTwin(model, run, twin, 'built'),
  ];
}

/** Rows are only added, as in all books. */
export function noteTwin(
  model: CompiledModel,
  run: Pick<ModelRun, 'runId' | 'holder'>,
  twin: Twin,
  event: 'built' | 'published',
): string {
  const noted = [run.runId, model.name, twin, model.definition, event].map(quoteText);
  return insertRows(modelPlacesTable, [[...noted, 'SYSDATE'].join(', ')], unlessNoted(model, run.holder));
}
