import type { DatasetPlan } from '../../lib/pipeline/environment.ts';
import { mainLane } from '../../lib/pipeline/lane.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import type { PendingObject } from '../../lib/pipeline/state-items.ts';

/** The demo's datasets: two with keys, one without. */
export const datasets: readonly DatasetPlan[] = [
  { name: 'brackets', owner: 'tournament-team', freshnessSeconds: 60, keyed: true },
  { name: 'app_logs', owner: 'platform-team', freshnessSeconds: 300, keyed: false },
];

/** 2026-11-20T12:00:00Z. */
export const noon = Date.UTC(2026, 10, 20, 12);

/** An object of the lake that waits in the inbox. */
export function aPendingObject(over: Partial<PendingObject> & { readonly name?: string } = {}): PendingObject {
  const { name = 'shard-1', ...rest } = over;
  const dataset = rest.dataset ?? 'brackets';
  return {
    bucket: 'lake',
    key: `raw/${dataset}/dt=2026-11-20/hh=12/${name}.ndjson.zst`,
    dataset,
    sizeBytes: 1234,
    eTag: `etag-of-${name}`,
    createdAt: new Date(noon).toISOString(),
    attempts: 0,
    ...rest,
  };
}

/** The event that S3 sends through EventBridge when the object is created. */
export function objectCreatedEvent(object: PendingObject): string {
  return JSON.stringify({
    version: '0',
    source: 'aws.s3',
    'detail-type': 'Object Created',
    time: object.createdAt,
    detail: {
      version: '0',
      bucket: { name: object.bucket },
      object: { key: object.key, size: object.sizeBytes, etag: object.eTag, sequencer: '00' },
      reason: 'PutObject',
    },
  });
}

/** The event that Step Functions sends through EventBridge when a run has ended. */
export function runEndedEvent(name: string, status: string): string {
  return JSON.stringify({
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: { name, status },
  });
}

/** A model as it comes compiled. */
export function aModel(over: Partial<CompiledModel> = {}): CompiledModel {
  const table = over.table ?? 'players';
  return {
    name: `mart.${table}`,
    schema: 'mart',
    table,
    path: `sql/models/mart/${table}.sql`,
    sql: 'SELECT b.payload.id::VARCHAR(64) AS id FROM latest.brackets AS b',
    materialization: 'table',
    key: ['id'],
    owner: 'tournament-team',
    description: 'One row a player',
    columns: [{ name: 'id', description: "The player's identity" }],
    checks: [
      { kind: 'not_null', column: 'id', severity: 'error' },
      { kind: 'unique', columns: ['id'], severity: 'error' },
    ],
    lane: mainLane,
    output: [{ name: 'id', type: 'character varying(64)' }],
    contract: false,
    grants: [],
    sortColumns: [],
    reads: [{ name: 'latest.brackets', start: 43, end: 58, aliased: true }],
    dependsOn: [],
    datasets: ['brackets'],
    definition: `definition-of-${table}`,
    ...over,
  };
}
