import { ConfigError, type ConfigInput, parseConfig } from '../../lib/config/config.ts';
import demo from '../../millrace.config.ts';

/** The demo's configuration with something in it replaced: `with('datasets.brackets.owner', 7)`. */
function demoWith(path: string, value: unknown): unknown {
  const copy = structuredClone(demo) as unknown as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() as string;
  const section = keys.reduce((inner, key) => inner[key] as Record<string, unknown>, copy);
  section[last] = value;
  return copy;
}

function problemsOf(value: unknown): string[] {
  try {
    parseConfig(value);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, found, mend }) => `${path}: found ${found}; ${mend}`);
  }
}

const organizers = demo.datasets.organizers as ConfigInput['datasets'][string];
const rest = organizers.source as Extract<typeof organizers.source, { kind: 'rest' }>;

describe('a configuration', () => {
  it('is filled up with defaults', () => {
    const config = parseConfig(demo);
    expect(config.lake).toEqual({ codec: 'zstd', rawRetentionDays: 400, quarantineRetentionDays: 90 });
    expect(config.alarms).toEqual({ lateAfterFreshnessTimes: 3, iteratorAgeSeconds: 300, quarantinedRecords: 1 });
    expect(parseConfig(demoWith('warehouse', { kind: 'serverless' })).warehouse).toEqual({
      kind: 'serverless',
      baseCapacity: 8,
    });
  });

  it('takes what exists already', () => {
    const table = {
      tableName: 'brackets',
      streamArn: 'arn:aws:dynamodb:eu-west-1:111122223333:table/brackets/stream/2026-01-01T00:00:00.000',
      partitionKey: 'tournamentId',
      sortKey: 'round',
    };
    expect(problemsOf(demoWith('datasets.brackets.source', { kind: 'dynamodb', table }))).toEqual([]);
  });
});

describe('a mistake is told with its path, its value and its mend', () => {
  it.each<[string, unknown, string]>([
    ['datasets.brackets.ownr', 'x', 'datasets.brackets.ownr: found "x"; write owner'],
    [
      'datasets.brackets.source.kind',
      'dynamo',
      'datasets.brackets.source.kind: found "dynamo"; write kind: \'dynamodb\'',
    ],
    [
      'datasets.brackets.source.kind',
      'oracle',
      "datasets.brackets.source.kind: found \"oracle\"; write kind: 'dynamodb' or 'kinesis' or 'rest'",
    ],
    ['lake', { codec: 'lz4' }, 'lake.codec: found "lz4"; write one of zstd, gzip'],
    [
      'colour',
      'blue',
      'colour: found "blue"; take it out; the keys here are name, environment, warehouse, lake, alarms, readers, datasets',
    ],
    [
      'datasets.app_logs.source.stream.create.shards',
      4,
      'datasets.app_logs.source.stream.create.shards: found 4; take it out; nothing goes here',
    ],
    ['warehouse.baseCapacity', 12, 'warehouse.baseCapacity: found 12; write 4, a multiple of 8 up to 512, or 1024'],
    [
      'environment',
      'Prod',
      'environment: found "Prod"; write 1 to 31 lower-case letters, digits and _, starting with a letter',
    ],
    ['datasets', {}, 'datasets: found {}; write at least one dataset'],
    [
      'alarms',
      { email: 'a@example.com', topicArn: 'arn:aws:sns:eu-west-1:1:alarms' },
      'alarms: found {"email":"a@example.com","topicArn":"arn:aws:sns:eu-west-1:1:alarms"}; write topicArn or email, not both',
    ],
  ])('%s = %j', (path, value, problem) => {
    expect(problemsOf(demoWith(path, value))).toEqual([problem]);
  });

  it('inside the alternative that is nearest, and once for each mistake', () => {
    const table = { create: { partitionkey: 'tournamentId' } };
    expect(problemsOf(demoWith('datasets.brackets.source.table', table))).toEqual([
      'datasets.brackets.source.table.create.partitionKey: found nothing; write the name of the partition key, as it is in the records',
      'datasets.brackets.source.table.create.partitionkey: found "tournamentId"; write partitionKey',
    ]);
  });

  it('where there is nothing at all', () => {
    expect(problemsOf(undefined)).toEqual(['(the whole): found nothing; write export default defineConfig({ … })']);
  });

  it('with every problem in the message', () => {
    expect(() => parseConfig({ ...demo, name: 'T', environment: '' })).toThrow(
      /millrace\.config\.ts needs mending:\n {2}name: found "T"; .*\n {2}environment: found ""; /,
    );
  });
});

describe('what does not fit together', () => {
  it('is a promise that a slow pull cannot keep', () => {
    expect(problemsOf(demoWith('datasets.organizers.source', { ...rest, everyMinutes: 5 }))).toEqual([
      'datasets.organizers.freshnessSeconds: found 60; write 300 or more, or pull more often: a pull every 5 minutes cannot keep this promise',
    ]);
  });

  it('is a source that cannot be counted', () => {
    const reconcile = { everyHours: 24 };
    expect(problemsOf(demoWith('datasets.brackets.reconcile', reconcile))).toEqual([]);
    expect(problemsOf(demoWith('datasets.organizers.reconcile', reconcile))).toEqual([
      'datasets.organizers.reconcile: found {"everyHours":24}; take it out: only a DynamoDB table can be counted ({ kind: \'dynamodb\' }); this API is only asked for what has changed',
    ]);
    expect(problemsOf(demoWith('datasets.app_logs.reconcile', reconcile))).toEqual([
      'datasets.app_logs.reconcile: found {"everyHours":24}; take it out: only a DynamoDB table can be counted ({ kind: \'dynamodb\' }); a stream forgets its records',
    ]);
    expect(problemsOf(demoWith('datasets.brackets.reconcile', { everyHours: 0.5, sampledKeys: 0 }))).toEqual([
      'datasets.brackets.reconcile.everyHours: found 0.5; write a whole number of hours, from 1 to 720',
      'datasets.brackets.reconcile.sampledKeys: found 0; write a whole number of keys, from 1 to 10000',
    ]);
  });

  it('is an API whose records nobody can tell apart', () => {
    expect(problemsOf(demoWith('datasets.organizers.source', { ...rest, key: [] }))).toEqual([
      "datasets.organizers.source.key: found []; write the fields that identify a record, such as ['id']",
    ]);
  });

  it('is two datasets whose resources would share a name', () => {
    expect(problemsOf(demoWith('datasets.applogs', demo.datasets.app_logs))).toEqual([
      expect.stringMatching(/^datasets\.applogs: found .*; write a name that differs from app_logs in more than _$/),
    ]);
  });

  it.each([0, -1, 0.5, 86_401, '60'])('is a freshness of %j', (seconds) => {
    expect(problemsOf(demoWith('datasets.brackets.freshnessSeconds', seconds))).toEqual([
      `datasets.brackets.freshnessSeconds: found ${JSON.stringify(seconds)}; write a whole number of seconds, from 1 to 86400`,
    ]);
  });
});
