import { latestTable, qualifiedName, tombstonesTable } from '../../lib/pipeline/tables.ts';
import { BoxWarehouse } from '../factories/box-warehouse.ts';
import type { Write } from '../factories/last-write-wins.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { ReloadWorld } from '../factories/reload-world.ts';

const write = (position: number, _op: Write['_op'] = 'update'): Write => ({
  _id: `event-${position}`,
  _op,
  _key: '{"tournamentId":"t-1"}',
  _position: String(position).padStart(40, '0'),
  payload: `{"tournamentId":"t-1","round":${position}}`,
});

describe('given a key that an accident has put into a table twice', () => {
  const warehouse = new BoxWarehouse(new MemoryLake());
  let world: ReloadWorld;
  beforeEach(async () => {
    world = new ReloadWorld(warehouse);
    await warehouse.begin(world.lake);
  });
  afterAll(() => warehouse.close());

  const idsOf = (table: string) => warehouse.answer(`SELECT "_id" FROM ${table} ORDER BY 1`);
  const latest = qualifiedName(latestTable('brackets'));
  const tombstones = qualifiedName(tombstonesTable('brackets'));
  const double = (table: string) => warehouse.answer(`INSERT INTO ${table} SELECT * FROM ${table}`);

  test('when a later write is loaded, then latest has it once', async () => {
    await world.loadLive(await world.land('one', [write(1)]));
    await double(latest);
    await world.loadLive(await world.land('two', [write(2)]));
    expect(await idsOf(latest)).toEqual([['event-2']]);
  });

  test('when an earlier write is loaded, then it is not noted', async () => {
    await world.loadLive(await world.land('two', [write(2)]));
    await double(latest);
    await world.loadLive(await world.land('one', [write(1)]));
    expect(await idsOf(latest)).toEqual([['event-2'], ['event-2']]);
  });

  test('when the two are not the same and the write lies between, then the later of them stays', async () => {
    await world.loadLive(await world.land('three', [write(3)]));
    await double(latest);
    await warehouse.answer(
      `INSERT INTO ${latest} SELECT "_key", 'event-1', "_op", '${write(1)._position}', "_at", "payload", "_load_id", "_loaded_at" FROM ${latest} LIMIT 1`,
    );
    await world.loadLive(await world.land('two', [write(2)]));
    expect(await idsOf(latest)).toEqual([['event-1'], ['event-3'], ['event-3']]);
  });

  test('when it was deleted, and is written again, then latest has it once and no tombstone is left', async () => {
    await world.loadLive(await world.land('one', [write(1, 'delete')]));
    await double(tombstones);
    await world.loadLive(await world.land('two', [write(2)]));
    expect([await idsOf(latest), await idsOf(tombstones)]).toEqual([[['event-2']], []]);
  });
});
