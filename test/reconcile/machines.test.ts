import type { StateMachineDefinition } from '../../lib/pipeline/machines/language.ts';
import { reconcileMachine, reconcileSubstitutions } from '../../lib/pipeline/machines/reconcile.ts';
import { repairMachine, repairSubstitutions } from '../../lib/pipeline/machines/repair.ts';
import { look } from '../../lib/pipeline/reconcile.ts';
import { everyState, runMachine } from '../factories/local-machine.ts';

// It has no types of its own.
const validate = require('asl-validator') as (
  definition: unknown,
  options: object,
) => { isValid: boolean; errors: unknown };

const datasets = [
  { name: 'brackets', sampledKeys: 1_000, freshnessSeconds: 60 },
  { name: 'app_orders', sampledKeys: 10, freshnessSeconds: 300 },
];

describe.each<[string, StateMachineDefinition, string[]]>([
  ['reconcile', reconcileMachine(datasets), reconcileSubstitutions(datasets)],
  ['repair', repairMachine(datasets), repairSubstitutions(datasets)],
])('the definition of %s', (_name, definition, substitutions) => {
  it('is valid in the Amazon States Language', () => {
    expect(validate(definition, { checkArn: false })).toMatchObject({ isValid: true });
  });

  it('names exactly what its substitutions give', () => {
    const named = JSON.stringify(definition).match(/(?<=\$\{)\w+(?=\})/g);
    expect([...new Set(named)].toSorted()).toEqual([...substitutions].toSorted());
  });

  it('retries every task', () => {
    const tasks = everyState(definition.States).filter(([, { Type }]) => Type === 'Task');
    expect(tasks.filter(([, { Retry }]) => !Retry)).toEqual([]);
  });

  it('ends for a dataset that cannot be counted with what can be', async () => {
    const ended = await runMachine(definition, { dataset: 'app_logs' }, () => ({}));
    expect(ended).toMatchObject({ status: 'FAILED', output: { name: 'NOT_COUNTABLE' } });
    expect(await runMachine(definition, {}, () => ({}))).toMatchObject({ output: { name: 'NOT_COUNTABLE' } });
  });
});

describe('the machine of reconcile', () => {
  it('keeps all of what a look found', () => {
    const { ResultSelector } = reconcileMachine(datasets).States.Compare as { ResultSelector: object };
    expect(Object.keys(ResultSelector)).toEqual(Object.keys(look.shape).map((name) => `${name}.$`));
  });

  const counts = [
    { startedAt: 'then', count: 5, cursor: '{"id":{"S":"5"}}', done: false },
    { startedAt: 'then', count: 8, cursor: '', done: true },
  ];
  const found = { number: 1, latestCount: 8, driftRows: 0, sampled: 16, incomparable: 0, suspects: [] };

  it('counts page after page, looks once where all agrees, and its output is the report', async () => {
    const tasks: string[] = [];
    const { status, output } = await runMachine(reconcileMachine(datasets), { dataset: 'brackets' }, (name) => {
      tasks.push(name);
      const payloads: Record<string, unknown> = { Compare: { ...found, again: false }, Report: { sourceCount: 8 } };
      return { Payload: payloads[name] ?? counts[tasks.length - 1] };
    });
    expect({ status, output, tasks }).toEqual({
      status: 'SUCCEEDED',
      output: { sourceCount: 8 },
      tasks: ['Count', 'Count', 'Compare', 'Report'],
    });
  });

  it('looks again after three freshness budgets where something differs', async () => {
    const states: Record<string, { source?: unknown }> = {};
    let looks = 0;
    await runMachine(reconcileMachine(datasets), { dataset: 'app_orders' }, (name, _state, parameters) => {
      states[name] = (parameters as { Payload: { source?: unknown } }).Payload;
      if (name === 'Compare') looks += 1;
      return { Payload: name === 'Count' ? counts[1] : { ...found, again: looks < 2 } };
    });
    expect(looks).toBe(2);
    expect(states.Report?.source).toMatchObject({
      tableName: '${AppOrdersTable}',
      sampledKeys: 10,
      pauseSeconds: 900,
    });
  });
});

describe('the machine of repair', () => {
  it('goes on while there is more, and its output is the progress', async () => {
    const said = [{ kind: 'more' }, { kind: 'more' }, { kind: 'done', progress: { missing: 1 } }];
    const ended = await runMachine(repairMachine(datasets), { dataset: 'brackets' }, () => ({ Payload: said.shift() }));
    expect(ended).toEqual({ status: 'SUCCEEDED', output: { missing: 1 } });
  });

  it('fails with the reason where a repair runs already', async () => {
    const said = { kind: 'refused', message: 'a repair of brackets is running already: one' };
    const ended = await runMachine(repairMachine(datasets), { dataset: 'brackets' }, () => ({ Payload: said }));
    expect(ended).toEqual({ status: 'FAILED', output: { name: 'REPAIR_RUNNING', message: said.message } });
  });

  it('notes that it gave up, so that the next one need not wait', async () => {
    const tasks = new Set<string>();
    const ended = await runMachine(repairMachine(datasets), { dataset: 'brackets' }, (name) => {
      tasks.add(name);
      if (name === 'Repair') throw new Error('no warehouse');
      return { Payload: null };
    });
    expect(ended.status).toBe('FAILED');
    expect([...tasks]).toEqual(['Repair', 'Give up']);
  });
});
