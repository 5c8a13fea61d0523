import { repairProgress } from '../../lib/pipeline/repair-progress.ts';
import { settledNow, stateKeys } from '../../lib/pipeline/state-items.ts';
import { columnBytes, exampleBytes } from '../../lib/pipeline/tables.ts';
import { failed } from '../../lib/pipeline/work.ts';
import { aPendingObject, noon } from '../factories/pipeline.ts';

/** DynamoDB: an item with all its names has at most so many bytes. */
const itemBytesAtMost = 400 * 1024;
/** S3: a key has at most so many bytes. */
const longestKey = 'ü'.repeat(512);
/** An error in a script of three bytes a character. */
const longestError = '値'.repeat(100_000);

const bytesOf = (item: object): number => Buffer.byteLength(JSON.stringify(item));

describe('an item of the state table', () => {
  it('of a pending object fits, whatever its key and the reason of its last failure', () => {
    const decision = failed({ kind: 'prepare', execution: 'main-1', hash: '' }, longestError);
    const object = aPendingObject({ key: longestKey });
    const lastReason = JSON.stringify(decision);
    expect(bytesOf({ ...stateKeys.pending('main', object), ...object, lastReason })).toBeLessThan(8 * 1024);
  });

  it('of a repair fits, whatever the keys of its examples and where it stands', () => {
    const progress = {
      ...{
        execution: 'e'.repeat(80),
        origin: 'o'.repeat(80),
        dataset: 'd'.repeat(63),
        dryRun: false,
        status: 'running',
      },
      ...{ phase: 'latest', cursor: 'k'.repeat(columnBytes._key), page: 1, readAtMicroseconds: '1' },
      ...{ startedAtMilliseconds: 1, touchedAtMilliseconds: 1, sourceRows: 1, latestKeys: 1, refused: 1 },
      ...{ incomparable: 1, missing: 1, different: 1, extra: 1, examples: ['e'.repeat(exampleBytes)] },
    };
    expect(bytesOf(repairProgress.parse(progress))).toBeLessThan(itemBytesAtMost);
  });

  it('of the ledger goes only when nobody tells of its object any more, and never where the object cannot be loaded', () => {
    const days = 24 * 3600;
    const { expiresAtSeconds = 0 } = settledNow({ eTag: 'e', outcome: 'loaded', loadId: 'one' }, noon);
    expect(expiresAtSeconds - noon / 1000).toBeGreaterThanOrEqual(2 * 14 * days);
    for (const outcome of ['mended', 'setAside'] as const) {
      expect(settledNow({ eTag: 'e', outcome, loadId: 'one' }, noon)).not.toHaveProperty('expiresAtSeconds');
    }
  });
});
