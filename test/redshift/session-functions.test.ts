import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';
import { answer, topic } from './cases.ts';

topic('what a session says of itself', [
  ['select slice_num()', [['10000']]],
  ['select slice_num() from crates', [['0']], 'create table crates (id int); insert into crates values (1)'],
  ["select current_namespace like '%-%', len(current_aws_account)", [['t', '12']]],
  ["select set_config('query_group', 'x', false) from pg_class", '0A000'],
  ["insert into crates select len(set_config('query_group', 'x', false))", '0A000', 'create table crates (id int)'],
  ['select current_schema(), id from crates', '0A000', 'create table crates (id int)'],
  ["select has_schema_privilege('public', 'usage') from crates", '0A000', 'create table crates (id int)'],
  ["select current_schema() from pg_namespace where nspname = 'public'", [['public']]],
  ["select set_config('no_such_setting', 'x', false)", '42704'],
  ['select reboot_cluster()', '0A000'],
  ['select pg_cancel_backend(1)', '0A000'],
]);

describe('what changes with a session', () => {
  let redshift: Redshift;
  let session: Session;
  beforeEach(async () => {
    redshift = await openRedshift({ databases: ['dev'], admin: { user: 'admin', password: 'secret' } });
    session = await redshift.session({ database: 'dev', user: 'admin' });
  });
  afterEach(() => redshift.close());

  test('SET_CONFIG sets each time it runs, not when it is described', async () => {
    const prepared = await session.prepare("select set_config('query_group', 'nightly', false)");
    expect(await answer(session, 'show query_group')).toEqual([['unset']]);
    expect((await prepared.execute([])).rows).toEqual([['nightly']]);
    expect(await answer(session, "select current_setting('query_group')")).toEqual([['nightly']]);
    await session.execute("set query_group to 'daily'");
    await session.execute("select set_config('query_group', 'nightly', false)");
    expect(await answer(session, 'show query_group')).toEqual([['nightly']]);
  });

  test('a local SET_CONFIG ends with its transaction', async () => {
    await session.execute("begin; select set_config('query_group', 'once', true)");
    expect(await answer(session, 'show query_group')).toEqual([['once']]);
    await session.execute('commit');
    expect(await answer(session, 'show query_group')).toEqual([['unset']]);
  });

  test('PG_LAST_QUERY_ID means queries that read or change tables', async () => {
    expect(await answer(session, 'select pg_last_query_id()')).toEqual([['-1']]);
    await session.execute('create table crates (id int); insert into crates values (1)');
    const inserted = await answer(session, 'select pg_last_query_id()');
    expect(Number(inserted[0]?.[0])).toBeGreaterThan(0);
    await session.execute('select 1');
    expect(await answer(session, 'select pg_last_query_id()')).toEqual(inserted);
    await session.execute('select id from crates');
    expect(await answer(session, 'select pg_last_query_id()')).not.toEqual(inserted);
  });
});
