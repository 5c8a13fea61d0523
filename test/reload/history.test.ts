import fc from 'fast-check';
import { BoxWarehouse } from '../factories/box-warehouse.ts';
import { lastWriteWins, type Write } from '../factories/last-write-wins.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { contentsAfter, ReloadWorld } from '../factories/reload-world.ts';

const warehouse = new BoxWarehouse(new MemoryLake());
afterAll(() => warehouse.close());

const write = (index: number): fc.Arbitrary<Write> =>
  fc.record({
    _id: fc.constant(`id-${index}`),
    _op: fc.constantFrom('insert', 'update', 'delete' as const),
    _key: fc.constantFrom('"a"', '"b"', '"c"'),
    _position: fc.constantFrom('1', '2', '3', '4'),
    payload: fc.constant(`{"of":${index}}`),
  });

/** What happens to an object, in turn: it is loaded live, it is left out, or a reload runs over all that there is. */
const steps = fc.array(fc.constantFrom('live', 'live', 'missed', 'backfill', 'rebuild', 'half' as const), {
  minLength: 4,
  maxLength: 7,
});

/** Live loads, backfills that overlap, one of them cut off, and rebuilds, in any order, then one backfill for what was missed. */
async function play(world: ReloadWorld, doings: readonly string[], writes: readonly Write[]): Promise<void> {
  let generation = 0;
  for (const [index, doing] of doings.entries()) {
    const key = await world.land(`object-${index}`, writes.slice(index * 2, index * 2 + 3), { hour: 23 - index });
    generation += 1;
    if (doing === 'live') await world.loadLive(key);
    if (doing === 'backfill') await world.reload({ generation, id: `of-${index % 2}` });
    if (doing === 'rebuild') await world.reload({ operation: 'rebuild', generation });
    if (doing !== 'half') continue;
    world.interfere = (name) => {
      if (name === 'Note' || name === 'Swap: submit' || name === 'Give up') throw new Error('cut off');
    };
    await world.reload({ operation: index % 2 === 0 ? 'rebuild' : 'backfill', generation });
    world.interfere = () => {};
  }
  await world.reload({ operation: 'backfill', generation: generation + 1, id: 'last' });
}

describe('any mixture of live loads, backfills and rebuilds', () => {
  it('leaves what loading everything once, in order, leaves', async () => {
    const histories = steps.chain((doings) =>
      fc.tuple(fc.constant(doings), fc.tuple(...Array.from({ length: doings.length * 2 + 1 }, (_, n) => write(n)))),
    );
    await fc.assert(
      fc.asyncProperty(histories, async ([doings, writes]) => {
        const world = new ReloadWorld(warehouse);
        await warehouse.begin(world.lake);

        await play(world, doings, writes);

        const { latest, tombstones } = lastWriteWins(writes);
        const states = { latest: [...latest.values()], tombstones: [...tombstones.values()] };
        expect(await world.contents()).toEqual(contentsAfter({ raw: writes, ...states }));
      }),
      { numRuns: 8 },
    );
  }, 120_000);
});
