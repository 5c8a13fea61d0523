import type { CatalogProject } from '../../lib/catalog/catalog.ts';
import { nothingObserved, type Observations, type ObservedRows, observed } from '../../lib/catalog/observations.ts';
import type { ColumnSource, QueryLineage } from '../../lib/pipeline/models/analysis.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { aModel, datasets, noon } from './pipeline.ts';

/** That a column is made of another; `path` where it is deep in a SUPER value. */
export function aSource(table: string, column: string, over: Partial<ColumnSource> = {}): ColumnSource {
  return {
    table,
    column,
    path: column,
    influences: [{ type: 'DIRECT', subtype: 'IDENTITY', masking: false }],
    ...over,
  };
}

/** A model with a column after each name; each is made of the columns that are given. */
export function aTracedModel(
  table: string,
  columns: Readonly<Record<string, readonly ColumnSource[]>>,
  over: Partial<CompiledModel> = {},
): { readonly model: CompiledModel; readonly lineage: QueryLineage } {
  const reads = [...new Set(Object.values(columns).flatMap((sources) => sources.map((source) => source.table)))];
  const sql = `SELECT ${Object.keys(columns).join(', ')}\nFROM ${reads.join(', ')}`;
  const model = aModel({
    table,
    sql,
    key: [],
    output: Object.keys(columns).map((name) => ({ name, type: 'character varying(64)' })),
    columns: [],
    checks: [],
    reads: reads.map((name) => ({
      name,
      start: sql.indexOf(name),
      end: sql.indexOf(name) + name.length,
      aliased: false,
    })),
    ...over,
  });
  return {
    model,
    lineage: { columns: Object.entries(columns).map(([name, sources]) => ({ name, sources: [...sources] })), rows: [] },
  };
}

/** A project of the models given, with two datasets. */
export function aCatalogProject(
  traced: readonly { readonly model: CompiledModel; readonly lineage: QueryLineage }[],
  over: Partial<CatalogProject> = {},
): CatalogProject {
  return {
    service: 'tournaments-prod',
    database: 'prod',
    models: traced.map(({ model }) => model),
    lineage: new Map(traced.map(({ model, lineage }) => [model.name, lineage])),
    datasets,
    readers: { analysts: { schemas: ['mart'] } },
    ...over,
  };
}

/** A small platform: players and tournaments of two datasets, a count of a day made of both. */
export function aPlatform(): CatalogProject {
  const payload = (path: string) => aSource('latest.brackets', 'payload', { path: `payload.${path}` });
  const decides: ColumnSource['influences'] = [{ type: 'INDIRECT', subtype: 'FILTER', masking: false }];
  return aCatalogProject([
    aTracedModel(
      'tournaments',
      {
        tournament_id: [payload('tournamentId')],
        tournament_name: [payload('name')],
        starts_at: [payload('startsAt')],
      },
      {
        label: 'Turniere',
        description: 'One row a tournament, as the platform has it now',
        key: ['tournament_id'],
        freshnessSeconds: 120,
        output: [
          { name: 'tournament_id', type: 'character varying(64)' },
          { name: 'tournament_name', type: 'character varying(512)' },
          { name: 'starts_at', type: 'timestamp with time zone' },
        ],
        columns: [
          { name: 'tournament_id', description: "The platform's identity of the tournament" },
          { name: 'tournament_name', label: '大会名', description: 'As the organizer wrote it' },
          { name: 'starts_at', label: 'Beginn', description: 'When it starts or started, UTC' },
        ],
        checks: [
          { kind: 'not_null', column: 'tournament_id', severity: 'error' },
          { kind: 'unique', columns: ['tournament_id'], severity: 'error' },
          { kind: 'expression', sql: "starts_at > '2020-01-01'", severity: 'warn' },
        ],
      },
    ),
    aTracedModel(
      'players',
      {
        player_id: [payload('matches[*].participants[*].playerId')],
        email: [payload('matches[*].participants[*].email')],
      },
      {
        key: ['player_id'],
        owner: 'community-team',
        freshnessSeconds: 120,
        description: 'One row a player who was ever in a bracket',
        columns: [
          { name: 'player_id', personalData: 'pseudonymous', description: "The player's identity" },
          { name: 'email', label: 'E-Mail', personalData: 'personal', description: 'How to reach them' },
        ],
      },
    ),
    aTracedModel(
      'daily_kpi',
      {
        day: [aSource('mart.tournaments', 'starts_at')],
        tournaments_started: [
          aSource('mart.tournaments', 'tournament_id'),
          aSource('mart.tournaments', 'starts_at', { influences: decides }),
        ],
        log_events: [aSource('raw.app_logs', '_id')],
      },
      {
        label: 'Kennzahlen des Tages',
        description: 'What happened on the platform, a row a day (UTC)',
        owner: 'platform-team',
        freshnessSeconds: 120,
        contract: true,
        checks: [{ kind: 'row_count', minimum: 1, severity: 'error' }],
      },
    ),
  ]);
}

export const noonSeconds = noon / 1000;

/** A run's row, as the warehouse answers. */
export function aRunRow(
  model: string,
  over: { id?: string; outcome?: string; rows?: number; reason?: string; atSeconds?: number } = {},
) {
  const { atSeconds = noonSeconds, outcome = 'published', rows = 5, reason = null } = over;
  return [over.id ?? `run-${atSeconds}:${model}`, model, outcome, String(rows), reason, String(atSeconds)];
}

/** A day's loads of a dataset. */
export function aLoadRow(dataset: string, over: { rows?: number; atSeconds?: number; lagSeconds?: number } = {}) {
  const { rows = 10, atSeconds = noonSeconds - 5, lagSeconds = 7 } = over;
  return [
    dataset,
    String(Math.floor(atSeconds / 86_400)),
    String(rows),
    String(atSeconds),
    String(atSeconds - 3),
    String(lagSeconds),
  ];
}

export function observationsOf(rows: Partial<ObservedRows>, before: Observations = nothingObserved): Observations {
  return observed(before, { runs: [], checks: [], loads: [], ...rows });
}
