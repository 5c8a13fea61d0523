import fc from 'fast-check';
import { firstLoads, manifestText, objectsText, planLoads, readObjects } from '../../lib/pipeline/plan.ts';
import { failed } from '../../lib/pipeline/work.ts';
import { aPendingObject } from '../factories/pipeline.ts';

const run = { lane: 'main', generation: 17 };
const objectsNamed = (...names: string[]) => names.map((name) => aPendingObject({ name }));

describe('a plan of loads', () => {
  it('takes one codec a manifest, and what failed apart from what is new', () => {
    const gzip = aPendingObject({ key: 'raw/brackets/dt=2026-11-20/hh=12/old.ndjson.gz' });
    const failed = aPendingObject({ name: 'failed', attempts: 1 });

    const loads = planLoads(run, 'brackets', [...objectsNamed('a', 'b'), gzip, failed]);

    expect(loads.map(({ work, objects }) => [work.codec, objects.length])).toEqual([
      ['zstd', 2],
      ['gzip', 1],
      ['zstd', 1],
    ]);
  });

  it('is named after what it loads: the same again is the same, anything else is another', () => {
    const [once] = planLoads(run, 'brackets', objectsNamed('a', 'b'));
    const [again] = planLoads(run, 'brackets', objectsNamed('b', 'a'));
    const [more] = planLoads(run, 'brackets', objectsNamed('a', 'b', 'c'));
    const [changed] = planLoads(run, 'brackets', [
      aPendingObject({ name: 'a', eTag: 'another' }),
      ...objectsNamed('b'),
    ]);

    expect(again?.work.loadId).toBe(once?.work.loadId);
    expect(new Set([once, more, changed].map((load) => load?.work.loadId)).size).toBe(3);
  });

  it('leaves an object that never loads alone in its load after a few tries', () => {
    const failing = Array.from({ length: 1000 }, (_, n) => aPendingObject({ name: `o${n}`, attempts: 5 }));
    expect(planLoads(run, 'brackets', failing).every(({ objects }) => objects.length === 1)).toBe(true);
  });

  it('takes what has failed least first, so that what fails one by one keeps nothing new from loading', () => {
    const failing = Array.from({ length: 200 }, (_, n) => aPendingObject({ name: `o${n}`, attempts: 5 }));
    const loads = [...planLoads(run, 'brackets', failing), ...planLoads(run, 'organizers', objectsNamed('new'))];

    const first = firstLoads(loads);

    expect(first).toHaveLength(120);
    expect(first[0]?.work.dataset).toBe('organizers');
  });

  it('fits the 256 KiB that Step Functions carries, though every load fails with a long reason in any script', () => {
    const pending = Array.from({ length: 1000 }, (_, n) => aPendingObject({ name: `o${n}`, attempts: 6 }));
    const loads = firstLoads(planLoads(run, 'a'.repeat(63), pending)).map(({ work }) => work);
    const outcomes = loads.map((work) => failed(work, '漢'.repeat(5000)));

    const state = {
      ...run,
      plan: { prepare: [], loads: loads.map((work) => ({ work, history: [] })) },
      loaded: outcomes,
    };

    expect(loads).toHaveLength(120);
    expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThan(262_144);
  });

  it('writes manifests in which every object is mandatory, and remembers what the inbox had', () => {
    const [load] = planLoads(run, 'brackets', objectsNamed('a'));
    if (!load) throw new Error('no load');
    expect(JSON.parse(manifestText(load))).toEqual({
      entries: [
        {
          url: 's3://lake/raw/brackets/dt=2026-11-20/hh=12/a.ndjson.zst',
          mandatory: true,
          meta: { content_length: 1234 },
        },
      ],
    });
    expect(readObjects(objectsText(load))).toEqual(objectsNamed('a'));
  });

  it('loads every pending object once, however they are mixed', () => {
    const objects = fc.uniqueArray(
      fc.record({ name: fc.integer({ min: 0, max: 5000 }).map(String), attempts: fc.integer({ min: 0, max: 6 }) }),
      { selector: ({ name }) => name },
    );
    fc.assert(
      fc.property(objects, (descriptions) => {
        const pending = descriptions.map(aPendingObject);
        const planned = planLoads(run, 'brackets', pending).flatMap((load) => load.objects.map(({ key }) => key));
        expect(planned.toSorted()).toEqual(pending.map(({ key }) => key).toSorted());
      }),
    );
  });
});
