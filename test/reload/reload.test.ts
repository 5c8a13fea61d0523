import { mainLane } from '../../lib/pipeline/lane.ts';
import { laneNotEmptyMessage } from '../../lib/pipeline/register-message.ts';
import { pagesOfAnExecution } from '../../lib/pipeline/reload-page.ts';
import { BoxWarehouse } from '../factories/box-warehouse.ts';
import { lastWriteWins, type Write } from '../factories/last-write-wins.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { contentsAfter, ReloadWorld } from '../factories/reload-world.ts';

const warehouse = new BoxWarehouse(new MemoryLake());
let world: ReloadWorld;

beforeEach(async () => {
  world = new ReloadWorld(warehouse);
  await warehouse.begin(world.lake);
});
afterAll(() => warehouse.close());

function aWrite(id: string, over: Partial<Write> = {}): Write {
  const _key = over._key ?? JSON.stringify({ id: id.slice(0, 1) });
  return { _id: id, _op: 'insert', _key, _position: id.slice(1).padStart(4, '0'), payload: `{"of":"${id}"}`, ...over };
}

/** a1, a2: two writes of a key; b1, b2: a key that is deleted; c1: a key by itself. One object an hour. */
const history: Write[] = [aWrite('a1'), aWrite('b1'), aWrite('a2'), aWrite('b2', { _op: 'delete' }), aWrite('c1')];
const hours = [8, 9, 10, 11, 12];

function expected(writes: readonly Write[] = history) {
  const { latest, tombstones } = lastWriteWins(writes);
  return contentsAfter({ raw: writes, latest: [...latest.values()], tombstones: [...tombstones.values()] });
}

async function landed(writes = history): Promise<string[]> {
  const keys: string[] = [];
  for (const [index, write] of writes.entries()) {
    keys.push(await world.land(`object-${index}`, [write], { hour: hours[index] ?? 12 }));
  }
  return keys;
}

async function loadedLive(writes = history): Promise<string[]> {
  const keys = await landed(writes);
  await world.loadLive(...keys);
  return keys;
}

const progress = () => [...world.table.reloads.values()][0];

describe('a backfill', () => {
  it('brings back once what was deleted, and nothing twice', async () => {
    await loadedLive();
    await warehouse.answer(`DELETE FROM "raw"."brackets" WHERE "_id" IN ('a2', 'c1')`);
    await warehouse.answer(`DELETE FROM "latest"."brackets"`);
    await warehouse.answer(`DELETE FROM "latest"."brackets__tombstones"`);

    expect(await world.reload()).toBe('SUCCEEDED');

    expect((await world.contents()).raw).toEqual(expected().raw);
    expect(progress()).toMatchObject({ status: 'done', objects: 5, rowsStaged: 5, rowsInserted: 2, rowsDuplicate: 3 });
    const again = await world.reload({ generation: 2 });
    expect(again).toBe('SUCCEEDED');
    expect((await world.contents()).raw).toEqual(expected().raw);
    expect(progress()).toMatchObject({ rowsStaged: 5, rowsInserted: 0 });
  });

  it('loads what no live load has taken, deletes included, and asks for the models behind it', async () => {
    await landed();

    await world.reload();

    expect(await world.contents()).toEqual(expected());
    expect([...world.table.touches.values()]).toMatchObject([{ source: 'brackets' }]);
    expect(world.messages).toEqual(['{"kind":"laneNotEmpty","lane":"main"}']);
  });

  it('touches nothing where nothing is new', async () => {
    await loadedLive();

    await world.reload();

    expect(await world.contents()).toEqual(expected());
    expect(world.table.touches.size).toBe(0);
  });

  it('takes the range that was asked for, and not more', async () => {
    await landed();
    const [after, before] = ['raw/brackets/dt=2026-11-20/hh=09', 'raw/brackets/dt=2026-11-20/hh=11'];

    await world.reload({ after, before, id: 'range' });

    expect((await world.contents()).raw).toEqual(expected(history.slice(1, 3)).raw);
  });

  it('takes objects of both codecs, passes over what is not its own, and makes tables that somebody dropped', async () => {
    await world.land('one', [aWrite('a1')], { hour: 8, codec: 'gzip' });
    await world.land('two', [aWrite('a2')], { hour: 8, codec: 'zstd' });
    await world.lake.put({ key: 'raw/brackets/readme.txt', body: Buffer.from('no'), contentType: 'text/plain' });
    await warehouse.answer('DROP TABLE "raw"."brackets"');

    await world.reload();

    expect(await world.contents()).toEqual(expected([aWrite('a1'), aWrite('a2')]));
  });

  it('isolates an object that cannot be loaded, says which it is, and goes on from there when asked again', async () => {
    const keys = await landed();
    const broken = keys[2] as string;
    const whole = await world.lake.get(broken);
    await world.lake.put({ key: broken, body: Buffer.from('not compressed'), contentType: 'application/x-ndjson' });

    expect(await world.reload()).toBe('FAILED');
    expect(progress()).toMatchObject({ status: 'failed', cursor: keys[1], reason: expect.stringContaining(broken) });
    expect((await world.contents()).raw).toEqual(expected(history.toSpliced(2, 1)).raw);
    expect(world.messages).toHaveLength(1);

    await world.lake.put({ key: broken, body: whole ?? new Uint8Array(), contentType: 'application/x-ndjson' });
    expect(await world.reload({ generation: 2 })).toBe('SUCCEEDED');
    expect(await world.contents()).toEqual(expected());
    expect(progress()).toMatchObject({ status: 'done', objects: 5, rowsStaged: 5 });
  });

  it('that is cut off at any of its states and resumed ends as if it had never stopped', async () => {
    const states = ['Open', 'Prepare: submit', 'Page', 'Load: submit', 'Load: describe', 'Note', 'Close'];
    for (const state of states) {
      world = new ReloadWorld(warehouse);
      await warehouse.begin(world.lake);
      await landed();
      world.interfere = (name) => {
        if (name === state || name === 'Give up') throw new Error('cut off');
      };
      await world.reload();
      world.interfere = () => {};

      expect(await world.reload({ generation: 2 })).toBe('SUCCEEDED');

      expect({ state, ...(await world.contents()) }).toEqual({ state, ...expected() });
      expect({ state, ...progress() }).toMatchObject({ state, status: 'done', objects: 5, rowsInserted: 5 });
    }
  });

  it('gives way to a later execution of its own', async () => {
    await landed();
    world.interfere = async (name) => {
      if (name !== 'Note') return;
      world.interfere = () => {};
      const taken = progress();
      if (taken) await world.table.noteReload({ ...taken, generation: 9 });
    };

    expect(await world.reload()).toBe('SUCCEEDED');

    expect(progress()).toMatchObject({ status: 'running', generation: 9, objects: 0 });
    // What it had loaded by then the models must be told of, whoever has the reload now.
    expect(world.messages).toEqual([laneNotEmptyMessage(mainLane)]);
  });

  it('does not fence off another that overlaps it, whichever began first', async () => {
    await landed();
    let isNested = false;
    world.interfere = async (name) => {
      if (name !== 'Load: submit' || isNested) return;
      isNested = true;
      await new Promise<void>((resolve, reject) => {
        const other = new ReloadWorld(warehouse);
        for (const [key, object] of world.lake.objects) other.lake.objects.set(key, object);
        const { lake } = warehouse;
        warehouse.lake = other.lake;
        other.reload({ id: 'other', generation: 7 }).then(() => {
          warehouse.lake = lake;
          resolve();
        }, reject);
      });
    };

    expect(await world.reload()).toBe('SUCCEEDED');

    expect(await world.contents()).toEqual(expected());
  });

  it('of more pages than a history has room for is continued by a successor', async () => {
    // A load has one codec, so that each of these is a load of its own: four a page.
    const count = pagesOfAnExecution * 4 + 1;
    for (let index = 0; index < count; index += 1) {
      const id = `o-${String(index).padStart(3, '0')}`;
      await world.land(id, [aWrite(id, { _key: id })], { codec: index % 2 === 0 ? 'zstd' : 'gzip' });
    }

    expect(await world.reload()).toBe('SUCCEEDED');

    expect(world.statuses.map(({ status }) => status).every((status) => status === 'SUCCEEDED')).toBe(true);
    expect(world.statuses.map(({ name }) => name)).toEqual([
      'backfill_whole-1-brackets-1',
      'backfill_whole-1-brackets-2',
    ]);
    expect(progress()).toMatchObject({ status: 'done', objects: count, rowsInserted: count });
  });
});

describe('a rebuild', () => {
  const asides = () =>
    warehouse.answer(`SELECT "table_name" FROM "information_schema"."tables" WHERE "table_name" LIKE '%rebuild%'`);
  const rebuild = (generation = 1) => world.reload({ operation: 'rebuild', generation });

  it('restores what was spoilt by hand, to exactly what live loads had made', async () => {
    await loadedLive();
    await warehouse.answer(`UPDATE "raw"."brackets" SET "payload" = NULL, "_position" = '9' WHERE "_id" = 'a1'`);
    await warehouse.answer(`DELETE FROM "raw"."brackets" WHERE "_id" = 'b2'`);
    await warehouse.answer(`INSERT INTO "raw"."brackets" SELECT * FROM "raw"."brackets" WHERE "_id" = 'c1'`);
    await warehouse.answer(`UPDATE "latest"."brackets" SET "_position" = '9999', "payload" = NULL`);
    await warehouse.answer(`DELETE FROM "latest"."brackets__tombstones"`);

    expect(await rebuild()).toBe('SUCCEEDED');

    expect(await world.contents()).toEqual(expected());
    expect(progress()).toMatchObject({ status: 'done', objects: 5, rowsInserted: 5 });
    expect(world.table.touches.size).toBe(1);
    expect(await asides()).toEqual([]);
  });

  it('keeps what only the warehouse has: expired objects, what came meanwhile, and keys whose events are gone', async () => {
    const [expired, , , , cut] = await loadedLive();
    for (const key of [expired, cut]) world.lake.objects.delete(key as string);
    await warehouse.answer(`DELETE FROM "raw"."brackets" WHERE "_id" = 'c1'`);
    const late = aWrite('d1');
    world.interfere = async (name) => {
      if (name !== 'Swap: submit') return;
      world.interfere = () => {};
      await world.loadLive(await world.land('late', [late], { hour: 7 }));
    };

    expect(await rebuild()).toBe('SUCCEEDED');

    const all = [...history, late];
    const { latest, tombstones } = expected(all);
    expect(await world.contents()).toEqual({
      raw: expected(all.filter(({ _id }) => _id !== 'c1')).raw,
      latest,
      tombstones,
    });
  });

  it('leaves each row the load that brought it, and is on the books with a lane of its own', async () => {
    await loadedLive();

    await rebuild(5);

    const loads = await warehouse.answer(
      `SELECT DISTINCT "loads"."lane" FROM "raw"."brackets" AS "row" JOIN "ops"."loads" AS "loads" ON "loads"."load_id" = "row"."_load_id"`,
    );
    expect(loads).toEqual([['rebuild_5']]);
    expect(await warehouse.answer(`SELECT COUNT(DISTINCT "load_id"), COUNT(*) FROM "ops"."loads"`)).toEqual([
      ['3', '3'],
    ]);
  });

  it('that is cut off at any of its states and resumed ends as if it had never stopped', async () => {
    const states = ['Prepare: submit', 'Load: describe', 'Note', 'Swap: submit', 'Swap: describe', 'Close'];
    for (const state of states) {
      world = new ReloadWorld(warehouse);
      await warehouse.begin(world.lake);
      await loadedLive();
      await warehouse.answer(`UPDATE "raw"."brackets" SET "payload" = NULL`);
      world.interfere = (name) => {
        if (name === state || name === 'Give up') throw new Error('cut off');
      };
      await rebuild(1);
      world.interfere = () => {};

      expect(await rebuild(2)).toBe('SUCCEEDED');

      expect({ state, ...(await world.contents()) }).toEqual({ state, ...expected() });
      expect({ state, asides: await asides() }).toEqual({ state, asides: [] });
    }
  });

  it('is not swapped in where somebody touched the table aside; asked again it begins anew', async () => {
    await loadedLive();
    world.interfere = async (name) => {
      if (name === 'Swap: submit') await warehouse.answer('DELETE FROM "raw"."brackets__rebuild_1"');
    };

    expect(await rebuild(1)).toBe('FAILED');
    expect(await world.contents()).toEqual(expected());
    expect(progress()).toMatchObject({ status: 'failed', spoilt: 1 });
    world.interfere = () => {};

    expect(await rebuild(2)).toBe('SUCCEEDED');
    expect(await world.contents()).toEqual(expected());
    expect(progress()).toMatchObject({ status: 'done', began: 2 });
    expect(await asides()).toEqual([]);
  });
});
