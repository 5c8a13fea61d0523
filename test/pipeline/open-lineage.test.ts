import {
  type EndedRun,
  jobEvent,
  openLineageObject,
  runEvents,
  runId,
  warehouseNamespace,
} from '../../lib/pipeline/lineage/open-lineage.ts';
import type { QueryLineage } from '../../lib/pipeline/models/analysis.ts';
import { aModel } from '../factories/pipeline.ts';

const names = { jobs: 'tournaments-prod', tables: 'redshift://tournaments-prod.eu-west-1:5439', database: 'prod' };
const as = (type: 'DIRECT' | 'INDIRECT', subtype: 'IDENTITY' | 'FILTER' | 'JOIN' | 'TRANSFORMATION') => ({
  type,
  subtype,
  masking: false,
});

const lineage: QueryLineage = {
  columns: [
    {
      name: 'id',
      sources: [
        { table: 'latest.brackets', column: 'payload', path: 'payload.id', influences: [as('DIRECT', 'IDENTITY')] },
        {
          table: 'latest.brackets',
          column: 'payload',
          path: 'payload.alias',
          influences: [as('DIRECT', 'TRANSFORMATION')],
        },
      ],
    },
  ],
  rows: [
    {
      table: 'latest.brackets',
      column: '_op',
      path: '_op',
      influences: [as('INDIRECT', 'FILTER'), as('INDIRECT', 'JOIN')],
    },
  ],
};
const known = { model: aModel(), lineage };
const run: EndedRun = {
  execution: 'refresh-main-7',
  outcome: 'published',
  rows: 12,
  checks: [
    { name: 'not_null: id', severity: 'error', failures: 0 },
    { name: 'unique: id', severity: 'warn', failures: 3 },
  ],
  startedAt: '2026-11-20T11:59:00.000Z',
  endedAt: '2026-11-20T12:00:00.000Z',
};

test('what a model is made of, as OpenLineage tells it', () => {
  expect(jobEvent(known, names, run.endedAt)).toMatchSnapshot();
});

test('a run begins and ends; its checks are a run of their own that reads the table', () => {
  const [started, ended, checked] = runEvents(known, run, names);
  expect([started, ended, checked].map((event) => [event?.eventType, event?.job.name, event?.eventTime])).toEqual([
    ['START', 'mart.players', run.startedAt],
    ['COMPLETE', 'mart.players', run.endedAt],
    ['COMPLETE', 'mart.players.checks', run.endedAt],
  ]);
  expect(started?.run.runId).toBe(ended?.run.runId);
  expect(ended?.outputs[0]?.outputFacets).toMatchObject({ outputStatistics: { rowCount: 12 } });
  expect(checked?.outputs).toEqual([]);
  expect(checked?.inputs[0]).toMatchObject({
    name: 'prod.mart.players',
    inputFacets: {
      dataQualityAssertions: {
        assertions: [
          { assertion: 'not_null: id', column: 'id', success: true, severity: 'error' },
          { assertion: 'unique: id', success: false, severity: 'warn' },
        ],
      },
    },
  });
});

test('a model that was not published failed, and its event says why', () => {
  const checks = [{ name: 'unique: id', severity: 'error' as const, failures: 3 }];
  const [refused] = runEvents(known, { ...run, startedAt: undefined, outcome: 'checkFailed', checks }, names);
  expect(refused).toMatchObject({
    eventType: 'FAIL',
    run: { facets: { errorMessage: { message: 'unique: id (3)' } } },
  });
  expect(refused?.outputs[0]).not.toHaveProperty('outputFacets');
  const [failed, ...more] = runEvents(
    known,
    { ...run, startedAt: undefined, outcome: 'failed', checks: [], reason: 'overflow' },
    names,
  );
  expect(failed).toMatchObject({ eventType: 'FAIL', run: { facets: { errorMessage: { message: 'overflow' } } } });
  expect(more).toEqual([]);
});

test('a model that nobody has analysed has tables and no columns', () => {
  const event = jobEvent({ model: aModel({ output: [] }) }, names, run.endedAt);
  expect(Object.keys(event.outputs[0]?.facets ?? {})).toEqual(['documentation']);
  expect(event.inputs).toEqual([{ namespace: names.tables, name: 'prod.latest.brackets' }]);
});

/** What every facet and event must have (OpenLineage 2-0-2, BaseFacet and BaseEvent). */
function everyFacet(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, part]) =>
    /facets$/i.test(key) ? Object.values(part as object) : everyFacet(part),
  );
  return inner as Record<string, unknown>[];
}

test('every facet says who made it and by which schema, every event has what it needs', () => {
  const events = runEvents(known, run, names);
  const facets = everyFacet(events);
  expect(facets.length).toBeGreaterThan(15);
  for (const facet of facets) {
    expect(new URL(String(facet._schemaURL)).hash).toMatch(/^#\/\$defs\/\w+Facet$/);
    expect(facet._producer).toBe('urn:millrace');
  }
  for (const event of events) {
    expect(event.run.runId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Date(event.eventTime).toISOString()).toBe(event.eventTime);
    expect(event.schemaURL).toBe('https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent');
  }
});

test('a retry says the same under the same name; other runs and jobs have ids of their own', () => {
  const object = openLineageObject(run.execution, run.endedAt, runEvents(known, run, names));
  expect(object.key).toBe('openlineage/dt=2026-11-20/refresh-main-7.ndjson');
  expect(
    object.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(runEvents(known, run, names));
  expect(openLineageObject(run.execution, run.endedAt, runEvents(known, run, names))).toEqual(object);
  expect(new Set([runId('a', 'mart.x'), runId('a', 'mart.y'), runId('b', 'mart.x')]).size).toBe(3);
});

test('a warehouse is called as OpenLineage calls Redshift', () => {
  expect(warehouseNamespace({ workgroupName: 'w' }, 'eu-west-1')).toBe('redshift://w.eu-west-1:5439');
  expect(warehouseNamespace({ clusterIdentifier: 'w' }, undefined)).toBe('redshift://w:5439');
});
