import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  DescribeTableCommand,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  GetStatementResultV2Command,
  ListDatabasesCommand,
  ListSchemasCommand,
  ListSessionsCommand,
  ListStatementsCommand,
  ListTablesCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { DataApi, type DataApiOptions } from '../../local/redshift/dataapi/data-api.ts';
import { type DataApiServer, serveDataApi } from '../../local/redshift/dataapi/http.ts';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift } from '../../local/redshift/types.ts';

const where = { WorkgroupName: 'millrace', Database: 'prod', DbUser: 'admin' };

/** The real client, HTTP and the real engine: what each operation answers, member by member. */
describe("the Data API's operations", () => {
  let redshift: Redshift;
  let api: DataApi;
  let server: DataApiServer;
  let client: RedshiftDataClient;
  let now = Date.now();
  const events: { detail: Readonly<Record<string, unknown>> }[] = [];

  beforeAll(async () => {
    redshift = await openRedshift({ databases: ['prod', 'stage'], admin: { user: 'admin', password: 'secret' } });
    const options: DataApiOptions = { now: () => now, onEvent: (event) => events.push(event) };
    api = new DataApi(redshift, options);
    server = await serveDataApi(api);
    client = clientOf('millrace');
    await run('create schema mart');
    await run(
      'create table mart.orders (id bigint not null, note varchar(40), total decimal(12,2), at timestamp, payload super)',
    );
    await run('create view mart.orders_of_today as select id from mart.orders');
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
    await api.close();
    await redshift.close();
  });

  function clientOf(accessKeyId: string): RedshiftDataClient {
    const credentials = { accessKeyId, secretAccessKey: 'x' };
    return new RedshiftDataClient({ endpoint: server.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  }

  async function run(Sql: string, more: object = {}): Promise<DescribeStatementResponse> {
    const { Id } = await client.send(new ExecuteStatementCommand({ ...where, Sql, ...more }));
    return client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 }));
  }

  async function batch(Sqls: string[], more: object = {}): Promise<DescribeStatementResponse> {
    const { Id } = await client.send(new BatchExecuteStatementCommand({ ...where, Sqls, ...more }));
    return client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 }));
  }

  async function values(Sql: string, more: object = {}): Promise<unknown> {
    const { Id, Error: error } = await run(Sql, more);
    if (error !== undefined) return error;
    return (await client.send(new GetStatementResultCommand({ Id }))).Records?.map((row) =>
      row.map((field) => Object.values(field)[0]),
    );
  }

  it('says of each column what a driver says', async () => {
    const { Id } = await run(
      `select 1::smallint as a, 2 as b, 3::bigint as c, 1.5::decimal(9,3) as d, 1::real as e, 1::float8 as f, true as g, 'x'::char(4) as h,
        'y'::varchar(8) as i, '2026-01-31'::date as j, '2026-01-31 10:00'::timestamp as k, json_parse('[1]') as l`,
    );
    const { ColumnMetadata } = await client.send(new GetStatementResultCommand({ Id }));
    const told = ColumnMetadata?.map(({ label, typeName, precision, scale, isSigned, isCaseSensitive, length }) =>
      [label, typeName, precision, scale, isSigned ? 'signed' : '', isCaseSensitive ? 'cased' : '', length].join(' '),
    );
    expect(told).toEqual([
      'a int2 5 0 signed  0',
      'b int4 10 0 signed  0',
      'c int8 19 0 signed  0',
      'd numeric 9 3 signed  0',
      'e float4 8 8 signed  0',
      'f float8 17 17 signed  0',
      'g bool 1 0   0',
      'h bpchar 4 0  cased 0',
      'i varchar 8 0  cased 0',
      'j date 13 0   0',
      'k timestamp 29 6   0',
      'l super 0 0  cased 0',
    ]);
  });

  it("knows a statement by the warehouse's process and query", async () => {
    const { RedshiftPid, RedshiftQueryId, Id } = await run('select pg_backend_pid() as pid, 17 as marked');
    const { Records } = await client.send(new GetStatementResultCommand({ Id }));
    expect(Records?.[0]?.[0]?.longValue).toBe(RedshiftPid);
    const history = `select query_text from sys_query_history where query_id = ${RedshiftQueryId}`;
    expect(await values(history)).toEqual([[expect.stringContaining('17 as marked')]]);
  });

  it('adds up the parts of a batch, and names its mode', async () => {
    const told = await batch([
      'select 1',
      'select 2 union all select 3',
      "insert into mart.orders values (1, 'é', 2.50, null, null)",
    ]);
    expect(told).toMatchObject({
      Status: 'FINISHED',
      ResultRows: 4,
      ResultSize: 3,
      HasResultSet: true,
      ExecutionMode: 'TRANSACTION',
    });
    expect(told.QueryString).toBeUndefined();
  });

  it('keeps what ran beside a failure when each statement commits on its own', async () => {
    await run('create table kept (id int)');
    const Sqls = ['insert into kept values (1)', 'insert into absent values (1)', 'insert into kept values (2)'];
    const together = await batch(Sqls);
    expect(together.SubStatements?.map((part) => part.Status)).toEqual(['FINISHED', 'FAILED', 'ABORTED']);
    expect(await values('select count(*) from kept')).toEqual([[0]]);
    const alone = await batch(Sqls, { ExecutionMode: 'AUTO_COMMIT' });
    expect(alone.SubStatements?.map((part) => part.Status)).toEqual(['FINISHED', 'FAILED', 'FINISHED']);
    expect(alone).toMatchObject({ Status: 'FAILED', Error: expect.stringMatching(/^Query #2 failed with ERROR: /) });
    expect(await values('select count(*) from kept')).toEqual([[2]]);
  });

  it('writes CSV with a header, and lines that end with CR LF', async () => {
    const { Id } = await run(`select 1 as "a,b", 'x"y' as c, null as d union all select 2, '', 'z' order by 1`, {
      ResultFormat: 'CSV',
    });
    const { Records, TotalNumRows } = await client.send(new GetStatementResultV2Command({ Id }));
    expect(Records).toEqual([{ CSVRecords: '"a,b",c,d\r\n1,"x""y",\r\n2,"",z\r\n' }]);
    expect(TotalNumRows).toBe(2);
  });

  it('lists what finished, of the caller, unless asked for more', async () => {
    await run('select 1', { StatementName: 'listed-good' });
    await run('selec 1', { StatementName: 'listed-bad' });
    const list = async (more: object, by = client): Promise<unknown> => {
      const { Statements } = await by.send(new ListStatementsCommand({ StatementName: 'listed', ...more }));
      return Statements?.map((statement) => [statement.StatementName, statement.Status]);
    };
    expect(await list({})).toEqual([['listed-good', 'FINISHED']]);
    expect(await list({ Status: 'ALL' })).toEqual([
      ['listed-bad', 'FAILED'],
      ['listed-good', 'FINISHED'],
    ]);
    expect(await list({ StatementName: 'Listed', Status: 'ALL' })).toEqual([]);
    const stranger = clientOf('stranger');
    expect(await list({ Status: 'ALL' }, stranger)).toEqual([]);
    stranger.destroy();
    await expect(list({ ClusterIdentifier: 'c', WorkgroupName: 'w' })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('tells databases, schemas, tables and columns, page by page', async () => {
    expect((await client.send(new ListDatabasesCommand(where))).Databases).toEqual(['prod', 'stage']);
    const { Schemas } = await client.send(new ListSchemasCommand({ ...where, SchemaPattern: 'ma%' }));
    expect(Schemas).toEqual(['mart']);
    const page = { ...where, SchemaPattern: 'mart', MaxResults: 1 };
    const first = await client.send(new ListTablesCommand(page));
    const second = await client.send(new ListTablesCommand({ ...page, NextToken: first.NextToken }));
    expect([first.Tables, second.Tables, second.NextToken]).toEqual([
      [{ name: 'orders', schema: 'mart', type: 'TABLE' }],
      [{ name: 'orders_of_today', schema: 'mart', type: 'VIEW' }],
      undefined,
    ]);
    const { ColumnList, TableName } = await client.send(
      new DescribeTableCommand({ ...where, Schema: 'mart', Table: 'orders' }),
    );
    expect(TableName).toBe('orders');
    expect(
      ColumnList?.map((column) => [column.name, column.typeName, column.precision, column.scale, column.nullable]),
    ).toEqual([
      ['id', 'int8', 19, 0, 0],
      ['note', 'varchar', 40, 0, 1],
      ['total', 'numeric', 12, 2, 1],
      ['at', 'timestamp', 29, 6, 1],
      ['payload', 'super', 0, 0, 1],
    ]);
    expect(ColumnList?.[0]).toMatchObject({ schemaName: 'mart', tableName: 'orders', length: 19 });
  });

  describe('sessions', () => {
    const status = async (SessionId: string | undefined): Promise<unknown> =>
      (await client.send(new ListSessionsCommand({ SessionId }))).Sessions?.[0]?.Status;

    it('keep temporary tables and settings for who opened them', async () => {
      const { SessionId } = await run('create temp table stage as select 5 as n', { SessionKeepAliveSeconds: 60 });
      const within = { SessionId, WorkgroupName: undefined, Database: undefined, DbUser: undefined };
      await run("set query_group to 'nightly'", within);
      expect(await values("select n, current_setting('query_group') from stage", within)).toEqual([[5, 'nightly']]);
      expect(await values('select n from stage')).toMatch('relation "stage" does not exist');
      const stranger = clientOf('stranger');
      const theirs = stranger.send(new ExecuteStatementCommand({ SessionId, Sql: 'select 1' }));
      await expect(theirs).rejects.toThrow(`Session with Id: ${SessionId} is invalid`);
      stranger.destroy();
      const together = client.send(new ExecuteStatementCommand({ SessionId, Database: 'prod', Sql: 'select 1' }));
      await expect(together).rejects.toMatchObject({ name: 'ValidationException' });
    });

    it('run one statement at a time, and are no more when they have closed', async () => {
      const { SessionId, Id } = await client.send(
        new ExecuteStatementCommand({ ...where, Sql: 'select 1', SessionKeepAliveSeconds: 0 }),
      );
      const busy = client.send(new ExecuteStatementCommand({ SessionId, Sql: 'select 2' }));
      await expect(busy).rejects.toThrow('Session is not available');
      await client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 }));
      expect(await status(SessionId)).toBe('CLOSED');
      const closed = client.send(new ExecuteStatementCommand({ SessionId, Sql: 'select 2' }));
      await expect(closed).rejects.toThrow('Session is not available');
    });

    it('are listed with what they are for', async () => {
      const { SessionId } = await run('select 1', { SessionKeepAliveSeconds: 60 });
      const { Sessions } = await client.send(new ListSessionsCommand({ Status: 'AVAILABLE', Database: 'prod' }));
      const listed = Sessions?.find((session) => session.SessionId === SessionId);
      expect(listed).toMatchObject({ Status: 'AVAILABLE', WorkgroupName: 'millrace', SessionAliveSeconds: 60 });
      expect(listed?.SessionTtl?.getTime()).toBeGreaterThan(now);
      await expect(client.send(new ListSessionsCommand({ SessionId, Status: 'BUSY' }))).rejects.toThrow('SessionId');
    });
  });

  it('tells EventBridge how a statement ended', async () => {
    const before = events.length;
    await run('select 1', { WithEvent: true, StatementName: 'told' });
    expect(events.slice(before).map(({ detail }) => [detail.statementName, detail.state, detail.rows])).toEqual([
      ['told', 'FINISHED', 1],
    ]);
  });

  it('forgets results after a day', async () => {
    const { Id } = await run('select 1');
    now += 24 * 3600 * 1000 + 60_000;
    await expect(client.send(new GetStatementResultCommand({ Id }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      ResourceId: Id,
    });
  });

  it.each([
    [
      { ...where, Sql: '' },
      "Value '' at 'sql' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [where, "Value null at 'sql' failed to satisfy constraint: Member must not be null"],
    [{ ...where, Sql: 'x', ResultFormat: 'XML' }, 'Member must satisfy enum value set: [JSON, CSV]'],
    [{ ...where, Sql: 'x', SessionKeepAliveSeconds: 86_401 }, 'Member must have value less than or equal to 86400'],
    [{ ...where, Sql: 'x', WaitTimeSeconds: 31 }, 'Member must have value less than or equal to 30'],
    [{ ...where, Sql: 'x', ClientToken: '' }, "at 'clientToken'"],
    [{ ...where, Sql: 'select :a', Parameters: [{ name: 'a', value: null }] }, "Value null at 'parameters.0.value'"],
    [{ ...where, Sql: 'select :a', Parameters: [{ name: 'a b', value: 'x' }] }, 'regular expression pattern'],
    [{ ...where, Sql: 'select :a', Parameters: [{ name: 'b', value: 'x' }] }, 'Unused parameters: [b]'],
    [{ ...where, ClusterIdentifier: 'c', Sql: 'select 1' }, 'cannot be given together'],
    [{ Database: 'prod', DbUser: 'admin', Sql: 'select 1' }, 'ClusterIdentifier or WorkgroupName'],
    [{ ...where, Database: undefined, Sql: 'select 1' }, 'Database is a required parameter'],
  ])('refuses %j', async (body, message) => {
    const answer = await post('RedshiftData.ExecuteStatement', JSON.stringify(body));
    expect(answer).toMatchObject({ status: 400, body: { __type: 'ValidationException' } });
    expect(answer.body.Message).toContain(message);
  });

  it.each([
    ['RedshiftData.ExecuteStatement', '{"Sql":', 'SerializationException'],
    ['RedshiftData.ExecuteStatement', '{"Sql":5}', 'SerializationException'],
    ['RedshiftData.ExecuteStatement', '[]', 'SerializationException'],
    ['RedshiftData.Nonsense', '{}', 'UnknownOperationException'],
    ['RedshiftData.constructor', '{}', 'UnknownOperationException'],
    ['Nonsense', '{}', 'UnknownOperationException'],
    ['RedshiftData.DescribeStatement', '{"Id":"x"}', 'ValidationException'],
    [
      'RedshiftData.ListTables',
      '{"Database":"absent","WorkgroupName":"w","DbUser":"admin"}',
      'DatabaseConnectionException',
    ],
  ])('%s of %s is a %s', async (target, body, type) => {
    const answer = await post(target, body);
    expect(answer.body.__type).toBe(type);
    expect(answer.status).toBe(type === 'DatabaseConnectionException' ? 500 : 400);
  });

  async function post(target: string, body: string): Promise<{ status: number; body: Record<string, string> }> {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
    const response = await fetch(server.endpoint, { method: 'POST', headers, body });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  }
});
