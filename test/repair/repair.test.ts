import fc from 'fast-check';
import { giveUpRepair } from '../../lambdas/repair/end.ts';
import { repairStep } from '../../lambdas/repair/step.ts';
import { DriftWorld, keyOf } from '../factories/drift-world.ts';

const stateOf = (execution: string, dryRun = false) => ({
  dataset: 'brackets',
  dryRun,
  source: { tableName: 'brackets', execution },
});
const minutes = 60_000;

/** Runs a repair to its end. */
async function repair(world: DriftWorld, execution: string, dryRun = false) {
  const step = await repairStep(stateOf(execution, dryRun), world.ports());
  if (step.kind !== 'done') throw new Error(`the repair is ${step.kind}`);
  const { missing, different, extra } = step.progress;
  return { missing, different, extra };
}

const nothing = { missing: 0, different: 0, extra: 0 };

/** Ten items that are loaded, and an hour old. */
function settledWorld(): DriftWorld {
  const world = new DriftWorld();
  for (let id = 0; id < 10; id += 1) world.put(id);
  world.remove(9);
  world.deliver();
  world.nowMilliseconds += 60 * minutes;
  return world;
}

/** A row of `latest` gets other content, or a key that the source does not have gets a row. */
function alter(world: DriftWorld, id: number): void {
  const like = world.rows.get(keyOf(id)) ?? [...world.rows.values()].find(({ _op }) => _op !== 'delete');
  if (like) world.rows.set(keyOf(id), { ...like, _key: keyOf(id), _op: 'update', payload: '{"altered":true}' });
}

describe('a repair', () => {
  test('given what agrees, when it runs, then it lands nothing', async () => {
    const world = settledWorld();
    expect(await repair(world, 'one')).toEqual(nothing);
    expect(world.lake.puts).toEqual([]);
  });

  test('given lost, altered and left-over rows, when it runs, then latest is what the source has', async () => {
    const world = settledWorld();
    world.rows.delete(keyOf(1));
    alter(world, 2);
    alter(world, 77);
    expect(await repair(world, 'one')).toEqual({ missing: 1, different: 1, extra: 1 });
    world.loadLake();
    expect(world.latest()).toEqual(world.source());
    expect(world.rows.get(keyOf(2))?._position).toMatch(/^\d{40}~\d{20}$/);
    expect(world.rows.get(keyOf(1))?._position).toMatch(/^-\d{20}$/);
  });

  test('given a row that is too long to be read, when it runs, then it is left as it is, each time', async () => {
    const world = settledWorld();
    world.unreadable.add(keyOf(1));
    expect(await repair(world, 'one')).toEqual(nothing);
    expect(await repair(world, 'two')).toEqual(nothing);
    expect(world.repairs.all.get('brackets')).toMatchObject({ incomparable: 1 });
    expect(world.lake.puts).toEqual([]);
  });

  test('given a dry run, when it ends, then it has counted, and nothing is landed', async () => {
    const world = settledWorld();
    world.rows.delete(keyOf(1));
    expect(await repair(world, 'one', true)).toEqual({ ...nothing, missing: 1 });
    expect(world.lake.puts).toEqual([]);
  });

  test('given a tombstone newer than the margin, when the source has its key, then it is left alone', async () => {
    const world = settledWorld();
    const row = world.rows.get(keyOf(3));
    if (!row) throw new Error('3 is loaded');
    const at = (milliseconds: number) => new Date(milliseconds).toISOString();
    world.rows.set(keyOf(3), { ...row, _op: 'delete', _at: at(world.nowMilliseconds - 4 * minutes) });
    expect(await repair(world, 'one')).toEqual(nothing);
    world.rows.set(keyOf(3), { ...row, _op: 'delete', _at: at(world.nowMilliseconds - 6 * minutes) });
    expect(await repair(world, 'two')).toEqual({ ...nothing, missing: 1 });
  });

  test('given one that runs, when another starts, then it is refused, until the first gives no sign of life', async () => {
    const world = settledWorld();
    world.beforeCall = () => {
      throw new Error('the function died');
    };
    await expect(repair(world, 'one')).rejects.toThrow('the function died');
    world.beforeCall = () => undefined;
    world.nowMilliseconds += 14 * minutes;
    expect(await repairStep(stateOf('two'), world.ports())).toEqual({
      kind: 'refused',
      message: expect.stringContaining('a repair of brackets is running already: one'),
    });
    world.nowMilliseconds += 2 * minutes;
    expect(await repair(world, 'two')).toEqual(nothing);
  });

  test('given one that gave up, when another starts, then it goes on at once where the first was', async () => {
    const world = settledWorld();
    world.rows.delete(keyOf(0));
    world.rows.delete(keyOf(8));
    let calls = 0;
    world.beforeCall = () => {
      calls += 1;
      if (calls === 6) throw new Error('the function died');
    };
    await expect(repair(world, 'one')).rejects.toThrow('the function died');
    await giveUpRepair(stateOf('one'), world.ports());
    world.beforeCall = () => undefined;
    expect(await repair(world, 'two')).toEqual({ ...nothing, missing: 2 });
    expect(world.repairs.all.get('brackets')).toMatchObject({ execution: 'two', origin: 'one', sourceRows: 9 });
    expect(world.lake.puts).toHaveLength(2);
  });
});

const act = fc.record({
  kind: fc.constantFrom('put', 'remove', 'deliver', 'lose', 'alter', 'load', 'wait'),
  id: fc.nat(11),
});
type Act = { readonly kind: string; readonly id: number };

function perform(world: DriftWorld, { kind, id }: Act): void {
  if (kind === 'put') world.put(id);
  else if (kind === 'remove') world.remove(id);
  else if (kind === 'deliver') world.deliver(id);
  else if (kind === 'lose') world.rows.delete(keyOf(id));
  else if (kind === 'alter') alter(world, id);
  else if (kind === 'load') world.loadLake();
  else world.nowMilliseconds += (id + 1) * minutes;
}

/** What the stream and the lake still have comes, and the margin passes. */
function settle(world: DriftWorld): void {
  world.beforeCall = () => undefined;
  world.deliver();
  world.loadLake();
  world.nowMilliseconds += 30 * minutes;
}

test('property: after any loss, with the stream going on and repairs cut off anywhere, latest ends as its source, and a repair more changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { maxLength: 40 }),
      fc.array(act, { maxLength: 30 }),
      fc.array(fc.nat(25), { maxLength: 3 }),
      async (before, during, cuts) => {
        const world = settledWorld();
        for (const one of before) perform(world, one);
        const goingOn = during.filter(({ kind }) => kind !== 'lose' && kind !== 'alter').values();
        for (const [number, cut] of cuts.entries()) {
          let calls = 0;
          world.beforeCall = () => {
            const { value } = goingOn.next();
            if (value) perform(world, value);
            calls += 1;
            if (calls > cut) throw new Error('cut off');
          };
          await repairStep(stateOf(`cut-${number}`), world.ports()).catch(() => undefined);
          await giveUpRepair(stateOf(`cut-${number}`), world.ports());
        }
        settle(world);
        await repair(world, 'resumed');
        settle(world);
        await repair(world, 'whole');
        settle(world);
        expect(world.latest()).toEqual(world.source());
        const puts = world.lake.puts.length;
        expect(await repair(world, 'again')).toEqual(nothing);
        expect(world.lake.puts).toHaveLength(puts);
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);

test('property: cut off after any call and repeated, a page lands the same objects as in one go', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(8), { minLength: 1 }), fc.nat(30), async (lost, cut) => {
      const [whole, cutOff] = [settledWorld(), settledWorld()];
      for (const world of [whole, cutOff]) for (const id of lost) world.rows.delete(keyOf(id));
      await repair(whole, 'one');
      let calls = 0;
      cutOff.beforeCall = () => {
        calls += 1;
        if (calls === cut) throw new Error('cut off');
      };
      await repairStep(stateOf('one'), cutOff.ports()).catch(() => repairStep(stateOf('one'), cutOff.ports()));
      expect([...cutOff.lake.objects.keys()]).toEqual([...whole.lake.objects.keys()]);
      expect(cutOff.lake.lines('raw/')).toEqual(whole.lake.lines('raw/'));
    }),
  );
});
