import { describe, expect, test } from '@jest/globals';
import { reasonOf } from '../../local/commands/executions.ts';
import { fill, inputOf } from '../../local/commands/fill.ts';
import { noon } from '../factories/pipeline.ts';

describe('what is asked of a fill', () => {
  test('given a dataset alone, when it is asked, then all of it is filled under an id of the moment', () => {
    expect(inputOf('brackets', {}, noon)).toEqual({ dataset: 'brackets', id: '20261120t120000000z', kind: 'full' });
  });

  test('given a window, when it is asked, then it is in seconds', () => {
    const window = { incremental: true, from: '2026-11-20T10:00Z', to: '2026-11-20T11:00Z', id: 'gap' };
    expect(inputOf('brackets', window, noon)).toEqual({
      dataset: 'brackets',
      id: 'gap',
      kind: 'incremental',
      fromSeconds: noon / 1000 - 7200,
      toSeconds: noon / 1000 - 3600,
    });
  });

  test.each<[string, object, string]>([
    ['Brackets!', {}, 'BAD_DATASET'],
    ['brackets', { id: 'No Id' }, 'BAD_ID'],
    ['brackets', { from: 'yesterday' }, 'BAD_INSTANT'],
    ['brackets', { incremental: true }, 'BAD_WINDOW'],
    ['brackets', { from: '2026-11-20T10:00Z' }, 'BAD_WINDOW'],
    ['brackets', { incremental: true, from: '2026-11-20T11:55Z', to: '2026-11-20T12:00Z' }, 'BAD_WINDOW'],
  ])('given %s and %j, when it is asked, then it is refused with %s', (dataset, options, code) => {
    expect(() => inputOf(dataset, options, noon)).toThrow(expect.objectContaining({ code }));
  });

  test("given a function's error, when it is told, then people get its message", () => {
    expect(reasonOf({ error: 'MillraceError', cause: '{"errorMessage":"no table","trace":[]}' })).toBe('no table');
    expect(reasonOf({ error: 'States.Timeout', cause: '' })).toBe('States.Timeout');
  });
});

test('a dataset that has no table is refused before anything is started, with those that have one', async () => {
  await expect(fill('app_logs', { stateDirectory: 'nowhere' })).rejects.toMatchObject({
    code: 'NOT_A_TABLE',
    message: expect.stringContaining('brackets'),
  });
});
