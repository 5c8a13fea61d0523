import { createContext, Script } from 'node:vm';

const rowMilliseconds = 1_000;
const sliceMilliseconds = 250;
const chunkMilliseconds = 10_000;

const context = createContext(Object.create(null), { name: 'time limit' });
const script = new Script('work()');

/**
 * Does something for each row of a chunk that JavaScript could not end otherwise: a regular expression that goes back over its text again and
 * again. Nothing else of this process runs meanwhile, so a row may take a second, and the chunk ten. About 0.15 ms a chunk.
 */
export function eachRowWithinTime(rowCount: number, body: (row: number) => void): void {
  const startedAt = performance.now();
  for (let row = 0; row < rowCount; ) {
    const sliceStartedAt = performance.now();
    if (sliceStartedAt - startedAt > chunkMilliseconds) throw tooLong();
    limited(() => {
      do body(row);
      while (++row < rowCount && performance.now() - sliceStartedAt < sliceMilliseconds);
    });
  }
}

function limited(work: () => void): void {
  context.work = work;
  try {
    script.runInContext(context, { timeout: rowMilliseconds + sliceMilliseconds });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? tooLong() : error;
  } finally {
    context.work = undefined;
  }
}

const tooLong = (): Error => new Error('[54001] the regular expression takes too long over its text: it was given up');
