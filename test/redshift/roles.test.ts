import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';
import { answer } from './cases.ts';

type Step = readonly [sql: string, expected: unknown, user?: string];

let redshift: Redshift;
const sessions = new Map<string, Session>();
async function as(user: string): Promise<Session> {
  const found = sessions.get(user);
  if (found) return found;
  const session = await redshift.session({ database: 'dev', user });
  sessions.set(user, session);
  return session;
}

beforeEach(async () => {
  redshift = await openRedshift({ databases: ['dev'], admin: { user: 'boss', password: 'secret' } });
  await (await as('boss')).execute(
    `create user ann password 'Abcd1234'; create user bob password 'Abcd1234'; create table crate (id int, label varchar(9));
    insert into crate values (1, 'one'), (2, 'two')`,
  );
});
afterEach(async () => {
  sessions.clear();
  await redshift.close();
});

const stories: Record<string, readonly Step[]> = {
  'functions are for everybody until that is revoked': [
    ['create function twice(int) returns int immutable as $$ select $1 * 2 $$ language sql', []],
    ['select twice(4)', [['8']], 'ann'],
    ['revoke execute on function twice(int) from public', []],
    ['select twice(4)', '42501', 'ann'],
    ['grant execute on all functions in schema public to ann', []],
    ['select twice(4)', [['8']], 'ann'],
    ['select twice(4)', '42501', 'bob'],
    ['grant execute on function twice(int) to public', []],
    ['select twice(4)', [['8']], 'bob'],
    ['grant execute on function thrice(int) to ann', '42883'],
    ['grant select on function twice(int) to ann', '0LP01'],
    ['alter default privileges revoke execute on functions from public', []],
    ['create function half(int) returns int immutable as $$ select $1 / 2 $$ language sql', []],
    ['select half(4)', '42501', 'ann'],
    ['revoke usage on language sql from public', []],
    ['create function one() returns int immutable as $$ select 1 $$ language sql', '42501', 'ann'],
    ['grant usage on language sql to ann', []],
    ['create function one() returns int immutable as $$ select 1 $$ language sql', [], 'ann'],
  ],
  'roles may hold permissions of the system': [
    ['create role makers; grant create user, drop user to role makers; grant role makers to ann', []],
    ["create user fresh password 'Abcd1234'", [], 'ann'],
    ['drop user fresh', [], 'ann'],
    ['create role more', '42501', 'ann'],
    ['revoke create user from role makers', []],
    ["create user fresh password 'Abcd1234'", '42501', 'ann'],
    ['grant role sys:secadmin to bob', []],
    ['create role more', [], 'bob'],
    ['grant create user to ann', '0LP01'],
    ['grant ignore rls to role makers', '0A000'],
    ['grant role sys:nobody to bob', '42704'],
  ],
  'a role goes when nobody has it, or by force': [
    ['create role outer_role; create role inner_role; grant role inner_role to role outer_role', []],
    ['drop role outer_role', '2BP01'],
    ['drop role inner_role force', []],
    ['drop role outer_role', []],
    ['create role staff; grant staff to ann', []],
    ['drop role staff', '2BP01'],
    ['drop role staff force', []],
    ['begin; create role again; drop role again; create role again; commit', []],
    ['create role again', '42710'],
    ['create role sys:mine', '42939'],
  ],
  'names change wherever they stand': [
    ['create role reader; grant select on crate to role reader; grant role reader to ann', []],
    ['alter role reader rename to viewer', []],
    ['select count(*) from crate', [['2']], 'ann'],
    ['grant role reader to bob', '42704'],
    ['create group crew with user bob; grant select on crate to group crew', []],
    ['alter group crew rename to team', []],
    ['select count(*) from crate', [['2']], 'bob'],
    ['create user cat in group team password disable', []],
    ['alter user cat rename to dog', []],
    ['alter user boss rename to chief', '0A000'],
    ['alter user dog rename to ann', '42710'],
  ],
  'UPDATE and DELETE ask for SELECT on the columns that they read': [
    ['grant update, delete on crate to ann', []],
    ["update crate set label = 'x'", [], 'ann'],
    ['update crate set label = label', '42501', 'ann'],
    ['delete from crate where id = 1', '42501', 'ann'],
    ['grant select (id) on crate to ann', []],
    ['delete from crate where id = 1', [], 'ann'],
    ["delete from crate where label = 'x'", '42501', 'ann'],
    ['delete from crate', [], 'ann'],
  ],
  'a scope is for what there is and will be': [
    ['grant select for tables in schema public to ann', []],
    ['create table later (a int)', []],
    ['select count(*) from crate, later', [['0']], 'ann'],
    ['revoke select for tables in schema public from ann', []],
    ['select count(*) from later', '42501', 'ann'],
    ['grant execute for functions in schema public to ann', '0A000'],
  ],
  'what is granted is shown': [
    ['grant select on crate to ann with grant option', []],
    ['grant select on crate to bob', [], 'ann'],
    ['revoke select on crate from ann', '2BP01'],
    ['revoke select on crate from ann cascade', []],
    ['select count(*) from crate', '42501', 'bob'],
    ['show grants on table crate', []],
    ['show grants for nobody', '42704'],
  ],
  'one may go on as somebody else, a superuser only': [
    ['set session authorization ann; select current_user, session_user', [['ann', 'ann']]],
    ['select count(*) from crate', '42501'],
    ['reset session authorization; select current_user', [['boss']]],
    ["begin; set local session authorization 'ann'; commit; select current_user", [['boss']]],
    ['set session authorization nobody', '42704'],
    ['set session authorization boss', '42501', 'ann'],
  ],
  'policies, models and shares are refused by their names': [
    ['create rls policy p using (a = 1)', '0A000'],
    ['attach rls policy p on crate to public', '0A000'],
    ['create masking policy p with (a int) using (0)', '0A000'],
    ['grant select on external table s.t to ann', '0A000'],
    ['create datashare d', '0A000'],
    ['drop model m', '0A000'],
    ['drop thing m', '42601'],
  ],
};

test.each(Object.entries(stories))('%s', async (_name, steps) => {
  for (const [sql, expected, user = 'boss'] of steps)
    expect({ sql, told: await answer(await as(user), sql) }).toEqual({ sql, told: expected });
});

test('VALID UNTIL and CONNECTION LIMIT keep users out', async () => {
  const boss = await as('boss');
  await boss.execute("alter user ann valid until '2001-01-01'; alter user bob connection limit 1");
  await expect(as('ann')).rejects.toMatchObject({ sqlState: '28000' });
  await boss.execute("alter user ann valid until 'infinity'");
  await as('ann');
  await as('bob');
  await expect(redshift.session({ database: 'dev', user: 'bob' })).rejects.toMatchObject({ sqlState: '53300' });
  expect(await answer(boss, "alter user ann valid until 'soon'")).toBe('22007');
});

test('databases have owners, other names and limits', async () => {
  const boss = await as('boss');
  await boss.execute('create database side with owner ann connection limit 1');
  const inside = await redshift.session({ database: 'side', user: 'boss' });
  await inside.execute('create table kept (id int identity(5, 1), a int); insert into kept (a) values (7)');
  expect(await answer(boss, 'alter database side rename to other_side')).toBe('55006');
  await inside.close();
  await boss.execute('alter database side rename to other_side');
  expect(await answer(boss, 'select * from other_side.public.kept')).toEqual([['5', '7']]);
  expect(await answer(boss, 'select * from side.public.kept')).toBe('42P01');
  const again = await redshift.session({ database: 'other_side', user: 'boss' });
  expect(await answer(again, 'insert into kept (a) values (8); select * from kept order by 1')).toEqual([
    ['5', '7'],
    ['6', '8'],
  ]);
  expect(await answer(boss, 'drop database other_side')).toBe('55006');
  expect(await answer(boss, 'alter database dev isolation level serializable')).toBe('0A000');
  expect(await answer(boss, 'drop database if exists nowhere')).toEqual([]);
});

test('a database may be made without case', async () => {
  const boss = await as('boss');
  await boss.execute('create database loose collate case_insensitive');
  const session = await redshift.session({ database: 'loose', user: 'boss' });
  await session.execute(
    "create table t (a varchar(9), b varchar(9) collate case_sensitive); insert into t values ('Ox', 'Ox')",
  );
  expect(await answer(session, "select count(*) from t where a = 'OX'")).toEqual([['1']]);
  expect(await answer(session, "select count(*) from t where b = 'OX'")).toEqual([['0']]);
  expect(await answer(session, "select count(*) from t where upper(a) || 'y' = 'oxY'")).toEqual([['1']]);
  expect(await answer(session, "create temp table made as select 'ox' as c")).toEqual([]);
  expect(await answer(session, "select count(*) from made join t on made.c = t.a where c = 'OX'")).toEqual([['1']]);
  expect(await answer(session, 'select db_collation()')).toEqual([['case_insensitive']]);
  expect(await answer(boss, 'select db_collation()')).toEqual([['case_sensitive']]);
  expect(await answer(session, 'create table s (doc super)')).toBe('0A000');
  expect(await answer(boss, "select datconnlimit from pg_database_info where datname = 'loose'")).toEqual([
    ['UNLIMITED'],
  ]);
  expect(await answer(boss, "select isolation_level from stv_db_isolation_level where db_name = 'loose'")).toEqual([
    ['Snapshot Isolation'],
  ]);
});
