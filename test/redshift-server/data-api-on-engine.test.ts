import type { DescribeStatementResponse } from '@aws-sdk/client-redshift-data';
import { DataApi } from '../../local/redshift/dataapi/data-api.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift } from '../../local/redshift/types.ts';

const caller = { arn: 'arn:aws:iam::000000000000:role/refresh' };
const where = { WorkgroupName: 'w', Database: 'prod', DbUser: 'admin' };

/** What only a real database can show: atomic batches, bound parameters, cancelled queries. */
describe('the Data API on the engine', () => {
  let redshift: Redshift;
  let api: DataApi;

  beforeAll(async () => {
    redshift = await openRedshift({ databases: ['prod'], admin: { user: 'admin', password: 'secret' } });
    api = new DataApi(redshift);
    await run({ Sql: 'create table t (id int, name varchar(20), payload super)' });
  });
  afterAll(async () => {
    await api.close();
    await redshift.close();
  });

  async function run(request: object, operation = 'ExecuteStatement'): Promise<DescribeStatementResponse> {
    const { Id } = await api.handle(operation, { ...where, ...request }, caller);
    return (await api.handle(
      'DescribeStatement',
      { Id, WaitTimeSeconds: 10 },
      caller,
    )) as unknown as DescribeStatementResponse;
  }

  async function records(Id: string | undefined): Promise<unknown> {
    const { Records } = await api.handle('GetStatementResult', { Id }, caller);
    return JSON.parse(JSON.stringify(Records));
  }

  it('rolls a failed batch back whole, and keeps a good one', async () => {
    const bad = await run(
      { Sqls: ['insert into t values (1)', 'insert into absent values (1)', 'select 1'] },
      'BatchExecuteStatement',
    );
    expect(bad.Status).toBe('FAILED');
    expect(bad.Error).toMatch(/^Query #2 failed with ERROR: relation "absent" does not exist/);
    const good = await run(
      {
        Sqls: [
          'set enable_case_sensitive_super_attribute to true',
          'create temp table stage as select 7 as id',
          `insert into t select id, 'x', json_parse('{"A":12345678901234567890123, "money":1.50}') from stage`,
          'select count(*), max(id) from t',
        ],
      },
      'BatchExecuteStatement',
    );
    expect(good.Error).toBeUndefined();
    expect(good.SubStatements?.map((part) => part.ResultRows)).toEqual([0, expect.anything(), 1, 1]);
    expect(await records(`${good.Id}:4`)).toEqual([[{ longValue: 1 }, { longValue: 7 }]]);
    const digits = await run({ Sql: 'select payload, payload.money from t' });
    expect(await records(digits.Id)).toEqual([
      [{ stringValue: '{"A":12345678901234567890123,"money":1.50}' }, { stringValue: '1.50' }],
    ]);
  });

  it('runs AUTO_COMMIT batches statement by statement', async () => {
    const Sqls = ["insert into t values (100, 'kept')", 'select * from absent'];
    expect((await run({ Sqls, ExecutionMode: 'AUTO_COMMIT' }, 'BatchExecuteStatement')).Status).toBe('FAILED');
    const kept = await run({ Sql: 'select name from t where id = 100' });
    expect(await records(kept.Id)).toEqual([[{ stringValue: 'kept' }]]);
  });

  it('binds parameters as values, whatever is in them', async () => {
    const Parameters = [
      { name: 'id', value: '8' },
      { name: 'name', value: "'); drop --" },
    ];
    const inserted = await run({ Sql: 'insert into t (id, name) values (:id, :name)', Parameters });
    expect(inserted).toMatchObject({ Status: 'FINISHED', ResultRows: 1 });
    const found = await run({ Sql: 'select name from t where id = :id', Parameters: Parameters.slice(0, 1) });
    expect(await records(found.Id)).toEqual([[{ stringValue: "'); drop --" }]]);
  });

  it('keeps a session for the statements that name it, one at a time, for its caller alone', async () => {
    const first = await api.handle(
      'ExecuteStatement',
      { ...where, Sql: 'create temp table kept as select 5 as n', SessionKeepAliveSeconds: 60, WaitTimeSeconds: 10 },
      caller,
    );
    const { SessionId } = first as { SessionId: string };
    const Sql = 'select n from kept';
    const { Id } = (await api.handle('ExecuteStatement', { Sql, SessionId, WaitTimeSeconds: 10 }, caller)) as {
      Id: string;
    };
    expect(await records(Id)).toEqual([[{ longValue: 5 }]]);
    expect(await api.handle('DescribeStatement', { Id }, caller)).toMatchObject({ SessionId, Database: 'prod' });
    const refused = (request: object, identity = caller): Promise<unknown> =>
      expect(api.handle('ExecuteStatement', { Sql, SessionId, ...request }, identity)).rejects.toThrow();
    await refused({ Database: 'prod' });
    await refused({}, { arn: 'arn:aws:iam::000000000000:role/other' });
    await refused({ SessionId: '00000000-0000-4000-8000-000000000000' });
    const both = [
      { Sql, SessionId },
      { Sql, SessionId },
    ].map((body) => api.handle('ExecuteStatement', body, caller));
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await api.idle();
    const last = await api.handle(
      'ExecuteStatement',
      { Sql, SessionId, SessionKeepAliveSeconds: 0, WaitTimeSeconds: 10 },
      caller,
    );
    expect(last).toMatchObject({ Status: 'FINISHED' });
    await api.idle();
    await refused({});
  });

  it('cancels a query that would run for long', async () => {
    const numbers = '(select 1 as n union all select 2 union all select 3 union all select 4)';
    const joins = Array.from({ length: 16 }, (_, index) => `${numbers} t${index}`).join(', ');
    const Sql = `select count(*) from ${joins} where t0.n + t1.n + t2.n + t3.n + t4.n > t5.n + t6.n`;
    const { Id } = await api.handle('ExecuteStatement', { ...where, Sql }, caller);
    let status = 'SUBMITTED';
    while (status !== 'STARTED') {
      ({ Status: status } = (await api.handle('DescribeStatement', { Id }, caller)) as { Status: string });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await api.handle('CancelStatement', { Id }, caller);
    expect(await api.handle('DescribeStatement', { Id, WaitTimeSeconds: 10 }, caller)).toMatchObject({
      Status: 'ABORTED',
    });
  });

  it('tells an unknown database and a syntax error as a failed statement', async () => {
    expect(await run({ Sql: 'select 1', Database: 'absent' })).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringContaining('database "absent" does not exist'),
    });
    expect(await run({ Sql: 'selec 1' })).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringMatching(/^ERROR: syntax error at or near "selec"\n {2}Position: 1$/),
    });
  });
});
