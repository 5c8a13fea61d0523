import fc from 'fast-check';
import { ServiceError } from '../../lambdas/aws/service-error.ts';
import { advance } from '../../lambdas/refresh/advance.ts';
import { runState } from '../../lambdas/refresh/state.ts';
import { type ModelProgress, modelRun, modelRunKey } from '../../lib/pipeline/model-run.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { modelsAtOnce, scheduledModel } from '../../lib/pipeline/schedule.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { MemoryStateTable } from '../factories/memory-state-table.ts';
import { aModel, noon } from '../factories/pipeline.ts';
import { plainSurroundings } from '../factories/surroundings.ts';
import { TimedWarehouse } from '../factories/timed-warehouse.ts';

const execution = 'main-17';
const bare = (over: Partial<CompiledModel>) => aModel({ columns: [], ...over });

/** A run that has loaded what its models read; the machine's waits are on the warehouse's clock. */
function givenARun(models: readonly CompiledModel[], warehouse = new TimedWarehouse()) {
  const [table, lake] = [new MemoryStateTable(), new MemoryLake()];
  const ports = {
    ...{ table, lake, database: 'prod', dataApi: warehouse },
    surroundings: { ...plainSurroundings, models, nowMilliseconds: noon },
    scheduled: models.map((model) => scheduledModel(model, {})),
  };
  const progress: ModelProgress[] = [];
  const look = async () => {
    const key = modelRunKey(execution);
    const state = { lane: 'main', generation: 17, ...(progress.length > 0 && { models: { key } }) };
    const answer = await advance(runState.parse(state), ports);
    progress.push(answer);
    return answer;
  };
  const toTheEnd = async (looksAtMost = 5000) => {
    for (let answer = await look(); !answer.done; answer = await look()) {
      if (progress.length > looksAtMost) throw new Error('it goes on and on');
      warehouse.nowSeconds += answer.waitSeconds;
    }
    return progress.at(-1) as ModelProgress;
  };
  const memory = async () =>
    modelRun.parse(JSON.parse(Buffer.from((await lake.get(modelRunKey(execution))) ?? '').toString()));
  return { ports, warehouse, progress, look, toTheEnd, memory };
}

/** Some hundred models, most of which read two others. */
const many = (count: number) =>
  Array.from({ length: count }, (_, n) => {
    const dependsOn = n < 20 ? [] : [`mart.m${(n * 7) % 20}`, `mart.m${Math.floor(n / 3)}`];
    return bare({ table: `m${n}`, dependsOn: [...new Set(dependsOn)], datasets: n < 20 ? ['brackets'] : [] });
  });

test('500 models are published by one run, its state small and its history far from full', async () => {
  const run = givenARun(many(500), new TimedWarehouse({ seconds: () => 1 }));
  const last = await run.toTheEnd();

  expect(last).toMatchObject({ published: 500, failed: 0, left: 0, done: true });
  const bytes = run.progress.map((one) => Buffer.byteLength(JSON.stringify(one)));
  expect(Math.max(...bytes)).toBeLessThan(16_000);
  const eventsOfALook = 9;
  expect(run.progress.length * eventsOfALook).toBeLessThan(10_000);
  expect(run.warehouse.mostAtOnce).toBe(modelsAtOnce);
}, 60_000);

test('a model begins when what it reads is published, and waits for no other while a place is free', async () => {
  const graph = fc.array(fc.record({ reads: fc.array(fc.nat(), { maxLength: 2 }), seconds: fc.nat({ max: 90 }) }), {
    minLength: 1,
    maxLength: 14,
  });
  await fc.assert(
    fc.asyncProperty(graph, async (drawn) => {
      const models = drawn.map(({ reads }, n) =>
        bare({ table: `m${n}`, dependsOn: n === 0 ? [] : [...new Set(reads.map((read) => `mart.m${read % n}`))] }),
      );
      const seconds = (model: string) => drawn[Number(model.replace('mart.m', ''))]?.seconds ?? 1;
      const run = givenARun(models, new TimedWarehouse({ seconds }));
      await run.look();
      for (let done = false; !done; ) {
        const { underWay, built, waiting } = await run.memory();
        const published = new Set(built.map(({ model }) => model));
        const isReady = ({ name, dependsOn }: CompiledModel) =>
          waiting.includes(name) && dependsOn.every((one) => published.has(one));
        const busy = underWay.filter(({ submitted }) => submitted).length;
        expect(busy).toBeLessThanOrEqual(modelsAtOnce);
        if (busy < modelsAtOnce) expect(models.filter(isReady)).toEqual([]);
        run.warehouse.nowSeconds += run.progress.at(-1)?.waitSeconds ?? 0;
        done = (await run.look()).done;
      }
      expect(run.progress.at(-1)).toMatchObject({ published: models.length });
    }),
    { numRuns: 40 },
  );
}, 60_000);

describe('a call', () => {
  const chain = [bare({ table: 'a' }), bare({ table: 'b', dependsOn: ['mart.a'], datasets: [] }), bare({ table: 'c' })];
  const once = [...'abc'].flatMap((name) => ['build', 'check', 'swap'].map((step) => `${step} mart.${name}`));

  test('that dies at any of its own calls, and is repeated, sends nothing twice', async () => {
    for (let dying = 1, wasKilled = true; wasKilled; dying += 1) {
      const run = givenARun(chain);
      const killed = Promise.withResolvers<'killed'>();
      let calls = 0;
      const die = () => {
        calls += 1;
        if (calls !== dying) return undefined;
        killed.resolve('killed');
        return new Promise<void>(() => undefined);
      };
      run.warehouse.interfere = die;
      const put = run.ports.lake.put.bind(run.ports.lake);
      run.ports.lake.put = async (object) => {
        await die();
        const answer = await put(object);
        await die();
        return answer;
      };
      wasKilled = (await Promise.race([run.toTheEnd(), killed.promise])) === 'killed';
      calls = dying;
      await expect(run.toTheEnd()).resolves.toMatchObject({ published: 3, failed: 0 });
      expect(run.warehouse.steps().toSorted()).toEqual(once.toSorted());
    }
  });

  test('may run beside another', async () => {
    const run = givenARun(chain);
    await run.look();
    for (let round = 0; round < 60 && !run.progress.at(-1)?.done; round += 1) {
      run.warehouse.nowSeconds += 1;
      await Promise.all([run.look(), run.look()]);
    }
    expect(run.progress.at(-1)).toMatchObject({ published: 3, done: true });
    expect(run.warehouse.steps().toSorted()).toEqual(once.toSorted());
  });

  test('finds what was sent although the memory is lost', async () => {
    const run = givenARun(chain);
    for (let round = 0; round < 4; round += 1) {
      await run.look();
      run.warehouse.nowSeconds += 1;
    }
    run.ports.lake.objects.clear();
    await run.toTheEnd();
    expect(run.warehouse.steps().toSorted()).toEqual(once.toSorted());
  });
});

describe('what goes wrong', () => {
  const pair = [
    bare({ table: 'a' }),
    bare({ table: 'b' }),
    bare({ table: 'behind', dependsOn: ['mart.a'], datasets: [] }),
  ];
  const refusing = (run: ReturnType<typeof givenARun>, call: string, name: string, times: number) => {
    let left = times;
    run.warehouse.interfere = (one) => {
      if (!one.startsWith(call) || left <= 0) return;
      left -= 1;
      throw new ServiceError('redshift-data', 'statement', { name, message: 'refused' });
    };
  };

  test('with a model stops what is behind it, and nothing else; the state says why', async () => {
    const run = givenARun(
      pair,
      new TimedWarehouse({ error: (step) => (step === 'build mart.a' ? 'column "x" does not exist' : undefined) }),
    );
    expect(await run.toTheEnd()).toMatchObject({
      ...{ published: 1, failed: 1, skipped: 1, left: 0 },
      failures: ['mart.a: column "x" does not exist'],
    });
    expect((await run.memory()).built.find(({ model }) => model === 'mart.b')).toMatchObject({ outcome: 'published' });
  });

  test('with a batch that is tried again after a pause holds up no other model', async () => {
    const conflict = (step: string, time: number) =>
      step === 'build mart.a' && time < 4 ? 'ERROR: 1023 Serializable isolation violation' : undefined;
    const run = givenARun(pair, new TimedWarehouse({ error: conflict }));
    expect(await run.toTheEnd()).toMatchObject({ published: 3 });
    const steps = run.warehouse.steps();
    expect(steps.filter((step) => step === 'build mart.a')).toHaveLength(4);
    expect(steps.indexOf('swap mart.b')).toBeLessThan(steps.lastIndexOf('build mart.a'));
    // 5 s, 20 s and 60 s before the new tries.
    expect(run.warehouse.nowSeconds).toBeGreaterThan(85);
    expect(run.warehouse.nowSeconds).toBeLessThan(120);
  });

  test.each(['ThrottlingException', 'ActiveStatementsExceededException'])(
    'with the service itself, %s, is waited for',
    async (name) => {
      for (const call of ['submit', 'status', 'rows']) {
        const run = givenARun(pair);
        refusing(run, call, name, 50);
        expect(await run.toTheEnd()).toMatchObject({ published: 3, failed: 0 });
      }
    },
  );

  test('with a right that is missing is told of the model after a while, and ends the run', async () => {
    const run = givenARun(pair);
    refusing(run, 'submit build mart.a', 'AccessDeniedException', 1000);
    expect(await run.toTheEnd()).toMatchObject({
      ...{ published: 1, failed: 1, skipped: 1 },
      failures: [expect.stringContaining('AccessDeniedException')],
    });
    const short = givenARun(pair);
    refusing(short, 'submit build mart.a', 'AccessDeniedException', 3);
    expect(await short.toTheEnd()).toMatchObject({ published: 3 });
  });

  test('with an answer that is no longer kept counts as a batch that failed', async () => {
    const run = givenARun([bare({ table: 'a' })]);
    // Three answers are asked for at once, five times.
    refusing(run, 'rows', 'ResourceNotFoundException', 15);
    expect(await run.toTheEnd()).toMatchObject({ published: 0, failed: 1 });
    expect(run.warehouse.steps()).toContain('discard mart.a');
  });

  test('with a model that a deployment changes while it is built ends it: the next run builds it anew', async () => {
    const run = givenARun(pair);
    await run.look();
    run.ports.scheduled = run.ports.scheduled.map((one) =>
      one.name === 'mart.a' ? { ...one, definition: 'another' } : one,
    );
    expect(await run.toTheEnd()).toMatchObject({ published: 1, failed: 1, skipped: 1 });
    const built = (await run.memory()).built.find(({ model }) => model === 'mart.a');
    expect(built).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('deployment') });
    expect(built?.definition).not.toBe('another');
  });
});
