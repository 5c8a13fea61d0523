import fc from 'fast-check';
import { explainIncremental } from '../../lib/pipeline/incremental/follow.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { versionsSelect } from '../../lib/pipeline/statements/incremental/versions.ts';
import { caseSensitivePaths } from '../../lib/pipeline/statements/session.ts';
import { BoxWarehouse } from '../factories/box-warehouse.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { aFollowedDataset, type Happening, ModelsWorld } from '../factories/models-world.ts';
import { models } from './shapes.ts';

const datasets = [
  aFollowedDataset('brackets', true),
  aFollowedDataset('organizers', true),
  aFollowedDataset('app_logs', false),
];
/** `npm test` looks at some histories; `MILLRACE_HISTORIES=2000 npx jest test/incremental` at many. */
const histories = Number(process.env.MILLRACE_HISTORIES ?? 1);

const warehouse = new BoxWarehouse(new MemoryLake());
afterAll(() => warehouse.close());

const day = fc.integer({ min: 1, max: 5 });
const of = (...values: string[]) => fc.constantFrom(...values);

type Written = readonly [dataset: string, happening: Happening];

const event = (dataset: string, document: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<Written> =>
  fc
    .record({ document, day, id: fc.nat(60), position: fc.nat(30), isGone: fc.nat(4) })
    .map(({ document: payload, ...at }) => [
      dataset,
      {
        _id: `${dataset}-${at.id}`,
        _op: dataset === 'app_logs' ? 'event' : at.isGone === 0 ? 'delete' : 'update',
        _key: dataset === 'app_logs' ? null : JSON.stringify({ id: payload.id }),
        _position: String(at.position).padStart(4, '0'),
        _at: `2026-11-0${at.day}T0${at.position % 10}:00:00.000000Z`,
        payload: JSON.stringify(payload),
      },
    ]);

const matches = fc.uniqueArray(fc.record({ id: of('m1', 'm2', 'm3'), winner: of('p1', 'p2') }), {
  selector: ({ id }) => id,
  maxLength: 3,
});
const tournament = fc.record({
  id: of('t1', 't2', 't3', 't4'),
  name: of('Alpha', 'Beta', 'Gamma'),
  status: of('planned', 'running', 'hidden'),
  organizer: of('o1', 'o2', 'o3'),
  matches,
});
const organizer = fc.record({ id: of('o1', 'o2', 'o3'), name: of('Ada', 'Bob'), certified: fc.boolean() });
const line = fc.record({ tournament: of('t1', 't2', 't3', 't4'), player: of('p1', 'p2', 'p3') });

const written = fc.oneof(event('brackets', tournament), event('organizers', organizer), event('app_logs', line));
const loads = fc.array(
  fc.record({ events: fc.array(written, { minLength: 1, maxLength: 6 }), refreshes: fc.boolean() }),
  {
    minLength: 2,
    maxLength: histories > 1 ? 6 : 3,
  },
);

const wholeOf = (model: CompiledModel): string =>
  model.materialization === 'history' ? versionsSelect(model, model.sql) : model.sql;

const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted();

const isFollowed = (model: CompiledModel): boolean => explainIncremental(model).every(({ followed }) => followed);

test('what has changed is followed in every shape but the one that asks elsewhere', () => {
  const built = models.filter((model) => !isFollowed(model)).map(({ table }) => table);
  expect(built).toEqual(['asked_elsewhere']);
});

/** All shapes live through the same history: loading it takes longer than any of them. */
test('a model that follows what has changed is what building it anew makes', async () => {
  const world = new ModelsWorld(warehouse, datasets, models);
  await world.prepare();
  await fc.assert(
    fc.asyncProperty(loads, async (history) => {
      await world.begin();
      let isBuilt = false;
      for (const { events, refreshes } of [...history, { events: [], refreshes: true }]) {
        for (const { name } of datasets) {
          const happenings = events.filter(([dataset]) => dataset === name).map(([, happening]) => happening);
          if (happenings.length > 0) await world.load(name, happenings);
        }
        if (!refreshes) continue;
        for (const model of models) await refreshed(world, model, isBuilt);
        isBuilt = true;
      }
    }),
    { numRuns: histories },
  );
}, 300_000);

async function refreshed(world: ModelsWorld, model: CompiledModel, isBuilt: boolean): Promise<void> {
  const { name } = model;
  expect({ name, ...(await world.refresh(name)) }).toMatchObject({ name, kind: 'published' });
  const isBuiltAgain = world.steps.includes('build');
  if (isBuilt && isFollowed(model)) expect({ name, isBuiltAgain }).toEqual({ name, isBuiltAgain: false });
  const [, whole] = await warehouse.answers([caseSensitivePaths, wholeOf(model)]);
  expect({ name, rows: sorted(await world.rowsOf(model)) }).toEqual({ name, rows: sorted(whole ?? []) });
}
