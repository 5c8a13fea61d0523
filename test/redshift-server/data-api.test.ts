import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  ExecuteStatementCommand,
  GetStatementResultCommand,
  GetStatementResultV2Command,
  ListStatementsCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { DataApi, type DataApiOptions } from '../../local/redshift/dataapi/data-api.ts';
import { type DataApiServer, serveDataApi } from '../../local/redshift/dataapi/http.ts';
import { RedshiftError, type StatementResult } from '../../local/redshift/types.ts';
import { fakeRedshift, untilCancelled } from './fake-redshift.ts';

const where = { WorkgroupName: 'millrace', Database: 'prod', DbUser: 'admin' };

function answer(sql: string, signal: AbortSignal): StatementResult | Promise<StatementResult> {
  const text = sql.trim();
  if (text.startsWith('forever')) return untilCancelled(signal);
  if (text.startsWith('broken')) throw new RedshiftError('42601', 'syntax error at or near "broken"', { position: 1 });
  if (text.startsWith('insert')) return { tag: 'INSERT 0 3', rowCount: 3 };
  if (text.startsWith('many')) return numbers(2500);
  if (text.startsWith('select')) return typed(text);
  return { tag: 'SET', rowCount: 0 };
}

function numbers(count: number): StatementResult {
  const rows = Array.from({ length: count }, (_, index) => [String(index)]);
  return { tag: `SELECT ${count}`, rowCount: count, columns: [{ name: 'n', type: { kind: 'int4' } }], rows };
}

function typed(text: string): StatementResult {
  const columns = [
    { name: 'said', type: { kind: 'varchar', length: 100 } },
    { name: 'big', type: { kind: 'int8' } },
    { name: 'ratio', type: { kind: 'float8' } },
    { name: 'yes', type: { kind: 'bool' } },
    { name: 'document', type: { kind: 'super' } },
    { name: 'money', type: { kind: 'decimal', precision: 38, scale: 2 } },
    { name: 'nothing', type: { kind: 'date' } },
  ] as const;
  return { tag: 'SELECT 1', rowCount: 1, columns, rows: [[text, '42', '0.5', 't', '{"a":1}', '1.00', null]] };
}

describe('the Data API over HTTP', () => {
  const redshift = fakeRedshift(answer);
  const closers: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function open(options: DataApiOptions = {}): Promise<{ client: RedshiftDataClient; api: DataApi }> {
    const api = new DataApi(redshift, options);
    const server: DataApiServer = await serveDataApi(api);
    const client = new RedshiftDataClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'millrace', secretAccessKey: 'x' },
      maxAttempts: 1,
    });
    closers.push(
      () => api.close(),
      server.close,
      () => client.destroy(),
    );
    return { client, api };
  }

  async function run(client: RedshiftDataClient, Sql: string, more: object = {}): Promise<DescribeStatementResponse> {
    const { Id } = await client.send(new ExecuteStatementCommand({ ...where, Sql, ...more }));
    return client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 5 }));
  }

  it('runs a statement and answers typed fields', async () => {
    const { client } = await open();
    const described = await run(client, 'select 1');
    expect(described).toMatchObject({ Status: 'FINISHED', HasResultSet: true, ResultRows: 1, QueryString: 'select 1' });
    expect(described.Duration).toBeGreaterThan(0);
    expect(described.CreatedAt).toBeInstanceOf(Date);
    const result = await client.send(new GetStatementResultCommand({ Id: described.Id }));
    expect(result.Records).toEqual([
      [
        { stringValue: 'select 1' },
        { longValue: 42 },
        { doubleValue: 0.5 },
        { booleanValue: true },
        { stringValue: '{"a":1}' },
        { stringValue: '1.00' },
        { isNull: true },
      ],
    ]);
    expect(result.ColumnMetadata?.map((column) => column.typeName)).toEqual(
      'varchar int8 float8 bool super numeric date'.split(' '),
    );
    expect(result.TotalNumRows).toBe(1);
  });

  it('is asynchronous: the answer comes before the end, and a long statement can be cancelled', async () => {
    const { client } = await open();
    const { Id, Status } = await client.send(new ExecuteStatementCommand({ ...where, Sql: 'forever' }));
    expect(['SUBMITTED', 'PICKED', 'STARTED']).toContain(Status);
    expect(await client.send(new CancelStatementCommand({ Id }))).toMatchObject({ Status: true });
    const described = await client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 5 }));
    expect(described).toMatchObject({ Status: 'ABORTED', HasResultSet: false });
    await expect(client.send(new CancelStatementCommand({ Id }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('already in ABORTED state'),
    });
  });

  it("tells an error in Redshift's words", async () => {
    const { client } = await open();
    const described = await run(client, 'broken');
    expect(described).toMatchObject({ Status: 'FAILED' });
    expect(described.Error).toBe('ERROR: syntax error at or near "broken"\n  Position: 1');
    await expect(client.send(new GetStatementResultCommand({ Id: described.Id }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('runs a batch as one transaction with numbered parts, or aborts what follows a failure', async () => {
    const { client } = await open();
    const submit = async (Sqls: string[]) => {
      const { Id } = await client.send(new BatchExecuteStatementCommand({ ...where, Sqls }));
      return client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 5 }));
    };
    const good = await submit(['set x to y', 'insert into t', 'select 2']);
    expect(good.Status).toBe('FINISHED');
    expect(good.SubStatements?.map((part) => [part.Id, part.Status, part.ResultRows])).toEqual([
      [`${good.Id}:1`, 'FINISHED', 0],
      [`${good.Id}:2`, 'FINISHED', 3],
      [`${good.Id}:3`, 'FINISHED', 1],
    ]);
    const rows = await client.send(new GetStatementResultCommand({ Id: `${good.Id}:3` }));
    expect(rows.Records?.[0]?.[0]).toEqual({ stringValue: 'select 2' });
    await expect(client.send(new GetStatementResultCommand({ Id: good.Id }))).rejects.toThrow('sub-statement id');
    const bad = await submit(['insert into t', 'broken', 'select 3']);
    expect(bad.SubStatements?.map((part) => part.Status)).toEqual(['FINISHED', 'FAILED', 'ABORTED']);
    expect(bad.Error).toMatch(/^Query #2 failed with ERROR: syntax error/);
  });

  it('binds named parameters outside strings and casts', async () => {
    const { client } = await open();
    const Parameters = [
      { name: 'Who', value: "O'Hara" },
      { name: 'n', value: '7' },
    ];
    const { Id } = await run(client, "select :Who, ':n', x::int, :n, :Who -- :n", { Parameters });
    const { Records } = await client.send(new GetStatementResultCommand({ Id }));
    expect(Records?.[0]?.[0]?.stringValue).toBe("select 'O'Hara', ':n', x::int, '7', 'O'Hara' -- :n");
    const refused = (more: object) => expect(run(client, 'select :n', more)).rejects;
    await refused({ Parameters }).toThrow('Unused parameters: [Who]');
    await refused({ Parameters: [{ name: 'n', value: '' }] }).toMatchObject({ name: 'ValidationException' });
  });

  it('answers a repeated ClientToken with the statement it began', async () => {
    const { client } = await open();
    const first = await run(client, 'insert into t', { ClientToken: 'token-1' });
    const second = await run(client, 'insert into t', { ClientToken: 'token-1' });
    expect(second.Id).toBe(first.Id);
    await expect(run(client, 'select 2', { ClientToken: 'token-1' })).rejects.toThrow('ClientToken was already used');
    await expect(run(client, 'select 2', { ClientToken: 'x'.repeat(65) })).rejects.toThrow('clientToken');
  });

  it('pages through large results', async () => {
    const { client } = await open();
    const { Id } = await run(client, 'many');
    const seen: number[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new GetStatementResultCommand({ Id, NextToken }));
      seen.push(...(page.Records ?? []).map(([field]) => field?.longValue ?? -1));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(seen).toEqual(Array.from({ length: 2500 }, (_, index) => index));
    const csv = await run(client, 'select 1', { ResultFormat: 'CSV' });
    const { Records } = await client.send(new GetStatementResultV2Command({ Id: csv.Id }));
    const lines = ['said,big,ratio,yes,document,money,nothing', 'select 1,42,0.5,t,"{""a"":1}",1.00,'];
    expect(Records).toEqual([{ CSVRecords: lines.map((line) => `${line}\r\n`).join('') }]);
  });

  it('keeps 64-bit integers as their digits in the JSON', async () => {
    const api = new DataApi(
      fakeRedshift(() => ({
        ...numbers(1),
        rows: [['9223372036854775807']],
        columns: [{ name: 'n', type: { kind: 'int8' } }],
      })),
    );
    const caller = { arn: 'arn:aws:iam::000000000000:user/x' };
    const { Id } = await api.handle('ExecuteStatement', { ...where, Sql: 'select n', WaitTimeSeconds: 5 }, caller);
    const result = await api.handle('GetStatementResult', { Id }, caller);
    expect(JSON.stringify(result)).toContain('"longValue":9223372036854775807');
  });

  it("refuses what AWS refuses, by AWS's names", async () => {
    const { client } = await open({ maximumActive: 1 });
    const validation = { name: 'ValidationException' };
    await expect(run(client, 'x'.repeat(200 * 1024 + 1))).rejects.toThrow('200 KB');
    await expect(run(client, 'select 1; select 2')).rejects.toThrow('Multiple SQL statements');
    const batch = new BatchExecuteStatementCommand({ ...where, Sqls: Array(41).fill('select 1') });
    await expect(client.send(batch)).rejects.toThrow('less than or equal to 40');
    await expect(client.send(new DescribeStatementCommand({ Id: 'nonsense' }))).rejects.toMatchObject(validation);
    const absent = new DescribeStatementCommand({ Id: 'd9b6c0c9-0747-4bf4-b142-e8883122f766' });
    await expect(client.send(absent)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await client.send(new ExecuteStatementCommand({ ...where, Sql: 'forever' }));
    await expect(run(client, 'select 1')).rejects.toMatchObject({ name: 'ActiveStatementsExceededException' });
  });

  it('says who runs a statement from the secret, and sends events that carry no error text', async () => {
    const events: object[] = [];
    const { client, api } = await open({
      credentials: async (secretArn) => ({ user: `user of ${secretArn}` }),
      onEvent: (event) => events.push(event),
    });
    await run(client, 'broken', { SecretArn: 'arn:secret', DbUser: undefined, WithEvent: true, StatementName: 'load' });
    await api.idle();
    expect(events).toEqual([
      expect.objectContaining({
        detail: expect.objectContaining({ state: 'FAILED', statementName: 'load', rows: -1 }),
      }),
    ]);
    expect(JSON.stringify(events)).not.toContain('syntax');
    const { Statements } = await client.send(new ListStatementsCommand({ Status: 'FAILED', StatementName: 'lo' }));
    expect(Statements).toEqual([expect.objectContaining({ StatementName: 'load', SecretArn: 'arn:secret' })]);
  });

  it('remembers across a restart: tokens, results, and that nobody knows how a running statement ended', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'data-api-'));
    closers.push(() => rmSync(directory, { recursive: true }));
    const before = await open({ directory });
    const done = await run(before.client, 'select 1', { ClientToken: 'kept' });
    const lost = await before.client.send(new ExecuteStatementCommand({ ...where, Sql: 'forever' }));
    const after = await open({ directory });
    expect((await run(after.client, 'select 1', { ClientToken: 'kept' })).Id).toBe(done.Id);
    const { Records } = await after.client.send(new GetStatementResultCommand({ Id: done.Id }));
    expect(Records?.[0]?.[0]).toEqual({ stringValue: 'select 1' });
    const described = await after.client.send(new DescribeStatementCommand({ Id: lost.Id }));
    expect(described).toMatchObject({ Status: 'FAILED', Error: expect.stringContaining('may or may not') });
  });

  it('forgets statements and tokens in time', async () => {
    let now = Date.now();
    const { client } = await open({ now: () => now });
    const first = await run(client, 'select 1', { ClientToken: 'old' });
    now += 8 * 3600 * 1000;
    expect((await run(client, 'select 1', { ClientToken: 'old' })).Id).not.toBe(first.Id);
    now += 17 * 3600 * 1000;
    await expect(client.send(new DescribeStatementCommand({ Id: first.Id }))).rejects.toThrow('Query does not exist');
  });
});
