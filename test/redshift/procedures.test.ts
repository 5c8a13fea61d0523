import { openRedshift } from '../../local/redshift/engine/open.ts';
import { type Redshift, RedshiftError, type Session } from '../../local/redshift/types.ts';
import { answer } from './cases.ts';

let redshift: Redshift;
let session: Session;
beforeEach(async () => {
  redshift = await openRedshift({ databases: ['dev'], admin: { user: 'boss', password: 'secret' } });
  session = await redshift.session({ database: 'dev', user: 'boss' });
  await session.execute(
    "create table crate (id int, label varchar(9)); insert into crate values (1, 'one'), (2, 'two')",
  );
});
afterEach(() => redshift.close());

const procedure = (name: string, body: string, manner = ''): Promise<unknown> =>
  session.execute(`create or replace procedure ${name} ${manner} as $$ ${body} $$ language plpgsql`);

/** What a CALL tells: its messages, or the SQLSTATE and message of its failure. */
async function told(call: string): Promise<string[]> {
  try {
    return ((await session.execute(call)).at(-1)?.notices ?? []).map(({ message }) => message);
  } catch (error) {
    if (error instanceof RedshiftError) return [`${error.sqlState} ${error.message}`];
    throw error;
  }
}

const flows: Record<string, readonly [body: string, expected: readonly string[]]> = {
  'variables, blocks and labels': [
    `<<outermost>> declare n int := 5; begin declare n int default 7; begin raise info '% % %%', n, outermost.n; n := n + 1; raise info '%', n; end; raise info '%', n; end`,
    ['7 5 %', '8', '5'],
  ],
  'IF takes the first that is true; NULL is not': [
    `declare n int; begin if n > 1 then raise info 'a'; elsif n is null then raise info 'b'; else raise info 'c'; end if; end`,
    ['b'],
  ],
  'CASE with and without an operand': [
    `declare n int := 3; begin case n when 1, 3 then raise info 'odd'; else raise info 'other'; end case; case when n between 0 and 2 then null; when n > 2 then raise info 'big'; end case; end`,
    ['odd', 'big'],
  ],
  'CASE without a branch is an error': ['begin case 1 when 2 then null; end case; end', ['20000 case not found']],
  'loops over numbers, with labels': [
    `begin <<rows>> for i in 1..3 loop for j in reverse 2..1 loop continue rows when i = 2; exit rows when i = 3; raise info '% %', i, j; end loop; end loop; end`,
    ['1 2', '1 1'],
  ],
  'WHILE and LOOP': [
    `declare n int := 0; begin while n < 2 loop n := n + 1; end loop; loop n := n + 10; exit when n > 20; end loop; raise info '%', n; end`,
    ['22'],
  ],
  'loops over rows, and FOUND': [
    `declare r record; begin for r in select * from crate order by id desc loop raise info '% %', r.id, r.label; end loop; raise info '%', found; for r in select * from crate where id > 9 loop null; end loop; raise info '%', found; end`,
    ['2 two', '1 one', 't', 'f'],
  ],
  'loops over rows of a text': [
    `declare r record; begin for r in execute 'select max(id) as m from ' || 'crate' loop raise info '%', r.m; end loop; end`,
    ['2'],
  ],
  'SELECT INTO variables and records': [
    `declare a int; b varchar; r record; begin select id, label into a, b from crate where id = 2; select into r * from crate where id = 1; raise info '% % %', a, b, r.label; select into r * from crate where id = 9; raise info '% %', r.id, found; end`,
    ['2 two one', '<NULL> f'],
  ],
  'the number of rows that a statement changed': [
    `declare n int; begin update crate set label = 'x' where id = 1; get diagnostics n := row_count; raise info '%', n; perform id from crate; end`,
    ['1'],
  ],
  'cursors, with arguments': [
    `declare c cursor (least int) for select label from crate where id >= least order by id; r record; begin open c (2); loop fetch c into r; exit when not found; raise info '%', r.label; end loop; close c; end`,
    ['two'],
  ],
  'what a variable may not be': ['declare n constant int := 1; begin n := 2; end', ['22005 "n" is declared CONSTANT']],
  'NOT NULL': [
    'declare n int not null := 1; begin n := null; end',
    ['22004 null value cannot be assigned to variable "n" declared NOT NULL'],
  ],
  'a text that is too long': [
    "declare v varchar(3); begin v := 'four'; end",
    ['22001 value too long for type character varying(3)'],
  ],
  'a record before it has fields': [
    "declare r record; begin raise info '%', r.id; end",
    ['55000 record "r" is not assigned yet'],
  ],
  'rows that nobody takes': ['begin select 1; end', ['42601 query has no destination for result data']],
  'RAISE EXCEPTION': ["begin raise exception 'no % here', 'crate'; end", ['P0001 no crate here']],
  'RETURN leaves': ["begin raise info 'a'; return; raise info 'b'; end", ['a']],
  'SUPER and its parts': [
    `declare s super; begin s := json_parse('{"a":[1.50,{"b":"x"}]}'); raise info '% %', s.a[0], s.a[1].b; end`,
    ['1.50 "x"'],
  ],
};

test.each(Object.entries(flows))('%s', async (_name, [body, expected]) => {
  await procedure('flow()', body);
  expect(await told('call flow()')).toEqual(expected);
});

test('arguments come in and go out, by name and by number', async () => {
  await procedure(
    'pair(a in int, b inout varchar(9), out varchar)',
    'declare n alias for $3; begin b := b || a; n := $1 * 2; end',
  );
  const [result] = await session.execute("call pair(4, 'x')");
  expect(result?.columns?.map(({ name }) => name)).toEqual(['b', 'column2']);
  expect(result?.rows).toEqual([['x4', '8']]);
  const prepared = await session.prepare('call pair($1, $2)');
  expect(prepared.columns?.map(({ name }) => name)).toEqual(['b', 'column2']);
  expect((await prepared.execute(['5', 'y'])).rows).toEqual([['y5', '10']]);
  expect(await answer(session, 'call pair(1)')).toBe('42883');
  expect(await answer(session, 'select pair(1, 2)')).toBe('42883');
  await procedure('outer_one()', "declare v varchar(9) := 'v'; begin call inner_one(v); raise info '%', v; end");
  await procedure('inner_one(x inout varchar(9))', "begin x := x || '!'; end");
  expect(await told('call outer_one()')).toEqual(['v!']);
  await procedure('deep()', 'begin call deep(); end');
  expect((await told('call deep()'))[0]).toMatch(/^54001/);
});

test('a name may stand for several procedures', async () => {
  await procedure('show_it(a int)', "begin raise info 'int'; end");
  await procedure('show_it(a date)', "begin raise info 'date'; end");
  expect(await told('call show_it(1)')).toEqual(['int']);
  expect(await told("call show_it(date '2020-02-02')")).toEqual(['date']);
  expect(await answer(session, 'show procedure show_it')).toBe('42725');
  expect(await answer(session, 'drop procedure show_it(int)')).toEqual([]);
  expect((await answer(session, 'show procedure show_it'))[0]?.[0]).toContain('public.show_it(a date)');
  await session.execute('alter procedure show_it(date) rename to tell_it');
  expect(await told("call tell_it(date '2020-02-02')")).toEqual(['date']);
});

test('a cursor is handed to the caller', async () => {
  await procedure('give(rows inout refcursor)', 'begin open rows for select label from crate order by id; end');
  await session.execute("begin; call give('mine')");
  expect(await answer(session, 'fetch forward 1 from mine; fetch all from mine')).toEqual([['two']]);
  await session.execute('commit');
});

test('COMMIT, ROLLBACK and TRUNCATE end the transaction, but not the caller’s', async () => {
  await procedure(
    'steps()',
    'begin insert into crate values (3, null); commit; insert into crate values (4, null); rollback; insert into crate values (5, null); end',
  );
  await session.execute('call steps()');
  expect(await answer(session, 'select id from crate where id > 2 order by 1')).toEqual([['3'], ['5']]);
  await session.execute('begin');
  expect(await answer(session, 'call steps()')).toBe('0A000');
  await session.execute('rollback');
  await procedure('emptied()', "begin insert into crate values (9, null); truncate crate; raise exception 'late'; end");
  expect((await told('call emptied()'))[0]).toBe('P0001 late');
  expect(await answer(session, 'select count(*) from crate')).toEqual([['0']]);
});

test('an exception is handled, and thrown again unless the procedure is NONATOMIC', async () => {
  const body =
    "begin insert into crate values (7, null); execute 'select nothing'; exception when others then insert into crate values (8, left(sqlstate, 9)); end";
  await procedure('failing()', body);
  expect(await told('call failing()')).toEqual(['42703 column "nothing" does not exist']);
  expect(await answer(session, 'select * from crate where id > 6')).toEqual([['8', '42703']]);
  await procedure('going_on()', body, 'nonatomic');
  expect(await told('call going_on()')).toEqual([]);
  expect(await answer(session, 'select id from crate where id > 6 order by 1')).toEqual([['7'], ['8'], ['8']]);
  expect(
    await answer(session, 'create procedure p() nonatomic as $$ begin null; end $$ language plpgsql security definer'),
  ).toBe('0A000');
});

test('only who may calls a procedure; SECURITY DEFINER lends the owner’s rights', async () => {
  await session.execute("create user ann password 'Abcd1234'");
  const ann = await redshift.session({ database: 'dev', user: 'ann' });
  await procedure('counted(n inout int)', 'begin select count(*) into n from crate; end');
  expect(await answer(ann, 'call counted(0)')).toBe('42501');
  await session.execute('grant execute on procedure counted(int) to ann');
  expect(await answer(ann, 'call counted(0)')).toBe('42501');
  await session.execute(
    'create or replace procedure counted(n inout int) as $$ begin select count(*) into n from crate; end $$ language plpgsql security definer set search_path to public',
  );
  expect(await answer(ann, 'call counted(0)')).toEqual([['2']]);
  expect(await answer(ann, 'select current_user')).toEqual([['ann']]);
  expect(await answer(ann, 'drop procedure counted(int)')).toBe('42501');
});

test('mistakes in a body are found when the procedure is made', async () => {
  expect(await answer(session, 'create procedure p() as $$ begin if true then end; $$ language plpgsql')).toBe('42601');
  expect(await answer(session, 'create procedure p() as $$ begin null; end $$ language plsql')).toBe('0A000');
  expect(
    await answer(
      session,
      'create procedure p() as $$ begin null; exception when division_by_zero then null; end $$ language plpgsql',
    ),
  ).toBe('0A000');
});

test('what procedures raise is kept, with whether the call failed, from the level on that the session logs', async () => {
  await session.execute(
    `create procedure loud(n int) as $$ begin raise log 'low %', n; raise warning 'high %', n; if n > 1 then raise exception 'out'; end if; end; $$ language plpgsql`,
  );
  await told('call loud(1)');
  await told('call loud(2)');
  await session.execute('set stored_proc_log_min_messages to warning');
  await told('call loud(3)');
  await session.execute('reset stored_proc_log_min_messages');
  const kept = await session.execute(
    "select loglevel, trim(message), aborted from svl_stored_proc_messages where querytxt like 'call loud%' order by recordtime",
  );
  expect(kept.at(-1)?.rows).toEqual([
    ['20', 'low 1', '0'],
    ['50', 'high 1', '0'],
    ['20', 'low 2', '1'],
    ['50', 'high 2', '1'],
    ['60', 'out', '1'],
    ['50', 'high 3', '1'],
    ['60', 'out', '1'],
  ]);
});
