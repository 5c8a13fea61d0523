import { next } from '../../lib/pipeline/next.ts';
import type { Attempt, ResultRows } from '../../lib/pipeline/work.ts';
import { noon } from '../factories/pipeline.ts';
import { plainSurroundings } from '../factories/surroundings.ts';
import { models } from './shapes.ts';

/** The statements of a step of a model's refresh, once the steps before it have answered. */
function step(table: string, answers: Readonly<Record<string, ResultRows[]>>): string {
  const history = Object.entries(answers).map(
    ([name, results]): Attempt => ({ step: name, number: 1, outcome: 'finished', results }),
  );
  const surroundings = { ...plainSurroundings, models, nowMilliseconds: noon };
  const decision = next({ kind: 'model', execution: 'main-9', model: `mart.${table}` }, history, surroundings);
  return decision.kind === 'submit'
    ? `-- ${decision.step}\n${decision.statements.join(';\n')}`
    : JSON.stringify(decision);
}

const changes = (dataset: string): ResultRows[] => [
  [[dataset, '4']],
  [[dataset, '6', '0', '0', '0', '2026-11-20 11:00:00']],
  [],
];

describe('the statements of an incremental model', () => {
  it('are these for days of events', () => {
    const asked = { changes: changes('app_logs') };
    const keys = [['2', '0', '2026-11-19', '2026-11-20', '2026-11-18 00:00:00', '2026-11-22 00:00:00']];
    expect(
      [step('days', {}), step('days', asked), step('days', { ...asked, keys: [keys] })].join('\n\n'),
    ).toMatchSnapshot();
  });

  it('are these where each row comes of one row of latest', () => {
    const asked = { changes: changes('brackets') };
    const keys = [['2', '0', 't-1', 't-2']];
    expect([step('row_by_row', asked), step('row_by_row', { ...asked, keys: [keys] })].join('\n\n')).toMatchSnapshot();
  });
});

describe('an incremental model is built whole', () => {
  const first = (answers: ResultRows[]) => step('days', { changes: answers }).split('\n')[0];

  test.each([
    ['has never been built', [[], [['app_logs', '6', '0', '0', '0', null]], []]],
    [
      'was built of a dataset that has been rebuilt since',
      [[['app_logs', '4']], [['app_logs', '6', '1', '0', '0', '2026-11-20 11:00:00']], []],
    ],
    ['was built too long ago', [[['app_logs', '4']], [['app_logs', '6', '0', '1', '0', '2026-11-01 11:00:00']], []]],
    ['has seen more than there is', [[['app_logs', '7']], [['app_logs', '6', '0', '0', '0', null]], []]],
  ])('if it %s', (_, answers) => {
    expect(first(answers as ResultRows[])).toBe('-- build');
  });

  test('and not if nothing stands in the way', () => {
    expect(first(changes('app_logs'))).toBe('-- keys');
  });

  test('if its keys cannot be gathered, or some of them are NULL', () => {
    const nulls = { changes: changes('app_logs'), keys: [[['2', '1', null, null, null, null]]] };
    expect(step('days', nulls).split('\n')[0]).toBe('-- build');
  });
});
