import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeTableCommand,
  ListSchemasCommand,
  ListTablesCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import { Client } from 'pg';
import { type RedshiftServer, serveRedshift } from '../../local/redshift/server.ts';
import { certificateFile } from '../../local/redshift/wire/certificate.ts';
import { psqlSays, pythonSays, testWith } from '../factories/system-clients.ts';

/** What real clients see of a real database; those that are not on this machine are said to be missing. */
describe('clients', () => {
  let server: RedshiftServer;
  let client: Client;

  beforeAll(async () => {
    const admin = { user: 'admin', password: 'correct horse' };
    server = await serveRedshift({ databases: ['prod'], admin, port: 0, dataApiPort: 0 });
    client = new Client({ ...connection(), ssl: false });
    await client.connect();
    await client.query('create schema mart');
    await client.query(
      "create table mart.kpi (id int not null, name varchar(20) default 'x', sum decimal(12,2), payload super)",
    );
    await client.query(
      `insert into mart.kpi values (1, 'one', 1.5, json_parse('{"a":[1,2.50]}')), (2, null, null, null)`,
    );
    await client.query('create view mart.names as select id, name from mart.kpi');
  });
  afterAll(async () => {
    await client.end();
    await server.close();
  });

  const connection = () => ({
    host: '127.0.0.1',
    port: server.port,
    user: 'admin',
    password: 'correct horse',
    database: 'prod',
  });

  it('node-postgres: types, parameters, transactions, errors with their place', async () => {
    const { rows } = await client.query(
      'select id, name, sum, payload, payload.a[1] as second from mart.kpi order by id',
    );
    expect(rows).toEqual([
      { id: 1, name: 'one', sum: '1.50', payload: '{"a":[1,2.50]}', second: '2.50' },
      { id: 2, name: null, sum: null, payload: null, second: null },
    ]);
    const found = await client.query('select name from mart.kpi where id = $1 and name = $2', [1, 'one']);
    expect(found.rows).toEqual([{ name: 'one' }]);
    await expect(client.query('select nothing from mart.kpi')).rejects.toMatchObject({ code: '42703' });
    await expect(client.query('selec 1')).rejects.toMatchObject({ code: '42601', position: '1' });
    await client.query('begin; delete from mart.kpi');
    await expect(client.query('select * from absent')).rejects.toMatchObject({ code: '42P01' });
    await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' });
    await client.query('rollback');
    expect((await client.query('select count(*) as n from mart.kpi')).rows).toEqual([{ n: '2' }]);
  });

  it('several statements are one transaction', async () => {
    await expect(client.query('delete from mart.kpi; select * from absent')).rejects.toMatchObject({ code: '42P01' });
    expect((await client.query('select count(*) as n from mart.kpi')).rows).toEqual([{ n: '2' }]);
  });

  it('Redash: its schema query, its query group', async () => {
    await client.query('set query_group to default;\nselect 1');
    const { rows } = await client.query(`
      WITH tables AS (
        SELECT DISTINCT table_name, table_schema, column_name, ordinal_position AS pos
        FROM svv_columns
        WHERE table_schema NOT IN ('pg_internal','pg_catalog','information_schema')
      )
      SELECT table_name, table_schema, column_name
      FROM tables
      WHERE HAS_SCHEMA_PRIVILEGE(table_schema, 'USAGE') AND (
        table_schema IN (SELECT schemaname FROM SVV_EXTERNAL_SCHEMAS) OR
        HAS_TABLE_PRIVILEGE('"' || table_schema || '"."' || table_name || '"', 'SELECT'))
      ORDER BY table_name, pos`);
    const names = rows
      .filter((row) => row.table_schema === 'mart')
      .map((row) => `${row.table_name}.${row.column_name}`);
    expect(names).toEqual(['kpi.id', 'kpi.name', 'kpi.sum', 'kpi.payload', 'names.id', 'names.name']);
  });

  it('the Data API lists what there is', async () => {
    const api = new RedshiftDataClient({
      endpoint: server.dataApiEndpoint ?? '',
      region: 'us-east-1',
      credentials: { accessKeyId: 'millrace', secretAccessKey: 'x' },
    });
    const where = { WorkgroupName: 'w', Database: 'prod' };
    const schemas = await api.send(new ListSchemasCommand({ ...where, SchemaPattern: 'mar%' }));
    expect(schemas.Schemas).toEqual(['mart']);
    const tables = await api.send(new ListTablesCommand({ ...where, SchemaPattern: 'mart' }));
    expect(tables.Tables).toEqual([
      { name: 'kpi', schema: 'mart', type: 'TABLE' },
      { name: 'names', schema: 'mart', type: 'VIEW' },
    ]);
    const table = await api.send(new DescribeTableCommand({ ...where, Schema: 'mart', Table: 'kpi' }));
    expect(table.ColumnList?.map((column) => [column.name, column.typeName, column.nullable])).toEqual([
      ['id', 'int4', 0],
      ['name', 'varchar', 1],
      ['sum', 'numeric', 1],
      ['payload', 'super', 1],
    ]);
    api.destroy();
  });

  const askPsql = (...commands: string[]): Promise<string> =>
    psqlSays(`host=127.0.0.1 port=${server.port} user=admin dbname=prod sslmode=require`, 'correct horse', commands);

  testWith('psql')('psql: \\dn, \\d, \\dt over TLS', async () => {
    expect(await askPsql('\\dn')).toContain('mart|admin');
    await client.query('set search_path to mart');
    expect(await askPsql('set search_path to mart, public', '\\d')).toContain(
      'mart|kpi|table|admin\nmart|names|view|admin',
    );
    expect(await askPsql('set search_path to mart', '\\dt')).toContain('mart|kpi|table|admin');
    await client.query('reset search_path');
  });

  testWith('psql')('psql: \\d of a table and a view, \\dn+, \\dt+, \\df, \\l', async () => {
    const said = await askPsql(
      ...['\\d mart.kpi', '\\d+ mart.names', '\\dn+', '\\dt+ mart.*', '\\sv mart.names', '\\df', '\\l'],
    );
    expect(said).toContain('id|integer||not null|');
    expect(said).toContain("name|character varying(20)|||'x'");
    expect(said).toContain('sum|numeric(12,2)|||');
    expect(said).toContain('payload|super|||');
    expect(said).toContain('name|character varying(20)||||');
    expect(said).toContain('mart|admin||');
    expect(said).toContain('mart|kpi|table|admin|');
    expect(said).toContain('CREATE OR REPLACE VIEW mart.names AS\nselect id, name from mart.kpi');
    expect(said).toContain('prod|admin|UTF8');
  });

  testWith('psycopg2')('psycopg2: many rows pass through, and a cancel stops a query', async () => {
    const script = `
import psycopg2, threading
c = psycopg2.connect(host='127.0.0.1', port=${server.port}, user='admin', password='correct horse', dbname='prod', sslmode='require')
k = c.cursor()
digits = ' union all '.join('select %d as d' % d for d in range(10))
k.execute("with n as (" + digits + ") select a.d + 10 * b.d as i from n a, n b, n c, n d, n e")
rows = k.rowcount
del k
k = c.cursor()
timer = threading.Timer(0.3, c.cancel)
timer.start()
try:
    k.execute("with n as (" + digits + ") select sum(a.d * b.d) from n a, n b, n c, n d, n e, n f, n g, n h, n i, n j, n k, n l")
except psycopg2.Error as error:
    print(rows, error.pgcode)
`;
    expect(await pythonSays(script)).toBe('100000 57014');
  });

  testWith('psycopg2')('psycopg2: sslmode=require beside a file of certificates, as Redash asks', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-certificate-'));
    const kept = { directory, databases: ['prod'], admin: { user: 'admin', password: 'correct horse' }, port: 0 };
    const connect = (port: number, rootFile: string, mode: string) => `
import psycopg2
try:
    c = psycopg2.connect(host='127.0.0.1', port=${port}, user='admin', password='correct horse', dbname='prod', sslmode='${mode}', sslrootcert='${rootFile}')
    print('encrypted' if c.info.ssl_in_use else 'plain')
except psycopg2.OperationalError as error:
    print('refused' if 'certificate verify failed' in str(error) else error)
`;
    const first = await serveRedshift(kept);
    const file = certificateFile(directory);
    expect(await pythonSays(connect(first.port, file, 'require'))).toBe('encrypted');
    const before = readFileSync(file, 'utf8');
    await first.close();
    const second = await serveRedshift(kept);
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(await pythonSays(connect(second.port, file, 'verify-full'))).toBe('encrypted');
    await second.close();
    // A certificate that the file does not have is refused by libpq, not by us.
    expect(await pythonSays(connect(server.port, file, 'require'))).toBe('refused');
    rmSync(directory, { recursive: true });
  });

  testWith('psycopg2')('psycopg2: asynchronous as Redash uses it, escapes and all', async () => {
    const script = `
import psycopg2, select, sys, json
c = psycopg2.connect(host='127.0.0.1', port=${server.port}, user='admin', password='correct horse', dbname='prod', sslmode='prefer', async_=True)
def wait():
    while True:
        state = c.poll()
        if state == psycopg2.extensions.POLL_OK: return
        select.select([c.fileno()] if state == psycopg2.extensions.POLL_READ else [], [c.fileno()] if state == psycopg2.extensions.POLL_WRITE else [], [], 10)
wait()
k = c.cursor()
k.execute("set query_group to default;\\nselect %s as text, id, sum from mart.kpi where id = 1", ("it's \\\\ ü 😀",))
wait()
print(json.dumps([[d[0], d[1]] for d in k.description]), json.dumps([str(v) for v in k.fetchone()], ensure_ascii=False))
`;
    expect(await pythonSays(script)).toBe(
      '[["text", 1043], ["id", 23], ["sum", 1700]] ["it\'s \\\\ ü 😀", "1", "1.50"]',
    );
  });
});
