import { boxAnalyst } from '../../lib/analyst.ts';
import { keepingReplaced } from '../../lib/pipeline/incremental/kept.ts';
import { modelTables } from '../../lib/pipeline/model-tables.ts';
import { compileModels, type ModelFile } from '../../lib/pipeline/models/compile.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { versionsSelect } from '../../lib/pipeline/statements/incremental/versions.ts';
import { qualifiedName } from '../../lib/pipeline/tables.ts';
import { datasets } from '../factories/pipeline.ts';

const file = (name: string, lines: readonly string[]): ModelFile => ({
  path: `sql/models/followed/${name}.sql`,
  text: ['-- owner: tournament-team', `-- description: ${name}`, ...lines].join('\n'),
});

/** Models that only compute what a change reaches: row by row, by a group that rows move between, and version by version. */
const files = [
  file('rounds_now', [
    '-- materialization: incremental',
    '-- key: tournament_id',
    'SELECT b.payload.tournamentId::VARCHAR(64) AS tournament_id, b.payload.round::DECIMAL(10, 2) AS round',
    'FROM latest.brackets AS b',
  ]),
  file('brackets_by_round', [
    '-- materialization: incremental',
    '-- key: round',
    'SELECT COALESCE(b.payload.round::DECIMAL(10, 2), -1) AS round, COUNT(*) AS brackets',
    'FROM latest.brackets AS b',
    'GROUP BY 1',
  ]),
  file('rounds_over_time', [
    '-- materialization: history',
    '-- key: tournament_id',
    '-- valid from: since',
    '-- deleted: is_deleted',
    'SELECT b._key AS tournament_id, b.payload.round::DECIMAL(10, 2) AS round,',
    "  b._op IN ('delete', 'expire') AS is_deleted, b._at AS since",
    'FROM "raw".brackets AS b',
  ]),
];

export const followingModels: CompiledModel[] = compileModels(files, datasets, { analyst: boxAnalyst() });

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
