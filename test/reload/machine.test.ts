import { reloadMachine, reloadSubstitutions } from '../../lib/pipeline/machines/reload.ts';
import type { WarehouseKind } from '../../lib/pipeline/machines/work-loop.ts';
import { everyState } from '../factories/local-machine.ts';

// It has no types of its own.
const validate = require('asl-validator') as (
  definition: unknown,
  options: object,
) => { isValid: boolean; errors: unknown };

const targets: WarehouseKind[] = ['workgroup', 'cluster'];

describe.each(targets)('the definition for a %s', (target) => {
  const definition = reloadMachine({ target });
  const states = everyState(definition.States);

  it('is valid in the Amazon States Language', () => {
    expect(validate(definition, { checkArn: false })).toMatchObject({ isValid: true });
  });

  it('names exactly what its substitutions give', () => {
    const named = JSON.stringify(definition).match(/(?<=\$\{)\w+(?=\})/g);
    expect([...new Set(named)].toSorted()).toEqual(reloadSubstitutions(target).toSorted());
  });

  it('retries every task, and leaves no failure uncaught but that of giving up and of the last message', () => {
    const tasks = states.filter(([, { Type }]) => Type === 'Task');
    expect(tasks.filter(([, { Retry }]) => !Retry)).toEqual([]);
    expect(tasks.filter(([, { Catch }]) => !Catch).map(([name]) => name)).toEqual(['Give up', 'Tell register']);
  });

  it('loads one load at a time, so that a live load waits for one at most', () => {
    const maps = states.filter(([, { Type }]) => Type === 'Map');
    expect(maps.map(([name, { MaxConcurrency }]) => [name, MaxConcurrency])).toEqual([
      ['Prepare', 1],
      ['Load', 1],
      ['Swap', 1],
    ]);
  });
});
