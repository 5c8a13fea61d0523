import path from 'node:path';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { stackOutputs } from '../lib/pipeline/outputs.ts';
import { connectOperator } from '../local/commands/operator.ts';
import { backfill, rebuild } from '../local/commands/reload.ts';
import { withReloadView } from '../local/commands/reload-execution.ts';
import { announce } from '../local/running.ts';
import { type StateLock, takeStateDirectory } from '../local/state-directory.ts';
import { beginJourney, type Journey, type SynthesizedDemo, synthesizeDemo } from './factories/journey.ts';

/** The commands as a user gives them, on the demo's stack: the machine and its roles are those of the template. */
describe('what was lost in the warehouse comes back from the lake', () => {
  let stack: SynthesizedDemo;
  let journey: Journey;
  let lock: StateLock;
  let options: { stateDirectory: string; wait: boolean };
  let written = '';

  const days = { from: '2020-01-01', to: '2099-01-01' };
  const tables = ['"raw".brackets', 'latest.brackets', 'latest.brackets__tombstones'];
  const contents = () =>
    Promise.all(tables.map((table) => journey.rows(`select _id, _key, _position from ${table} order by 1`)));
  const said = async (command: Promise<void>): Promise<string> => {
    written = '';
    await command;
    return written;
  };

  beforeAll(async () => {
    stack = await synthesizeDemo();
    const stateDirectory = path.join(stack.folder, 'state');
    lock = takeStateDirectory(stateDirectory, false);
    journey = await beginJourney(stack, stateDirectory);
    announce(stateDirectory, journey.platform.instance({}));
    options = { stateDirectory, wait: true };
    await journey.demo.play(() => undefined);
    await journey.platform.idle();
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
  }, 240_000);

  afterAll(async () => {
    jest.restoreAllMocks();
    await journey?.end();
    lock?.release();
    stack?.remove();
  });

  test('a backfill brings back what was deleted, once, and the models behind it are built anew', async () => {
    const before = await contents();
    const mart = () => journey.rows('select count(*) from mart.certified_tournaments');
    const [martBefore] = await mart();
    for (const table of tables) await journey.rows(`delete from ${table}`);
    await journey.rows('delete from mart.certified_tournaments');

    const text = await said(backfill('brackets', { ...options, ...days }));
    await journey.platform.idle();

    expect(text).toMatch(/^backfill of brackets: done, \d+ objects?, \d+ new rows$/m);
    expect(await contents()).toEqual(before);
    expect(await mart()).toEqual([martBefore]);
  }, 120_000);

  test('a rebuild puts right what was spoilt by hand', async () => {
    const before = await contents();
    await journey.rows(`update latest.brackets set _position = '9'`);
    await journey.rows(`update "raw".brackets set _key = null`);

    const text = await said(rebuild('brackets', options));

    expect(text).toMatch(/^rebuild of brackets: done, \d+ objects?, \d+ rows/m);
    expect(await contents()).toEqual(before);
  }, 120_000);

  test('one that is stopped goes on when the same command is given again', async () => {
    const before = await contents();
    await journey.rows('delete from "raw".brackets');
    const started = await said(rebuild('brackets', { ...options, wait: false }));
    const execution = /as (\S+);/.exec(started)?.[1] ?? '';
    const operator = await connectOperator(options);
    const machine = operator.output(stackOutputs.reloadStateMachineArn);
    const executionArn = `${machine.replace(':stateMachine:', ':execution:')}:${execution}`;
    await new SFNClient(journey.platform.clientOptions).send(new StopExecutionCommand({ executionArn }));

    await rebuild('brackets', options);

    expect(await contents()).toEqual(before);
    const asked = { operation: 'rebuild', dataset: 'brackets', id: 'whole' } as const;
    const progress = await withReloadView(operator, asked, (view) => view.progress());
    expect(progress).toMatchObject({ status: 'done' });
    expect(progress?.execution).not.toBe(execution);
  }, 120_000);

  test('what makes no sense is told before anything runs', async () => {
    await expect(backfill('brakets', { ...options, ...days })).rejects.toThrow('did you mean brackets?');
    await expect(backfill('brackets', { ...options, from: '2026-02-02', to: '2026-02-01' })).rejects.toMatchObject({
      code: 'EMPTY_RANGE',
    });
    await expect(backfill('brackets', { ...options, from: 'yesterday', to: '2026-02-01' })).rejects.toMatchObject({
      code: 'BAD_INSTANT',
    });
    await expect(backfill('brackets', { ...options, from: '2020-01-01', to: '2020-01-02' })).rejects.toMatchObject({
      code: 'NO_OBJECTS',
    });
  });

  test('nothing was denied and nothing failed on the way', () => {
    const bad = journey.activities.filter((activity) => activity.bad).map((activity) => activity.text);
    expect(bad.filter((text) => !text.includes('aborted') && !text.includes('ABORTED'))).toEqual([]);
  });
});
