import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everyFault } from './faults.ts';
import { type PlayedPart, SeedRecord } from './seed-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-seeds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const aPart = (seeds: readonly number[], bad: readonly number[] = []): PlayedPart => ({
  milliseconds: 1000 * seeds.length,
  reports: seeds.map((seed) => ({
    seed,
    violations: bad.includes(seed) ? ['a row is lost'] : [],
    coverage: new Map([['killedAfter at s3.put', 2]]),
  })),
});

describe('the record of a long run', () => {
  const path = join(folder, 'record.json');

  it('goes on where another process was ended, and tells of all', () => {
    SeedRecord.open(path, 100, everyFault).add(aPart([100, 101, 102], [101]));
    SeedRecord.open(path, 100, everyFault).add(aPart([103, 104]));
    const { played, milliseconds, bad, coverage } = SeedRecord.open(path, 100, everyFault);
    expect({ played, milliseconds }).toEqual({ played: 5, milliseconds: 5000 });
    expect(bad).toEqual([{ seed: 101, violations: ['a row is lost'] }]);
    expect([...coverage]).toEqual([['killedAfter at s3.put', 10]]);
  });

  it('is not continued with other seeds, or with other faults', () => {
    expect(() => SeedRecord.open(path, 1, everyFault)).toThrow('is of seeds from 100');
    expect(() => SeedRecord.open(path, 100, ['poison'])).toThrow('or of other faults');
  });
});
