import { aModel, aPendingObject, runEndedEvent } from '../factories/pipeline.ts';
import { RefreshLane } from '../factories/refresh-lane.ts';
import { type Ending, ScriptedWarehouse, type Submission, stepOf } from '../factories/scripted-warehouse.ts';

/** Everything goes well: a load of three rows, one of them known; checks find nothing. */
function fine({ StatementName }: Submission): Ending {
  const step = stepOf(StatementName);
  if (step.startsWith('load'))
    return { results: [[['3', '2', '1', '2026-11-20 11:59:30+00', '2026-11-20 12:00:00+00']]] };
  if (step.startsWith('check')) return { results: [[['row_count', 'info', '5']], []] };
  return {};
}

function aLane(script: (submission: Submission) => Ending | undefined = () => undefined, models = [aModel()]) {
  return new RefreshLane(new ScriptedWarehouse((submission) => script(submission) ?? fine(submission)), models);
}

const setUp = ['role-0', 'prepare-0'];
const firstBuild = ['build mart.players', 'check mart.players', 'describe-0 mart.players', 'swap mart.players'];

describe('a refresh', () => {
  it('loads what has arrived, builds what is behind it and leaves an empty inbox and a free lane', async () => {
    const lane = aLane();
    await lane.arrive(aPendingObject());

    await lane.drain();

    expect(lane.runs.map(({ status }) => status)).toEqual(['SUCCEEDED']);
    expect(lane.warehouse.steps()).toEqual([...setUp, 'load brackets', ...firstBuild]);
    expect(lane.table.objects.size).toBe(0);
    expect(lane.messages).toEqual([]);
    expect(lane.runs[0]?.output.loaded).toMatchObject([
      { kind: 'loaded', rowsStaged: 3, rowsInserted: 2, rowsDuplicate: 1, freshnessSeconds: 30 },
    ]);
  });

  it('prepares the database once, and publishes by replacement once the definition is known', async () => {
    let published: string | undefined;
    const lane = aLane(({ StatementName, Sqls }) => {
      const step = stepOf(StatementName);
      if (step.startsWith('swap')) published = /'([0-9a-f]{32})', 'published'/.exec(Sqls.join('\n'))?.[1];
      return step.startsWith('check')
        ? { results: [[['row_count', 'info', '5']], published ? [[published]] : []] }
        : undefined;
    });
    await lane.arrive(aPendingObject({ name: 'first' }));
    await lane.drain();
    const before = lane.warehouse.submitted.length;

    await lane.arrive(aPendingObject({ name: 'second' }));
    await lane.drain();

    expect(lane.warehouse.steps().slice(before)).toEqual([
      'load brackets',
      'build mart.players',
      'check mart.players',
      'replace mart.players',
    ]);
  });

  it('ends well without doing anything where another run has had the lane', async () => {
    const lane = aLane();
    await lane.arrive(aPendingObject());
    const [stale] = lane.due;
    await lane.drain();
    const before = lane.warehouse.submitted.length;

    if (stale) lane.due.push({ ...stale, name: 'stale' });
    await lane.drain();

    expect(lane.runs.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(lane.warehouse.submitted.length).toBe(before);
  });

  it('loads the good beside the bad, keeps the bad in the inbox and asks for another run later', async () => {
    const lane = aLane(({ StatementName }) =>
      stepOf(StatementName) === 'load app_logs' ? { error: 'ERROR: permission denied for schema raw' } : undefined,
    );
    await lane.arrive(aPendingObject());
    await lane.arrive(aPendingObject({ dataset: 'app_logs', name: 'broken' }));

    await lane.drain(1);

    expect(lane.runs[0]?.status).toBe('SUCCEEDED');
    expect([...lane.table.objects.values()]).toMatchObject([{ dataset: 'app_logs', attempts: 1 }]);
    expect([...lane.table.reasons.values()]).toEqual([expect.stringContaining('permission denied')]);
    expect(lane.messages).toMatchObject([{ delaySeconds: 30 }]);
    expect(lane.warehouse.steps()).toContain('swap mart.players');
  });

  it('tries a batch again, with a new token, when the failure may pass', async () => {
    let conflicts = 0;
    const lane = aLane(({ StatementName }) => {
      if (stepOf(StatementName) !== 'load brackets' || conflicts++ > 1) return undefined;
      return { error: 'ERROR: 1023 Serializable isolation violation on table' };
    });
    await lane.arrive(aPendingObject());

    await lane.drain();

    const loads = lane.warehouse.submitted.filter(({ StatementName }) => stepOf(StatementName) === 'load brackets');
    expect(new Set(loads.map(({ ClientToken }) => ClientToken)).size).toBe(3);
    expect(new Set(loads.map(({ Sqls }) => Sqls.join(';'))).size).toBe(1);
    expect(lane.table.objects.size).toBe(0);
  });

  it('stops trying after a few conflicts and leaves the objects for the next run', async () => {
    const lane = aLane(({ StatementName }) =>
      stepOf(StatementName) === 'load brackets' ? { error: 'ERROR: 1023 Serializable isolation violation' } : undefined,
    );
    await lane.arrive(aPendingObject());

    await lane.drain(1);

    expect(lane.warehouse.steps().filter((step) => step === 'load brackets')).toHaveLength(4);
    expect([...lane.table.objects.values()]).toMatchObject([{ attempts: 1 }]);
  });

  it('submits once although the answer to the submission is lost', async () => {
    const lane = aLane();
    await lane.arrive(aPendingObject());
    const lost = new Set(['Load: submit']);
    const { execute } = ScriptedWarehouse.prototype;
    lane.warehouse.execute = function (this: ScriptedWarehouse, submission: Submission) {
      const answer = execute.call(this, submission);
      if (stepOf(submission.StatementName) === 'load brackets' && lost.delete('Load: submit')) {
        throw Object.assign(new Error('socket hang up'), { name: 'RedshiftData.SdkClientException' });
      }
      return answer;
    };

    await lane.drain();

    expect(lane.warehouse.steps().filter((step) => step === 'load brackets')).toHaveLength(1);
    expect(lane.table.objects.size).toBe(0);
  });
});

describe('models', () => {
  const upstream = aModel();
  const downstream = aModel({ table: 'teams', dependsOn: ['mart.players'], datasets: [] });
  const aside = aModel({ table: 'countries', datasets: ['app_logs'] });

  it('keep the old mart when a check of severity error fails, and stop what is behind it, nothing else', async () => {
    const failing = [
      ['row_count', 'info', '5'],
      ['unique: id', 'error', '2'],
    ];
    const lane = aLane(
      ({ StatementName }) => (stepOf(StatementName) === 'check mart.players' ? { results: [failing, []] } : undefined),
      [upstream, downstream, aside],
    );
    await lane.arrive(aPendingObject());

    await lane.drain();

    const steps = lane.warehouse.steps();
    expect(steps).toContain('reject mart.players');
    expect(steps).not.toContain('swap mart.players');
    expect(steps).not.toContain('build mart.teams');
    expect(steps).toContain('swap mart.countries');
    expect(lane.table.modelStates.get('mart.players')).toMatchObject({ outcome: 'checkFailed' });
    expect(lane.runs[0]?.status).toBe('SUCCEEDED');
  });

  it('publish in spite of a check of severity warn', async () => {
    const warning = [
      ['unique: id', 'warn', '2'],
      ['row_count', 'info', '5'],
    ];
    const lane = aLane(({ StatementName }) =>
      stepOf(StatementName) === 'check mart.players' ? { results: [warning, []] } : undefined,
    );
    await lane.arrive(aPendingObject());

    await lane.drain();

    expect(lane.warehouse.steps()).toContain('swap mart.players');
  });

  it('are built in the order of their dependencies, and those that failed again in the next run', async () => {
    let failures = 1;
    const lane = aLane(
      ({ StatementName }) =>
        stepOf(StatementName) === 'build mart.players' && failures-- > 0
          ? { error: 'column "x" does not exist' }
          : undefined,
      [upstream, downstream, aside],
    );
    await lane.arrive(aPendingObject());
    await lane.drain();
    expect(lane.warehouse.steps()).toContain('discard mart.players');
    const before = lane.warehouse.submitted.length;

    await lane.arrive(aPendingObject({ dataset: 'app_logs' }));
    await lane.drain();

    const builds = lane.warehouse
      .steps()
      .slice(before)
      .filter((step) => step.startsWith('build'));
    expect(builds.toSorted()).toEqual(['build mart.countries', 'build mart.players', 'build mart.teams']);
    expect(builds.indexOf('build mart.teams')).toBeGreaterThan(builds.indexOf('build mart.players'));
  });

  it('swap where the table that should be replaced is gone', async () => {
    const lane = aLane(({ StatementName, Sqls }) => {
      const step = stepOf(StatementName);
      if (step.startsWith('replace')) return { error: 'relation "mart.players" does not exist' };
      const definition = /check/.test(step) && lane.table.modelStates.get('mart.players')?.definition;
      return definition && Sqls.length > 0 ? { results: [[['row_count', 'info', '5']], [[definition]]] } : undefined;
    });
    await lane.arrive(aPendingObject({ name: 'first' }));
    await lane.drain();

    await lane.arrive(aPendingObject({ name: 'second' }));
    await lane.drain();

    expect(lane.warehouse.steps().slice(-3)).toEqual([
      'replace mart.players',
      'describe-0 mart.players',
      'swap mart.players',
    ]);
  });
});

describe('a run that cannot go on', () => {
  it('frees the lane, fails for all to see, and the next run makes good', async () => {
    const lane = aLane();
    await lane.arrive(aPendingObject());
    lane.interfere = (state) => {
      if (state === 'Plan') throw new Error('the state table is out of reach');
    };

    await lane.drain(1);

    expect(lane.runs[0]?.status).toBe('FAILED');
    expect([...lane.table.lanes.values()]).toMatchObject([{ deadRuns: 1 }]);
    expect(lane.messages).toHaveLength(1);
    lane.interfere = () => {};
    await lane.tell(lane.messages[0]?.body ?? '');
    await lane.drain();
    expect(lane.table.objects.size).toBe(0);
    expect([...lane.table.lanes.values()]).toMatchObject([{ deadRuns: 0 }]);
  });

  it('does not load into a database that could not be prepared', async () => {
    const lane = aLane(({ StatementName }) =>
      stepOf(StatementName) === 'prepare-0' ? { error: 'permission denied for database prod' } : undefined,
    );
    await lane.arrive(aPendingObject());

    await lane.drain(1);

    expect(lane.runs[0]).toMatchObject({ status: 'FAILED', output: { name: 'PREPARE_FAILED' } });
    expect(lane.warehouse.steps()).toEqual(setUp);
    expect(lane.table.objects.size).toBe(1);
  });

  it('goes on where a role is there already', async () => {
    const lane = aLane(({ StatementName }) =>
      stepOf(StatementName) === 'role-0' ? { error: 'ERROR: role "analysts" already exists' } : undefined,
    );
    await lane.arrive(aPendingObject());

    await lane.drain();

    expect(lane.table.objects.size).toBe(0);
  });

  it('is buried by register when even its settling failed', async () => {
    const lane = aLane();
    await lane.arrive(aPendingObject());
    lane.interfere = (state) => {
      if (state === 'Lease' || state === 'Give up') throw new Error('no function answers');
    };
    await lane.drain(1);
    const [dead] = lane.runs;
    expect(dead?.status).toBe('FAILED');
    lane.interfere = () => {};

    await lane.tell(runEndedEvent(dead?.name ?? '', 'FAILED'));
    await lane.drain();

    expect(lane.runs.at(-1)?.status).toBe('SUCCEEDED');
    expect(lane.table.objects.size).toBe(0);
  });
});
