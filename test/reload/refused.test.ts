import { mainLane } from '../../lib/pipeline/lane.ts';
import { settledNow } from '../../lib/pipeline/state-items.ts';
import { BoxWarehouse } from '../factories/box-warehouse.ts';
import { lastWriteWins, type Write } from '../factories/last-write-wins.ts';
import { eTagOf, MemoryLake } from '../factories/memory-lake.ts';
import { noon } from '../factories/pipeline.ts';
import { contentsAfter, ReloadWorld } from '../factories/reload-world.ts';

const warehouse = new BoxWarehouse(new MemoryLake());
let world: ReloadWorld;

beforeEach(async () => {
  world = new ReloadWorld(warehouse);
  await warehouse.begin(world.lake);
});
afterAll(() => warehouse.close());

const aWrite = (id: string): Write => ({
  ...{ _id: id, _op: 'insert', _key: JSON.stringify({ id }), _position: '0001', payload: `{"of":"${id}"}` },
});
const good = [aWrite('a'), aWrite('c')];
const bad = Buffer.from('not compressed');

function expected(writes: readonly Write[]) {
  const { latest, tombstones } = lastWriteWins(writes);
  return contentsAfter({ raw: writes, latest: [...latest.values()], tombstones: [...tombstones.values()] });
}

/** Three objects; the one in the middle cannot be read. */
async function landed(): Promise<string> {
  await world.land('first', [aWrite('a')], { hour: 8 });
  const key = await world.land('second', [aWrite('b')], { hour: 9 });
  await world.land('third', [aWrite('c')], { hour: 10 });
  await world.lake.put({ key, body: bad, contentType: 'application/x-ndjson' });
  return key;
}

function settled(key: string, outcome: 'mended' | 'setAside', eTag: string): void {
  world.table.settled.set(key, settledNow({ eTag, outcome, loadId: 'of a refresh' }, noon));
}

describe.each(['mended', 'setAside'] as const)('a reload of a lake with an object that was %s', (outcome) => {
  it('passes over it', async () => {
    settled(await landed(), outcome, eTagOf(bad));

    expect(await world.reload()).toBe('SUCCEEDED');

    expect(await world.contents()).toEqual(expected(good));
  });

  it('does so in a rebuild as well', async () => {
    settled(await landed(), outcome, eTagOf(bad));

    expect(await world.reload({ operation: 'rebuild' })).toBe('SUCCEEDED');

    expect(await world.contents()).toEqual(expected(good));
  });

  it('takes what stands there now, if that is another content', async () => {
    const key = await landed();
    settled(key, outcome, eTagOf(bad));
    await world.land('second', [aWrite('b')], { hour: 9 });

    expect(await world.reload()).toBe('SUCCEEDED');

    expect((await world.contents()).raw).toEqual(expected([aWrite('a'), aWrite('b'), aWrite('c')]).raw);
  });
});

describe('a reload of a lake with an object that the warehouse refuses', () => {
  it('gives it to the refresh, says so, and asked again goes on behind it', async () => {
    const key = await landed();

    expect(await world.reload()).toBe('FAILED');

    const [progress] = world.table.reloads.values();
    expect(progress?.reason).toMatch(new RegExp(`the warehouse refuses ${key}: .*The next refresh sets aside`, 's'));
    expect(await world.table.pending(mainLane, 'brackets', 10)).toMatchObject([
      { bucket: 'lake', key, eTag: eTagOf(bad), sizeBytes: bad.length },
    ]);
    expect(world.messages).toEqual(['{"kind":"laneNotEmpty","lane":"main"}']);

    settled(key, 'setAside', eTagOf(bad));
    expect(await world.reload({ generation: 2 })).toBe('SUCCEEDED');
    expect(await world.contents()).toEqual(expected(good));
  });
});
