import { keepingReplaced } from '../../lib/pipeline/incremental/kept.ts';
import { modelTables } from '../../lib/pipeline/model-tables.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { versionsSelect } from '../../lib/pipeline/statements/incremental/versions.ts';
import { qualifiedName } from '../../lib/pipeline/tables.ts';
import { datasets } from '../factories/pipeline.ts';
import { aModelFile, analysed } from '../factories/project.ts';

/** A model's file, a line each: the rest of the header, then the query. */
export const lines = (...all: readonly string[]): string => all.join('\n');

/** Models that only compute what a change reaches: row by row, by a group that rows move between, and version by version. */
const files = [
  aModelFile(
    'followed.rounds_now',
    lines(
      '-- materialization: incremental',
      '-- key: tournament_id',
      'SELECT b.payload.tournamentId::VARCHAR(64) AS tournament_id, b.payload.round::DECIMAL(10, 2) AS round',
      'FROM latest.brackets AS b',
    ),
  ),
  aModelFile(
    'followed.brackets_by_round',
    lines(
      '-- materialization: incremental',
      '-- key: round',
      'SELECT COALESCE(b.payload.round::DECIMAL(10, 2), -1) AS round, COUNT(*) AS brackets',
      'FROM latest.brackets AS b',
      'GROUP BY 1',
    ),
  ),
  aModelFile(
    'followed.rounds_over_time',
    lines(
      '-- materialization: history',
      '-- key: tournament_id',
      '-- valid from: since',
      '-- deleted: is_deleted',
      'SELECT b._key AS tournament_id, b.payload.round::DECIMAL(10, 2) AS round,',
      "  b._op IN ('delete', 'expire') AS is_deleted, b._at AS since",
      'FROM "raw".brackets AS b',
    ),
  ),
];

export const followingModels: CompiledModel[] = analysed({ models: files }).models;

/** The datasets as they are loaded where these models follow them. */
export const followedDatasets = keepingReplaced(datasets, followingModels);

/** What each must hold when all is at rest: the same as if it were made anew. */
export const followingChecks = followingModels.map((model) => ({
  name: model.name,
  rows: `SELECT * FROM ${model.name} ORDER BY 1, 2`,
  anew: `SELECT * FROM (\n${anew(model)}\n) AS "anew" ORDER BY 1, 2`,
}));

function anew(model: CompiledModel): string {
  return model.materialization === 'history' ? versionsSelect(model, model.sql) : model.sql;
}

/** Leaves nothing of them, and their books empty. */
export const clearFollowing: string[] = followingModels.flatMap((model) => [
  ...['', '__next', '__changed', '__old'].map((suffix) => `DROP TABLE IF EXISTS ${model.name}${suffix}`),
  ...modelTables(model).map((table) => `DELETE FROM ${qualifiedName(table)}`),
]);
