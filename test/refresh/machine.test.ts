import { refreshMachine, refreshSubstitutions } from '../../lib/pipeline/machines/refresh.ts';
import type { WarehouseKind } from '../../lib/pipeline/machines/work-loop.ts';
import { everyState } from '../factories/local-machine.ts';

// It has no types of its own.
const validate = require('asl-validator') as (
  definition: unknown,
  options: object,
) => { isValid: boolean; errors: unknown };

/** Where a state goes on, whatever its type. */
function nextOf({ Next, Default, Choices, Catch }: Record<string, unknown>): string[] {
  const rules = [...((Choices ?? []) as { Next: string }[]), ...((Catch ?? []) as { Next: string }[])];
  return [...new Set([Next, Default, ...rules.map((rule) => rule.Next)])].flatMap((one) => (one ? [String(one)] : []));
}

const targets: WarehouseKind[] = ['workgroup', 'cluster'];

describe.each(targets)('the definition for a %s', (target) => {
  const definition = refreshMachine({ target, longestWaitSeconds: 43_200 });
  const states = everyState(definition.States);

  it('is valid in the Amazon States Language', () => {
    expect(validate(definition, { checkArn: false })).toMatchObject({ isValid: true });
  });

  it('has six hours to work after the longest wait', () => {
    expect(definition.TimeoutSeconds).toBe(43_200 + 6 * 3600);
  });

  it('names exactly what its substitutions give', () => {
    const named = JSON.stringify(definition).match(/(?<=\$\{)\w+(?=\})/g);
    expect([...new Set(named)].toSorted()).toEqual(refreshSubstitutions(target).toSorted());
  });

  it('retries every task, and leaves no failure uncaught but that of giving up and of the last messages', () => {
    const tasks = states.filter(([, { Type }]) => Type === 'Task');
    expect(tasks.filter(([, { Retry }]) => !Retry)).toEqual([]);
    expect(tasks.filter(([, { Catch }]) => !Catch).map(([name]) => name)).toEqual([
      'Ask for a run',
      'Give up',
      'Ask for a new try',
    ]);
  });

  it('goes from state to state like this', () => {
    const lines = Object.entries(definition.States).map(
      ([name, state]) => `${name} (${state.Type}): ${nextOf(state).join(', ')}`,
    );
    expect(`\n${lines.join('\n')}\n`).toMatchSnapshot();
  });

  it('calls every state by another name, so that a history reads by itself', () => {
    const names = states.map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
