import { openedProgress, type ReloadProgress, type ReloadRequest, reloadExecution } from '../../lib/pipeline/reload.ts';
import { noteLoads, pageLoads } from '../../lib/pipeline/reload-page.ts';
import { hourOfKey, rangeOfInstants } from '../../lib/pipeline/reload-range.ts';
import { openStatements, swapStatements } from '../../lib/pipeline/statements/reload.ts';
import type { Outcome } from '../../lib/pipeline/work.ts';
import { datasets } from '../factories/pipeline.ts';

function aRequest(over: Partial<ReloadRequest> = {}): ReloadRequest {
  const whole = { operation: 'backfill', dataset: 'brackets', id: 'whole', after: '', before: '' } as const;
  return { ...whole, generation: 1_764_345_678, part: 1, ...over };
}

function aProgress(over: Partial<ReloadProgress> = {}): ReloadProgress {
  const opened = openedProgress(aRequest(), undefined, '2026-11-20T12:00:00.000Z');
  if (opened === 'superseded') throw new Error('nobody else has it');
  return { ...opened, ...over };
}

const key = (name: string, extension = 'zst') => `raw/brackets/dt=2026-11-20/hh=12/${name}.ndjson.${extension}`;
const listed = (name: string, { extension = 'zst', sizeBytes = 10 } = {}) => ({
  key: key(name, extension),
  sizeBytes,
  eTag: name,
});
const page = { bucket: 'lake', page: 0 };

describe('a range of instants', () => {
  it('is whole hours of the lake, and the hour before: an object lies in the hour of its first record', () => {
    const range = rangeOfInstants('brackets', Date.UTC(2026, 10, 20, 0, 30), Date.UTC(2026, 10, 21, 9, 0, 1));
    expect(range).toEqual({
      id: '2026111923_2026112110',
      after: 'raw/brackets/dt=2026-11-19/hh=23',
      before: 'raw/brackets/dt=2026-11-21/hh=10',
    });
    expect(key('x') > range.after && key('x') < range.before).toBe(true);
  });

  it('is told by the hour that it has come to', () => {
    expect(hourOfKey(key('x'))).toBe('2026-11-20 12h');
    expect(hourOfKey('')).toBeUndefined();
  });
});

describe('an execution', () => {
  it('is named within the 80 characters of Step Functions, whatever the dataset is called', () => {
    const { id } = rangeOfInstants('x', Date.UTC(2026, 10, 20), Date.UTC(2026, 10, 21));
    const long = 'a'.repeat(63);
    const names = [long, `${long.slice(1)}b`].map((dataset) =>
      reloadExecution(aRequest({ id, dataset, part: 99_999 })),
    );
    expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(80);
    expect(new Set(names).size).toBe(2);
  });

  it('goes on with what failed or was cut off, and begins anew what is over or spoilt', () => {
    const open = (before: Partial<ReloadProgress>, generation = 1_764_345_679) =>
      openedProgress(aRequest({ generation }), aProgress({ cursor: key('x'), ...before }), 'now');
    expect(open({ status: 'failed', reason: 'broken', attempts: 4 })).toMatchObject({
      ...{ status: 'running', cursor: key('x'), began: 1_764_345_678, attempts: 0, reason: '' },
    });
    expect(open({})).toMatchObject({ cursor: key('x'), generation: 1_764_345_679 });
    expect(open({ status: 'done' })).toMatchObject({ cursor: '', began: 1_764_345_679 });
    expect(open({ spoilt: 1 })).toMatchObject({ cursor: '', began: 1_764_345_679 });
    expect(open({}, 1)).toBe('superseded');
  });
});

describe('a page', () => {
  it('is loads of one codec each, in the order of the keys, at most four', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const objects = names.map((name, index) => listed(name, { extension: index < 2 || index > 3 ? 'zst' : 'gz' }));
    const loads = pageLoads(page, aProgress(), [...objects, listed('g', { extension: 'gz' }), listed('h')]);
    expect(loads.map(({ work, upTo }) => [work.codec, work.objectCount, upTo])).toEqual([
      ['zstd', 2, key('b')],
      ['gzip', 2, key('d', 'gz')],
      ['zstd', 2, key('f')],
      ['gzip', 1, key('g', 'gz')],
    ]);
  });

  it('is loads of 500 objects and 256 MiB at most, so that live loads do not wait long', () => {
    const many = Array.from({ length: 1200 }, (_, n) => listed(String(n).padStart(5, '0')));
    expect(pageLoads(page, aProgress(), many).map(({ work }) => work.objectCount)).toEqual([500, 500, 200]);
    const large = ['a', 'b', 'c'].map((name) => listed(name, { sizeBytes: 200 * 1024 * 1024 }));
    expect(pageLoads(page, aProgress(), large).map(({ work }) => work.objectCount)).toEqual([1, 1, 1]);
  });

  it('has the same loads whoever resumes it, and other submissions', () => {
    const objects = [listed('a'), listed('b')];
    const [first] = pageLoads(page, aProgress(), objects);
    const [resumed] = pageLoads({ ...page, page: 3 }, aProgress({ generation: 1_764_999_999 }), objects);
    expect(resumed?.work.loadId).toBe(first?.work.loadId);
    expect(resumed?.work).toMatchObject({ generation: 1_764_999_999, page: 3 });
  });

  it('passes the loads before the first that failed, and tries the rest in ever smaller loads', () => {
    const objects = Array.from({ length: 600 }, (_, n) => listed(String(n).padStart(5, '0')));
    const loads = pageLoads(page, aProgress(), objects);
    const [good, bad] = loads.map(({ work }) => work);
    if (!good || !bad) throw new Error('two loads are expected');
    const outcomes: Outcome[] = [
      { kind: 'loaded', work: good, rowsStaged: 9, rowsInserted: 4, rowsDuplicate: 5 },
      { kind: 'failed', work: bad, reason: 'no' },
    ];
    let noted = noteLoads(
      aProgress(),
      loads.map(({ upTo }) => upTo),
      outcomes,
    );
    expect(noted).toMatchObject({
      kind: 'page',
      waitSeconds: 30,
      progress: { objects: 500, rowsInserted: 4, attempts: 1 },
    });
    const sizes: number[] = [];
    while (noted.kind === 'page') {
      const [load] = pageLoads(page, noted.progress, objects.slice(500));
      sizes.push(load?.work.objectCount ?? 0);
      noted = noteLoads(noted.progress, [load?.upTo ?? ''], [{ kind: 'failed', work: bad, reason: 'no' }]);
    }
    expect(sizes).toEqual([100, 20, 4, 1]);
    expect(noted).toMatchObject({ kind: 'failed', reason: `no (the objects up to ${key('00500')})` });
  });
});

describe('the statements', () => {
  const [brackets] = datasets;
  if (!brackets) throw new Error('the demo has datasets');
  const swap = {
    ...({ kind: 'swap', execution: 'rebuild_whole-7-brackets-1', lane: 'rebuild_5', generation: 7 } as const),
    ...{ loadId: 'rebuild_5-5-brackets-swap', dataset: 'brackets', aside: 5 },
  };
  const text = (statements: readonly string[]) => `\n${statements.join(';\n\n')};\n`;

  it('swap a rebuild in, in one transaction', () => {
    expect(text(swapStatements(swap, true))).toMatchSnapshot();
  });

  it('fit a batch of the Data API', () => {
    const open = openStatements(
      { kind: 'openReload', execution: 'x', dataset: 'brackets', aside: 5, over: 3 },
      brackets,
    );
    expect(Math.max(open.length, swapStatements(swap, true).length)).toBeLessThanOrEqual(40);
  });

  it('empty nothing but under the condition that the swap is allowed', () => {
    const deletes = swapStatements(swap, true).filter((statement) => statement.startsWith('DELETE'));
    expect(deletes).toHaveLength(3);
    for (const statement of deletes) expect(statement).toContain('"allowed"');
  });
});
