import { zstdCompressSync } from 'node:zlib';
import { mainLane } from '../../lib/pipeline/lane.ts';
import { settledNow } from '../../lib/pipeline/state-items.ts';
import { aPendingObject, noon } from '../factories/pipeline.ts';
import { aLine, MendWorld } from './mend-world.ts';

const ids = (count: number) => Array.from({ length: count }, (_, n) => `e-${String(n + 1).padStart(3, '0')}`);

describe.each(['zstd', 'gzip'] as const)('a bad line in an object of %s', (codec) => {
  it('goes to quarantine alone, and the others into a new object that is pending', async () => {
    const world = new MendWorld();
    const old = await world.land('old', [aLine('a'), aLine('b', { _at: 'yesterday' }), aLine('c')], codec);
    const refused = await world.refuse([]);

    const { outcome, recordsSetAside } = await world.mend(refused);

    expect(outcome).toMatchObject({ kind: 'refused', remedy: 'mended' });
    expect(recordsSetAside).toBe(1);
    expect(world.quarantined()).toEqual([
      expect.objectContaining({
        ...{ id: 'b', code: 'LOAD_REFUSED', reason: 'is no envelope: _at: is no instant' },
        source: { object: old.key, eTag: old.eTag, line: '2' },
        record: aLine('b', { _at: 'yesterday' }),
      }),
    ]);
    expect(world.waiting()).toEqual(['a', 'c']);
    expect(world.pendingKeys()).not.toContain(old.key);
    expect(world.table.settled.get(old.key)).toMatchObject({ outcome: 'mended', eTag: old.eTag });
  });
});

it('believes the warehouse of a line that we see nothing wrong with', async () => {
  const world = new MendWorld();
  const old = await world.land('old', [aLine('a'), aLine('b'), aLine('c')]);
  const fine = await world.land('fine', [aLine('d')]);

  await world.mend(await world.refuse([[old.key, 3]]));

  expect(world.quarantined()).toMatchObject([
    { id: 'c', code: 'LOAD_REFUSED', reason: 'is refused by the warehouse: Invalid timestamp (1206)' },
  ]);
  expect(world.waiting().toSorted()).toEqual(['a', 'b', 'd']);
  expect(world.pendingKeys()).toContain(fine.key);
});

it.each([
  ['{"_id":"x"', 'NOT_JSON'],
  [aLine('x', { _key: 'k'.repeat(9000) }), 'KEY_TOO_LONG'],
  [aLine('x', { payload: 'p'.repeat(70_000) }), 'STRING_TOO_LONG'],
  [aLine('x', { _position: undefined }), 'LOAD_REFUSED'],
])('says with its own code what is wrong with a line: %#', async (line, code) => {
  const world = new MendWorld();
  await world.land('old', [aLine('a'), line]);
  await world.mend(await world.refuse());
  expect(world.quarantined()).toMatchObject([{ code, source: { line: '2' } }]);
  expect(world.waiting()).toEqual(['a']);
});

describe('an object that cannot be read', () => {
  it.each([
    ['is cut short', (body: Uint8Array) => body.subarray(0, body.length - 5)],
    ['is packed another way than its name says', () => Buffer.from('plain text')],
    ['is empty', () => new Uint8Array()],
    ['has lost its last lines', () => zstdCompressSync(`${aLine('e-001')}\n`)],
  ])('is set aside whole where it %s, with a copy and the records that it said it held', async (_what, damage) => {
    const world = new MendWorld();
    const old = await world.land(
      'old',
      ids(5).map((id) => aLine(id)),
    );
    const fine = await world.land('fine', [aLine('d')]);
    const refused = await world.refuse();
    const stored = world.lake.objects.get(old.key);
    if (stored) world.lake.objects.set(old.key, { ...stored, body: damage(stored.body) });

    const { recordsSetAside } = await world.mend(refused);

    expect(recordsSetAside).toBe(5);
    const copy = 'quarantine/brackets/objects/dt=2026-11-20/hh=12/old.ndjson.zst';
    expect(world.quarantined()).toMatchObject([
      { id: old.key, code: 'OBJECT_UNREADABLE', records: 5, source: { object: old.key, copy } },
    ]);
    expect(world.lake.objects.has(copy)).toBe(true);
    expect(world.table.settled.get(old.key)).toMatchObject({ outcome: 'setAside' });
    expect(world.pendingKeys()).toEqual([fine.key]);
  });

  it('is noted as missing where it is gone', async () => {
    const world = new MendWorld();
    const old = await world.land('old', [aLine('a')]);
    const refused = await world.refuse();
    world.lake.objects.delete(old.key);
    await world.mend(refused);
    expect(world.quarantined()).toMatchObject([{ id: old.key, code: 'OBJECT_MISSING' }]);
    expect(world.pendingKeys()).toEqual([]);
  });
});

describe('where nobody can name a culprit', () => {
  it('makes the next loads smaller, at once', async () => {
    const world = new MendWorld();
    for (const id of ids(20)) await world.land(id, [aLine(id)]);
    const { outcome } = await world.mend(await world.refuse([]));
    expect(outcome).toMatchObject({ remedy: 'split' });
    const pending = [...world.table.objects.values()];
    expect(pending.every(({ attempts, loadObjectsAtMost }) => attempts === 0 && loadObjectsAtMost === 3)).toBe(true);
  });

  it('takes a single object apart into 32, each to be loaded alone', async () => {
    const world = new MendWorld();
    const old = await world.land(
      'old',
      ids(100).map((id) => aLine(id)),
    );
    await world.mend(await world.refuse([]));
    const pending = [...world.table.objects.values()];
    expect(pending).toHaveLength(32);
    expect(pending.every(({ loadObjectsAtMost }) => loadObjectsAtMost === 1)).toBe(true);
    expect(world.waiting().toSorted()).toEqual(ids(100));
    expect(world.table.settled.get(old.key)).toMatchObject({ outcome: 'mended' });
  });

  it('blames the one line that is left when it is refused again, in the warehouse’s own words', async () => {
    const world = new MendWorld();
    await world.land('old', [aLine('a')]);
    const first = await world.mend(await world.refuse([]));
    expect(first).toMatchObject({ outcome: { kind: 'failed' }, recordsSetAside: 0 });

    for (const [key, object] of world.table.objects) world.table.objects.set(key, { ...object, attempts: 1 });
    const second = await world.mend(await world.refuse([]));
    expect(second.recordsSetAside).toBe(1);
    expect(world.quarantined()).toMatchObject([
      { id: 'a', code: 'LOAD_REFUSED', reason: expect.stringContaining("Load into table 'stage' failed") },
    ]);
    expect(world.pendingKeys()).toEqual([]);
  });

  it('takes nothing apart where rights may be missing', async () => {
    const world = new MendWorld();
    const old = await world.land('old', [aLine('a')]);
    const reason = 'ERROR: S3ServiceException:Access Denied,Status 403,Error AccessDenied';
    const { outcome } = await world.mend(await world.refuse(undefined, reason));
    expect(outcome).toMatchObject({ kind: 'failed', reason });
    expect(world.pendingKeys()).toEqual([old.key]);
  });
});

it('takes what was written again since as what it is now', async () => {
  const world = new MendWorld();
  const old = await world.land('old', [aLine('a')]);
  const refused = await world.refuse();
  const stored = world.lake.objects.get(old.key);
  const other = await world.land('other', [aLine('b')]);
  const body = world.lake.objects.get(other.key)?.body;
  if (stored && body) world.lake.objects.set(old.key, { ...stored, body });
  await world.table.settle(mainLane, other, settledNow({ eTag: other.eTag, outcome: 'loaded', loadId: 'x' }, noon));

  await world.mend(refused);

  expect([...world.table.objects.values()]).toMatchObject([{ key: old.key, eTag: other.eTag }]);
  expect(world.quarantined()).toEqual([]);
});

it('blames nobody for what was refused together with an object that has been written again since', async () => {
  const world = new MendWorld();
  const old = await world.land('old', [aLine('a')]);
  const rewritten = await world.land('rewritten', [aLine('b')]);
  const refused = await world.refuse([], `ERROR: File size mismatch between the manifest and ${rewritten.key}`);
  await world.table.markFailed({ lane: mainLane, generation: world.generation }, old, 'throttled');
  await world.table.addPending(mainLane, { ...rewritten, eTag: 'another' });
  const waiting = [...world.table.objects.values()];

  const { outcome, recordsSetAside } = await world.mend(refused);

  expect(outcome).toMatchObject({ kind: 'refused', remedy: 'none' });
  expect(recordsSetAside).toBe(0);
  expect(world.quarantined()).toEqual([]);
  expect([...world.table.objects.values()]).toEqual(waiting);
});

it('does nothing for a run that has lost its lane, nor about what is not pending any more', async () => {
  const world = new MendWorld();
  const old = await world.land('old', [aLine('a', { _at: 'yesterday' })]);
  const refused = await world.refuse();
  world.table.lanes.set(mainLane, { generation: 8, deadRuns: 0, deadAtMilliseconds: 0 });
  expect((await world.mend(refused)).outcome).toMatchObject({ remedy: 'none' });

  world.table.lanes.set(mainLane, { generation: 7, deadRuns: 0, deadAtMilliseconds: 0 });
  await world.table.settle(mainLane, old, settledNow({ eTag: old.eTag, outcome: 'loaded', loadId: 'x' }, noon));
  expect((await world.mend(refused)).outcome).toMatchObject({ remedy: 'none' });
  expect(world.quarantined()).toEqual([]);
});

it('comes to the same, cut off at any put and repeated', async () => {
  const lines = [aLine('a'), aLine('b', { _at: 'yesterday' }), aLine('c')];
  for (let puts = 0; puts < 3; puts += 1) {
    const world = new MendWorld();
    await world.land('old', lines);
    const refused = await world.refuse();
    let left = puts;
    const put: typeof world.lake.put = (object) =>
      left-- > 0 ? world.lake.put(object) : Promise.reject(new Error('killed'));
    const cutOff = Object.assign(Object.create(world.lake), { put }) as typeof world.lake;
    await world.mend(refused, cutOff).catch(() => undefined);

    await world.mend(refused);

    expect(world.quarantined().map(({ id }) => id)).toEqual(['b']);
    expect(world.waiting()).toEqual(['a', 'c']);
  }
});

it('does not bring back what was mended and loaded meanwhile', async () => {
  const world = new MendWorld();
  const old = await world.land('old', [aLine('a'), aLine('b', { _at: 'yesterday' })]);
  const refused = await world.refuse();
  await world.mend(refused);
  const [made] = [...world.table.objects.values()];
  if (made)
    await world.table.settle(mainLane, made, settledNow({ eTag: made.eTag, outcome: 'loaded', loadId: 'x' }, noon));

  await world.table.addPending(mainLane, aPendingObject({ ...old }));
  await world.mend(refused);

  expect(world.pendingKeys()).toEqual([]);
});
