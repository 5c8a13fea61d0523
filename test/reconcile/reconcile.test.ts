import { compare } from '../../lambdas/reconcile/compare.ts';
import { countSource } from '../../lambdas/reconcile/count.ts';
import { reconciliationOf, report } from '../../lambdas/reconcile/report.ts';
import type { ReconcileState } from '../../lambdas/reconcile/state.ts';
import { correctionsOf, keptSuspects, segmentsFor } from '../../lib/pipeline/reconcile.ts';
import { DriftWorld, keyOf } from '../factories/drift-world.ts';

const hour = 3_600_000;

function loadedWorld(): DriftWorld {
  const world = new DriftWorld();
  for (let id = 0; id < 10; id += 1) world.put(id);
  world.deliver();
  world.nowMilliseconds += hour;
  return world;
}

const aState = (sampledKeys = 100): ReconcileState => ({
  dataset: 'brackets',
  source: { tableName: 'brackets', sampledKeys, execution: 'run-1' },
});

/** Counts and looks, and lets the world go on before the second look, where there is one. */
async function reconcile(world: DriftWorld, between: () => void = () => undefined) {
  const ports = { ...world.ports(), random: () => 0.5 };
  let state = aState();
  state = { ...state, count: await countSource(state, ports) };
  state = { ...state, look: await compare(state, ports) };
  const again = state.look?.again;
  if (again) {
    between();
    world.nowMilliseconds += hour;
    state = { ...state, look: await compare(state, ports) };
  }
  return { again, found: reconciliationOf(state) };
}

describe('a reconciliation', () => {
  test('given what agrees, when it looks once, then nothing has drifted', async () => {
    const { again, found } = await reconcile(loadedWorld());
    expect(again).toBe(false);
    expect(found).toMatchObject({ sourceCount: 10, latestCount: 10, driftRows: 0, sampled: 20, examples: [] });
  });

  test('given a lost, an altered and a left-over row, when it looks twice, then each is told', async () => {
    const world = loadedWorld();
    const like = world.rows.get(keyOf(1));
    if (!like) throw new Error('1 is loaded');
    world.rows.delete(keyOf(2));
    world.rows.delete(keyOf(3));
    world.rows.set(keyOf(1), { ...like, payload: '{"id":1}' });
    world.rows.set(keyOf(50), { ...like, _key: keyOf(50) });
    const { again, found } = await reconcile(world);
    expect(again).toBe(true);
    expect(found).toMatchObject({ driftRows: 1, differing: 1, missing: 2, extra: 1 });
    expect([...found.examples].toSorted()).toEqual([1, 2, 3, 50].map(keyOf));
  });

  test('given a stream that is behind, when it has caught up at the second look, then nothing has drifted', async () => {
    const world = loadedWorld();
    world.put(4);
    world.put(11);
    world.remove(5);
    const { again, found } = await reconcile(world, () => world.deliver());
    expect(again).toBe(true);
    expect(found).toMatchObject({ driftRows: 0, differing: 0, missing: 0, extra: 0 });
  });

  test('given a row that is too long to be read, when it looks, then it is not drift, and how many there are is told', async () => {
    const world = loadedWorld();
    world.unreadable.add(keyOf(1));
    const { again, found } = await reconcile(world);
    expect(again).toBe(false);
    expect(found).toMatchObject({ differing: 0, incomparable: 1 });
  });

  test('given a key that differs, when its source changes between the looks, then it is not drift yet', async () => {
    const world = loadedWorld();
    world.rows.delete(keyOf(6));
    const { found } = await reconcile(world, () => world.put(6));
    expect(found).toMatchObject({ missing: 0 });
  });

  test('given a busy table, when the counts differ by what moved meanwhile, then that proves nothing', async () => {
    const world = loadedWorld();
    const ports = { ...world.ports(), random: () => 0.5 };
    const count = await countSource(aState(), ports);
    for (let id = 20; id < 30; id += 1) world.put(id);
    world.deliver();
    const look = await compare({ ...aState(), count }, ports);
    expect(look).toMatchObject({ latestCount: 20, driftRows: 0 });
  });

  test('given little time, when the source is counted, then the next invocation goes on at the cursor', async () => {
    const world = loadedWorld();
    const ports = { ...world.ports(), remainingMilliseconds: () => 1_000 };
    let state = aState();
    const counts: number[] = [];
    while (!state.count?.done) {
      state = { ...state, count: await countSource(state, ports) };
      counts.push(state.count?.count ?? 0);
    }
    expect(counts).toEqual([3, 6, 9, 10]);
  });

  test('given a result, when it is noted, then values that are not ours travel as parameters', async () => {
    const world = loadedWorld();
    const asked: { sql: string; parameters: object }[] = [];
    const count = { startedAt: new Date(0).toISOString(), count: 1, cursor: '', done: true };
    const suspects = [{ key: `{"id":"o'clock"}`, kind: 'missing' as const, digest: '' }];
    const look = { number: 2, latestCount: 0, driftRows: 1, sampled: 1, incomparable: 0, suspects, again: false };
    const query = async (statement: (typeof asked)[number]) => {
      asked.push(statement);
      return [];
    };
    await report({ ...aState(), count, look }, { query });
    expect(world.lake.puts).toEqual([]);
    expect(asked.map(({ sql }) => sql.split(' ', 2).join(' '))).toEqual(['CREATE TABLE', 'INSERT INTO']);
    expect(asked[1]?.parameters).toEqual({
      execution: 'run-1',
      dataset: 'brackets',
      examples: JSON.stringify([`{"id":"o'clock"}`]),
    });
    expect(asked[1]?.sql).not.toContain('clock');
  });
});

describe('a row beside a tombstone', () => {
  const at = '2026-11-20T12:00:00.000000Z';
  const row = { key: '{"id":1}', position: '5', at, op: 'update' as const, payload: '{"id":1}' };
  const tombstone = { ...row, position: '7', op: 'delete' as const, payload: null };
  const source = (payload: string | undefined) => ({ key: row.key, payload, asOfMicroseconds: 1_900_000_000_000_000n });

  test('is corrected though it holds what the source has', () => {
    expect(correctionsOf([source(row.payload)], [row])).toEqual([]);
    expect(correctionsOf([source(row.payload)], [row, tombstone])).toMatchObject([
      { difference: 'different', position: expect.stringMatching(/^7~/) },
    ]);
  });

  test('is taken out where the source does not have it', () => {
    expect(correctionsOf([source(undefined)], [row, tombstone])).toMatchObject([
      { difference: 'extra', position: expect.stringMatching(/^7~/) },
    ]);
    expect(correctionsOf([source(undefined)], [tombstone])).toEqual([]);
  });
});

test.each([
  [0, 1_000, 1],
  [1_000, 1_000, 1],
  [1_000_000, 1_000, 1_000],
  [10_000_000_000, 1, 1_000_000],
])('a source of %d items is split so that a segment has about %d: %d segments', (items, sampled, segments) => {
  expect(segmentsFor(items, sampled)).toBe(segments);
});

test('what differs everywhere does not outgrow the state of the machine', () => {
  const suspects = Array.from({ length: 5_000 }, (_, n) => ({
    key: `{"id":"${n}-${'ü'.repeat(1_000)}"}`,
    kind: 'missing' as const,
    digest: '0123456789abcdef',
  }));
  expect(Buffer.byteLength(JSON.stringify(keptSuspects(suspects)))).toBeLessThan(120_000);
});
