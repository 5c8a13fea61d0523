import type { Materialization } from '../../lib/pipeline/models/model.ts';
import { readFollowed } from '../factories/followed-mart-readers.ts';
import { readDuring } from '../factories/mart-readers.ts';

/** `npm run readers` has it with 200 refreshes. */
const scenes: readonly (readonly [name: string, kinds: readonly Materialization[]])[] = [
  ['a table, now and then of another definition', ['table']],
  // A view has no rows of its own: it shows what its tables hold, and that is what is loaded here.
  ['a view, now and then of another definition', ['view']],
  ['a materialized view, now and then of another definition', ['materialized view']],
  [
    'a model that is another kind each time',
    ['table', 'view', 'materialized view', 'view', 'table', 'materialized view'],
  ],
];

describe('who reads a mart in a loop while it is refreshed', () => {
  it.each(scenes)('never sees an error, nothing or half of it: %s', async (_, kinds) => {
    const { looks, statesSeen, troubles } = await readDuring(6, kinds);
    expect(troubles).toEqual([]);
    expect(statesSeen).toBeGreaterThan(2);
    expect(looks).toBeGreaterThan(10);
  });

  it.each(['incremental', 'history'] as const)('nor of one that follows what has changed: %s', async (kind) => {
    const { looks, statesSeen, troubles } = await readFollowed(6, kind);
    expect(troubles).toEqual([]);
    expect(statesSeen).toBeGreaterThan(2);
    expect(looks).toBeGreaterThan(10);
  });
});
