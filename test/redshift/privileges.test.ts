import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import { type Redshift, RedshiftError, type Session } from '../../local/redshift/types.ts';
import { answer } from './cases.ts';

const admin = { user: 'admin', password: 'secret' };

/** What the warehouse holds before anybody is granted anything. */
const setup = `
  create user ann password 'Secret1x'; create user bob password 'Secret2x'; create user eve password 'Secret3x';
  create group readers with user ann; create role analysts; create role leads;
  create schema mart; create schema hidden;
  create table mart.orders (id int, "owner" varchar(9), total int);
  insert into mart.orders values (1, 'x', 10), (2, 'y', 20);
  create table hidden.secrets (word varchar(9)); insert into hidden.secrets values ('plugh');
  create view mart.words as select word from hidden.secrets;
  create view mart.late as select word from hidden.secrets with no schema binding;
  create table open_table (a int); insert into open_table values (7)`;

/** A denial by its wording; rows otherwise. */
async function told(session: Session, sql: string): Promise<unknown> {
  try {
    return (await session.execute(sql)).at(-1)?.rows ?? [];
  } catch (error) {
    if (error instanceof RedshiftError) return `${error.sqlState} ${error.message}`;
    throw error;
  }
}

const noRelation = (name: string): string => `42501 permission denied for relation ${name}`;
const noSchema = (name: string): string => `42501 permission denied for schema ${name}`;
const total = [['30']];
const sum = 'select sum(total) from mart.orders';

let redshift: Redshift;
let boss: Session;
let ann: Session;
let bob: Session;

beforeEach(async () => {
  redshift = await openRedshift({ databases: ['dev', 'other'], admin });
  boss = await redshift.session({ database: 'dev', user: 'admin' });
  await boss.execute(setup);
  ann = await redshift.session({ database: 'dev', user: 'ann' });
  bob = await redshift.session({ database: 'dev', user: 'bob' });
});
afterEach(() => redshift.close());

/** Grants that open the same query to ann and to nobody else. */
test.each([
  ['to the user', 'grant usage on schema mart to ann; grant select on mart.orders to ann'],
  ['to a group', 'grant usage on schema mart to group readers; grant select on table mart.orders to group readers'],
  ['on all tables', 'grant usage on schema mart to ann; grant select on all tables in schema mart to ann'],
  ['all of them', 'grant all on schema mart to ann; grant all privileges on mart.orders to ann'],
  [
    'through a role',
    'grant usage on schema mart to role analysts; grant select on mart.orders to role analysts; grant role analysts to ann',
  ],
  [
    "through a role's role",
    'grant usage on schema mart to role analysts; grant select on mart.orders to role analysts; grant role analysts to role leads; grant role leads to ann',
  ],
  ['by being a superuser', 'alter user ann createuser'],
  ['by the role of superusers', 'grant role sys:superuser to ann'],
  ['as the owner', 'grant usage on schema mart to ann; alter table mart.orders owner to ann'],
])('what is granted %s opens the table', async (_name, grants) => {
  expect(await told(ann, sum)).toBe(noSchema('mart'));
  await boss.execute(grants);
  expect(await told(ann, sum)).toEqual(total);
  expect(await told(bob, sum)).toBe(noSchema('mart'));
});

test('PUBLIC is everybody, and REVOKE takes back at once what was read a moment ago', async () => {
  await boss.execute('grant usage on schema mart to public; grant select on mart.orders to public');
  expect(await told(bob, sum)).toEqual(total);
  await boss.execute('revoke select on mart.orders from public');
  expect(await told(bob, sum)).toBe(noRelation('orders'));
  await boss.execute('grant role analysts to bob; grant select on mart.orders to role analysts');
  expect(await told(bob, sum)).toEqual(total);
  await boss.execute('revoke role analysts from bob');
  expect(await told(bob, sum)).toBe(noRelation('orders'));
});

/** One privilege, what it opens, and what stays shut. */
test.each([
  ['insert', "insert into mart.orders values (3, 'z', 1)", 'delete from mart.orders'],
  ['select, update', 'update mart.orders set total = 1', 'delete from mart.orders'],
  ['select, delete', 'delete from mart.orders where id = 1', 'update mart.orders set total = 1'],
  ['truncate', 'truncate mart.orders', 'drop table mart.orders'],
  ['alter', 'alter table mart.orders add column more int', 'alter table mart.orders owner to bob'],
  ['drop', 'drop table mart.orders', 'truncate mart.orders'],
  ['insert (id)', 'select 1', 'insert into mart.orders (id) values (1)'],
  ['update (total), select', 'update mart.orders set total = 1', 'update mart.orders set id = 1'],
  ['select (id)', 'select id from mart.orders', 'select total from mart.orders'],
  ['select (id)', 'select count(*) from mart.orders where id > 0', 'select * from mart.orders'],
  ['references', 'create table mine (id int references mart.orders (id))', sum],
])('%s allows what it says and no more', async (privilege, allowed, refused) => {
  await boss.execute('grant usage on schema mart to ann');
  expect(await answer(ann, allowed)).toEqual(allowed === 'select 1' ? [['1']] : '42501');
  const granted = await answer(boss, `grant ${privilege} on mart.orders to ann`);
  expect(granted).toEqual(privilege === 'insert (id)' ? '0LP01' : []);
  expect(await answer(ann, refused)).toBe('42501');
  expect(Array.isArray(await answer(ann, allowed))).toBe(true);
});

test('definitions need their privilege too', async () => {
  await boss.execute('grant usage on schema mart to ann');
  const refused: [string, string][] = [
    ['create table mart.mine (a int)', noSchema('mart')],
    ['create view mart.mine as select 1 as a', noSchema('mart')],
    ['create schema mine', '42501 permission denied for database dev'],
    ['drop schema mart cascade', '42501 must be owner of schema mart'],
    ['drop table mart.orders', '42501 must be owner of relation orders'],
    ['create user sam', '42501 must be superuser to create users'],
    ['create database sam', '42501 permission denied to create database'],
    ['alter user bob createuser', '42501 permission denied'],
    ['alter user ann createuser', '42501 permission denied'],
    ['grant select on mart.orders to bob', noRelation('orders')],
    ['grant role analysts to ann', '42501 permission denied for role analysts'],
    ['vacuum mart.orders', '42501 must be owner of relation orders'],
    ['create view v as select * from mart.orders', noRelation('orders')],
    ['explain select * from mart.orders', noRelation('orders')],
    ['select * from hidden.secrets', noSchema('hidden')],
    ['select * from (select 1 where exists (select 1 from mart.orders)) as d', noRelation('orders')],
  ];
  for (const [sql, expected] of refused) expect([sql, await told(ann, sql)]).toEqual([sql, expected]);
  await boss.execute('grant create on schema mart to ann; grant create on database dev to ann');
  await ann.execute(
    'create table mart.mine (a int); create schema mine; create table mine.t (a int); drop schema mine cascade',
  );
  expect(await told(bob, 'drop table mart.mine')).toBe(noSchema('mart'));
  await ann.execute('create temp table scratch (a int); insert into scratch values (1); drop table scratch');
  await boss.execute('revoke create on schema public from public');
  expect(await told(ann, 'create table public.x (a int)')).toBe(noSchema('public'));
  expect(await told(ann, 'select a from open_table')).toBe(noRelation('open_table'));
});

test("a view runs with its owner's rights, a late-binding one too", async () => {
  await boss.execute('grant usage on schema mart to ann; grant select on mart.words, mart.late to ann');
  expect(await told(ann, 'select * from mart.words')).toEqual([['plugh']]);
  expect(await told(ann, 'select * from mart.late')).toEqual([['plugh']]);
  await boss.execute('alter table mart.words owner to bob; alter table mart.late owner to bob');
  expect(await told(ann, 'select * from mart.words')).toBe(noRelation('secrets'));
  expect(await told(ann, 'select * from mart.late')).toBe(noSchema('hidden'));
});

test('privileges follow a table that is renamed, and do not outlive one that is dropped', async () => {
  await boss.execute('grant usage on schema mart to ann; grant select on mart.orders to ann');
  await boss.execute('alter table mart.orders rename to sales');
  expect(await told(ann, 'select sum(total) from mart.sales')).toEqual(total);
  await boss.execute('drop table mart.sales; create table mart.sales (total int)');
  expect(await told(ann, 'select sum(total) from mart.sales')).toBe(noRelation('sales'));
  await boss.execute('grant select on mart.sales to ann; alter schema mart rename to marts');
  expect(await told(ann, 'select count(*) from marts.sales')).toEqual([['0']]);
});

test('the grant option passes a privilege on, to users only', async () => {
  await boss.execute('grant usage on schema mart to public; grant select on mart.orders to ann with grant option');
  await ann.execute('grant select on mart.orders to bob');
  expect(await told(bob, sum)).toEqual(total);
  expect(await told(bob, 'grant select on mart.orders to eve')).toBe(noRelation('orders'));
  expect(await told(ann, 'grant insert on mart.orders to bob')).toBe(noRelation('orders'));
  expect(await answer(boss, 'grant select on mart.orders to group readers with grant option')).toBe('0LP01');
  const taken = 'revoke grant option for select on mart.orders from ann';
  expect(await answer(boss, taken)).toBe('2BP01');
  await boss.execute(`${taken} cascade`);
  expect(await told(bob, sum)).toBe(noRelation('orders'));
  expect(await told(ann, 'grant select on mart.orders to eve')).toBe(noRelation('orders'));
  expect(await told(ann, sum)).toEqual(total);
  await boss.execute('grant role analysts to ann with admin option');
  await ann.execute('grant role analysts to bob');
  expect(await answer(bob, 'grant role analysts to eve')).toBe('42501');
});

test('default privileges are for what will be made, by whom and where they say', async () => {
  await boss.execute(`grant usage on schema mart to ann; alter default privileges in schema mart grant select on tables to ann;
    create table mart.later as select 1 as a; create table later (a int); create view mart.also as select 2 as a`);
  expect(await told(ann, 'select (select a from mart.later), (select a from mart.also)')).toEqual([['1', '2']]);
  expect(await answer(ann, 'select * from public.later')).toBe('42501');
  expect(await told(ann, sum)).toBe(noRelation('orders'));
  await boss.execute(
    'alter default privileges in schema mart revoke select on tables from ann; create table mart.last (a int)',
  );
  expect(await told(ann, 'select * from mart.last')).toBe(noRelation('last'));
  await boss.execute('create schema brief; alter default privileges in schema brief grant select on tables to ann');
  await boss.execute(
    'drop schema brief; create schema brief; grant usage on schema brief to ann; create table brief.t (a int)',
  );
  expect(await told(ann, 'select * from brief.t')).toBe(noRelation('t'));
  expect(await answer(boss, 'grant execute on function no_such(int) to ann')).toBe('42883');
});

test('the functions and views of the catalog tell the truth', async () => {
  await boss.execute(
    'grant usage on schema mart to ann; grant select on mart.orders to ann; grant role analysts to ann',
  );
  const asked: [Session, string, unknown][] = [
    [
      ann,
      `select has_table_privilege('mart.orders', 'select'), has_table_privilege('mart.orders', 'insert')`,
      [['t', 'f']],
    ],
    [
      boss,
      `select has_table_privilege('ann', 'mart.orders', 'select'), has_table_privilege('bob', 'mart.orders', 'select')`,
      [['t', 'f']],
    ],
    [
      boss,
      `select usename from pg_user where has_table_privilege(usename, 'mart.orders', 'SELECT') order by 1`,
      [['admin'], ['ann']],
    ],
    [
      ann,
      `select has_schema_privilege('mart', 'usage'), has_schema_privilege('hidden', 'usage'), has_schema_privilege('mart', 'create')`,
      [['t', 'f', 'f']],
    ],
    [ann, `select has_database_privilege('dev', 'temp'), has_database_privilege('dev', 'create')`, [['t', 'f']]],
    [ann, `select has_table_privilege('mart.none', 'select')`, '42P01 relation "mart.none" does not exist'],
    [ann, `select has_table_privilege('mart.orders', 'fly')`, '22023 unrecognized privilege type: "fly"'],
    [
      ann,
      `select has_table_privilege('pg_user', 'select'), has_table_privilege('ann', 'mart.orders', 'select with grant option')`,
      [['t', 'f']],
    ],
    [ann, `select user_is_member_of('ann', 'analysts'), user_is_member_of('bob', 'analysts')`, [['t', 'f']]],
    [ann, `select table_name from svv_tables where table_schema in ('mart', 'hidden') order by 1`, [['orders']]],
    [
      ann,
      `select column_name from svv_columns where table_schema = 'mart' and has_table_privilege('"' || table_schema || '"."' || table_name || '"', 'SELECT') order by ordinal_position`,
      [['id'], ['owner'], ['total']],
    ],
    [bob, `select count(*) from svv_columns`, [['0']]],
    [boss, `select count(*) from svv_tables where table_schema in ('mart', 'hidden')`, [['4']]],
    [
      boss,
      `select relation_name, privilege_type, identity_name, identity_type, admin_option from svv_relation_privileges`,
      [['orders', 'SELECT', 'ann', 'user', 'f']],
    ],
    [ann, `select user_name, role_name from svv_user_grants`, [['ann', 'analysts']]],
    [bob, `select user_name, role_name from svv_user_grants`, []],
    [
      bob,
      `select privilege_type from svv_schema_privileges where namespace_name = 'public' order by 1`,
      [['CREATE'], ['USAGE']],
    ],
    [ann, 'show is_superuser', [['off']]],
    [boss, 'show is_superuser', [['on']]],
  ];
  for (const [session, sql, expected] of asked) expect([sql, await told(session, sql)]).toEqual([sql, expected]);
});

test('who owns or may do something cannot be dropped; a role takes its privileges along', async () => {
  await boss.execute(
    'grant usage on schema mart to ann; grant usage on schema mart to role analysts; grant usage on schema mart to group readers',
  );
  expect(await answer(boss, 'drop user ann')).toBe('55006');
  expect(await answer(boss, 'drop group readers')).toBe('55006');
  await boss.execute('drop role analysts');
  await boss.execute('create role analysts; grant role analysts to bob');
  expect(await told(bob, sum)).toBe(noSchema('mart'));
  await boss.execute('revoke all on schema mart from ann; drop user ann');
  expect(redshift.passwordOf('ann')).toBeUndefined();
});

test('passwords and settings of a user are for the next session, grants survive a restart', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-privileges-'));
  try {
    const first = await openRedshift({ directory, databases: ['dev'], admin });
    const session = await first.session({ database: 'dev', user: 'admin' });
    await session.execute(`${setup}; revoke create on schema public from public; grant usage on schema mart to role analysts;
      grant select (id) on mart.orders to role analysts; grant role analysts to ann; alter user ann password 'Changed1';
      alter user ann set enable_case_sensitive_super_attribute to true`);
    expect(await answer(session, 'alter user ann set no_such_setting to 1')).toBe('42704');
    await session.execute("create user sam password 'md5153c434b4b77c89e6b94f12c5393af5b'");
    expect(() => first.passwordOf('sam')).toThrow('digest');
    await first.close();
    const second = await openRedshift({ directory, databases: [], admin });
    const again = await second.session({ database: 'dev', user: 'ann' });
    expect(second.passwordOf('ann')).toBe('Changed1');
    expect(await answer(again, 'show enable_case_sensitive_super_attribute')).toEqual([['on']]);
    expect(await answer(again, 'select max(id) from mart.orders')).toEqual([['2']]);
    expect(await told(again, 'select max(total) from mart.orders')).toBe(noRelation('orders'));
    expect(await told(again, 'create table public.x (a int)')).toBe(noSchema('public'));
    await again.execute(
      "alter user ann reset enable_case_sensitive_super_attribute; alter user ann password 'Changed2'",
    );
    expect(second.passwordOf('ann')).toBe('Changed2');
    await second.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
