import { Client } from 'pg';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, RowReceiver } from '../../local/redshift/types.ts';
import { serveWire, type WireServer } from '../../local/redshift/wire/server.ts';

const admin = { user: 'admin', password: 'correct horse' };

/** The few messages of node-postgres' connection that a pipeline needs. */
interface Speaker {
  parse(query: { text: string; name?: string }): void;
  bind(options: { portal?: string; values?: string[]; binary?: boolean }): void;
  describe(what: { type: 'P' | 'S'; name: string }): void;
  execute(options: { portal?: string; rows?: number }): void;
  sync(): void;
}

/** What a server says to messages that are sent in one go, up to ReadyForQuery. */
interface Heard {
  readonly tags: string[];
  readonly errors: { code?: string }[];
  readonly columns: { name: string; dataTypeID: number }[];
}

describe('the wire over the engine', () => {
  let redshift: Redshift;
  let server: WireServer;
  let client: Client;

  beforeAll(async () => {
    redshift = await openRedshift({ databases: ['prod'], admin });
    server = await serveWire(redshift, { port: 0 });
    client = new Client({ host: '127.0.0.1', port: server.port, database: 'prod', ...admin });
    await client.connect();
    await client.query('create table t (id int not null)');
  });
  afterAll(async () => {
    await client.end();
    await server.close();
    await redshift.close();
  });
  beforeEach(async () => {
    await client.query('truncate t');
  });

  const say = (speak: (connection: Speaker) => void): Promise<Heard> =>
    new Promise((resolve) => {
      const heard: Heard = { tags: [], errors: [], columns: [] };
      client.query({
        submit: speak,
        handleRowDescription: ({ fields }: { fields: Heard['columns'] }) => heard.columns.push(...fields),
        handleDataRow: () => undefined,
        handlePortalSuspended: () => undefined,
        handleEmptyQuery: () => undefined,
        handleCommandComplete: ({ text }: { text: string }) => heard.tags.push(text),
        handleError: (error: { code?: string }, connection: Speaker) => {
          heard.errors.push(error);
          connection.sync();
          resolve(heard);
        },
        handleReadyForQuery: () => resolve(heard),
      } as never);
    });

  const run = (connection: Speaker, text: string): void => {
    connection.parse({ text });
    connection.bind({});
    connection.execute({});
  };
  const count = async (): Promise<string> => (await client.query('select count(*) as n from t')).rows[0].n;

  it('commits at Sync what was executed since the last one', async () => {
    const heard = await say((connection) => {
      run(connection, 'insert into t values (1)');
      run(connection, 'insert into t values (2)');
      connection.sync();
    });
    expect(heard.tags).toEqual(['INSERT 0 1', 'INSERT 0 1']);
    expect(await count()).toBe('2');
  });

  it('takes all of it back when one of them fails, and goes on after Sync', async () => {
    const heard = await say((connection) => {
      run(connection, 'insert into t values (1)');
      run(connection, 'insert into absent values (2)');
      run(connection, 'insert into t values (3)');
    });
    expect(heard.tags).toEqual(['INSERT 0 1']);
    expect(heard.errors.map((error) => error.code)).toEqual(['42P01']);
    expect(await count()).toBe('0');
  });

  it('refuses what must be a transaction of its own behind something else', async () => {
    const heard = await say((connection) => {
      run(connection, 'insert into t values (1)');
      run(connection, 'vacuum t');
    });
    expect(heard.errors.map((error) => error.code)).toEqual(['25001']);
    expect(await count()).toBe('0');
  });

  it.each([
    ['explain select 1', ['QUERY PLAN']],
    ['show search_path', ['search_path']],
    ['fetch forward 1 from c', ['id', 'name']],
    ['execute p(7)', ['seven']],
    ['insert into t values (1)', []],
  ])('describes %s before it runs', async (text, names) => {
    await client.query('begin');
    await client.query(`declare c cursor for select 1 as id, 'a' as name`);
    await client.query('prepare p(int) as select $1::int as seven');
    const heard = await say((connection) => {
      connection.parse({ text });
      connection.bind({});
      connection.describe({ type: 'P', name: '' });
      connection.execute({});
      connection.sync();
    });
    await client.query('rollback');
    await client.query('deallocate p');
    expect(heard.errors).toEqual([]);
    expect(heard.columns.map((column) => column.name)).toEqual(names);
  });

  it('ends a row that has no binary form with an error, not in the middle of a message', async () => {
    const heard = await say((connection) => {
      connection.parse({ text: 'select 1, array(select nspname from pg_namespace)' });
      connection.bind({ binary: true });
      connection.execute({});
    });
    expect(heard.errors.map((error) => error.code)).toEqual(['0A000']);
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('begins with the settings that the client asks for, and passes over what Redshift does not know', async () => {
    const options = '-c search_path=mart\\,\\ public --query_group=nightly -c invented=1';
    const own = { application_name: 'board', options, client_protocol_version: '2' };
    const second = new Client({ host: '127.0.0.1', port: server.port, database: 'prod', ...admin, ...own } as never);
    await second.connect();
    const shown = async (name: string): Promise<string> => (await second.query(`show ${name}`)).rows[0][name];
    expect(await shown('search_path')).toBe('mart, public');
    expect(await shown('query_group')).toBe('nightly');
    expect(await shown('application_name')).toBe('board');
    await second.query('set query_group to other; reset query_group');
    expect(await shown('query_group')).toBe('nightly');
    await second.end();
  });

  it("tells PostgreSQL's own types by their oids", async () => {
    const sql = `select oid, relname, 't'::regclass as own, array(select 'a') as list, version() from pg_class limit 1`;
    const { fields } = await client.query(sql);
    expect(fields.map((field) => field.dataTypeID)).toEqual([26, 19, 2205, 1009, 1043]);
  });

  it('holds a query back while its reader is behind', async () => {
    const session = await redshift.session({ database: 'prod', user: admin.user });
    const tens = Array.from({ length: 10 }, (_, digit) => `select ${digit} as d`).join(' union all ');
    const digits = `with n as (${tens}) select a.d from n a, n b, n c, n d, n e, n f`;
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const seen = { batches: 0, rows: 0, largest: 0 };
    const first = Promise.withResolvers<void>();
    const receiver: RowReceiver = {
      columns: () => undefined,
      rows: async (rows) => {
        seen.batches += 1;
        seen.rows += rows.length;
        seen.largest = Math.max(seen.largest, rows.length);
        first.resolve();
        await gate;
      },
    };
    const running = session.execute(digits, undefined, receiver);
    await first.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.batches).toBe(1);
    open();
    expect((await running).map(({ tag, rows }) => ({ tag, rows }))).toEqual([
      { tag: 'SELECT 1000000', rows: undefined },
    ]);
    expect(seen.rows).toBe(1_000_000);
    expect(seen.largest).toBeLessThanOrEqual(10_000);
    await session.close();
  });
});
