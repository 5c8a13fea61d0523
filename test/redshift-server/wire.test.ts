import { connect } from 'node:net';
import { Client } from 'pg';
import type { StatementResult } from '../../local/redshift/types.ts';
import { RedshiftError } from '../../local/redshift/types.ts';
import { serveWire, type WireServer } from '../../local/redshift/wire/server.ts';
import { fakeRedshift, untilCancelled } from './fake-redshift.ts';

const manyRows = 50_000;

function answer(sql: string, signal: AbortSignal): StatementResult | Promise<StatementResult> {
  const text = sql.trim();
  if (text.includes('forever')) return untilCancelled(signal);
  if (text.includes('broken')) throw new RedshiftError('42601', 'syntax error at or near "broken"', { position: 8 });
  if (text.includes('many')) {
    const rows = Array.from({ length: manyRows }, (_, index) => [String(index), 'x'.repeat(100)]);
    const columns = [column('n', { kind: 'int8' }), column('pad', { kind: 'varchar', length: 100 })];
    return { tag: `SELECT ${manyRows}`, columns, rows, rowCount: manyRows };
  }
  if (text.startsWith('select')) return typedRow(text);
  return { tag: text.toUpperCase().split(' ')[0] ?? '', rowCount: 0 };
}

const column = (name: string, type: NonNullable<StatementResult['columns']>[number]['type']) => ({ name, type });

function typedRow(text: string): StatementResult {
  return {
    tag: 'SELECT 1',
    rowCount: 1,
    columns: [
      column('said', { kind: 'varchar', length: 65535 }),
      column('n', { kind: 'int4' }),
      column('money', { kind: 'decimal', precision: 38, scale: 4 }),
      column('at', { kind: 'timestamp' }),
      column('yes', { kind: 'bool' }),
      column('document', { kind: 'super' }),
      column('nothing', { kind: 'date' }),
    ],
    rows: [[text, '-7', '12345678901234567890.0100', '2026-01-31 23:59:59.000001', 't', '{"a":1}', null]],
  };
}

describe('the wire', () => {
  let server: WireServer;
  const redshift = fakeRedshift(answer);
  const clients: Client[] = [];

  beforeAll(async () => {
    server = await serveWire(redshift, { port: 0 });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.end();
  });
  afterAll(() => server.close());

  async function connected(options: object = {}): Promise<Client> {
    const client = new Client({
      ...{ host: '127.0.0.1', port: server.port, user: 'admin', password: 'correct horse', database: 'prod' },
      ...options,
    });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  }

  it('answers a simple query with typed columns', async () => {
    const client = await connected();
    const result = await client.query('select 1');
    expect(result.rows[0]).toMatchObject({ said: 'select 1', n: -7, money: '12345678901234567890.0100', yes: true });
    expect(result.rows[0].nothing).toBeNull();
    expect(result.fields.map((field) => field.dataTypeID)).toEqual([1043, 23, 1700, 1114, 16, 4000, 1082]);
    expect(result.fields[2]?.dataTypeModifier).toBe(((38 << 16) | 4) + 4);
  });

  it('answers several statements in one query, and what ran before the one that fails', async () => {
    const client = await connected();
    const results = (await client.query('begin; select 1; commit')) as unknown as { command: string }[];
    expect(results.map((result) => result.command)).toEqual(['BEGIN', 'SELECT', 'COMMIT']);
    await expect(client.query('select 1; broken; select 2')).rejects.toMatchObject({
      code: '42601',
      position: '8',
      severity: 'ERROR',
    });
    expect((await client.query('select 3')).rows).toHaveLength(1);
  });

  it('answers an empty query', async () => {
    const client = await connected();
    expect((await client.query(' ; -- nothing\n /* a /* nested */ comment */')).rows).toEqual([]);
  });

  it('runs extended queries with parameters, named statements and failures in between', async () => {
    const client = await connected();
    const named = { name: 'one', text: 'select $1, $2', values: ["it's", null] };
    expect((await client.query(named)).rows[0].said).toBe("select 'it's', 'null'");
    expect((await client.query({ ...named, values: ['again', 'x'] })).rows[0].said).toBe("select 'again', 'x'");
    await expect(client.query('select broken $1', ['x'])).rejects.toMatchObject({ code: '42601' });
    await expect(client.query('select $1', ['a', 'b'])).rejects.toMatchObject({ code: '08P01' });
  });

  it('hands out a portal in pieces', async () => {
    const client = await connected();
    const { rows } = await client.query({ text: 'select many where $1', values: ['x'], rows: 7_000 } as never);
    expect(rows).toHaveLength(manyRows);
  });

  it('sends large results whole, at the pace of the reader', async () => {
    const client = await connected();
    const { rows } = await client.query('many');
    expect(rows).toHaveLength(manyRows);
    expect(rows.at(-1).n).toBe(String(manyRows - 1));
  });

  it('cancels a running statement by its key, and the connection lives on', async () => {
    const client = await connected();
    const running = client.query('forever');
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
    await cancel(server.port, processID, secretKey + 1);
    await cancel(server.port, processID, secretKey);
    await expect(running).rejects.toMatchObject({ code: '57014' });
    expect((await client.query('select 1')).rows).toHaveLength(1);
  });

  it('refuses wrong passwords, unknown users and unknown databases alike clearly', async () => {
    const refused = { code: '28000', message: /password authentication failed for user/ };
    const expectRefusal = async (options: object) =>
      expect(await connected(options).catch((error: unknown) => error)).toMatchObject({ code: refused.code });
    await expectRefusal({ password: 'wrong' });
    await expectRefusal({ user: 'nobody' });
    await expect(connected({ database: 'absent' })).rejects.toMatchObject({ code: '3D000' });
  });

  it('encrypts with a certificate of its own, or says that it does not', async () => {
    const client = await connected({ ssl: { rejectUnauthorized: false } });
    expect((await client.query('many')).rows).toHaveLength(manyRows);
    const plain = await serveWire(redshift, { port: 0, tls: 'off' });
    await expect(connected({ port: plain.port, ssl: { rejectUnauthorized: false } })).rejects.toThrow(/SSL/);
    await plain.close();
  });

  it('refuses an oversized message with a reason and closes', async () => {
    const small = await serveWire(redshift, { port: 0, maximumMessageBytes: 1000 });
    const client = await connected({ port: small.port });
    await expect(client.query(`select '${'x'.repeat(2000)}'`)).rejects.toMatchObject({ code: '08P01' });
    clients.length = 0;
    await small.close();
  });

  it('holds many idle connections', async () => {
    const many = await Promise.all(Array.from({ length: 100 }, () => connected()));
    expect((await many[99]?.query('select 1'))?.rows).toHaveLength(1);
  });
});

function cancel(port: number, processId: number, secret: number): Promise<void> {
  return new Promise((resolve) => {
    const packet = Buffer.alloc(16);
    for (const [index, value] of [16, 80_877_102, processId, secret].entries()) packet.writeInt32BE(value, index * 4);
    connect(port, '127.0.0.1', function (this: ReturnType<typeof connect>) {
      this.end(packet);
    }).on('close', resolve);
  });
}
