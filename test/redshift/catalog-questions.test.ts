import { topic } from './cases.ts';

const setup = `
  create schema shop;
  create table shop.item (id int not null primary key, label varchar(30) default 'none', price decimal(10,2));
  create table shop.sale (item int references shop.item(id), at timestamp, unique (item));
  comment on table shop.item is 'what is sold';
  create view shop.cheap as select id, label from shop.item where price < 5;
  create view shop.late as select id, price from shop.item with no schema binding;
  create function shop.doubled(int) returns int immutable as $$ select $1 * 2 $$ language sql;
  create user clerk password 'Secret12';
  grant usage on schema shop to clerk;
  grant select on shop.item to clerk;
  set query_group to 'nightly'; select 42; reset query_group;
`;

const bump = `create procedure shop.bump(a int, inout b varchar(9)) as $$ begin b := a; end; $$ language plpgsql`;

topic(
  'what clients ask the catalog',
  [
    // Registries: names in, ids inside, names out.
    ["select 'shop.item'::regclass", [['shop.item']]],
    [
      "select attname from pg_attribute where attrelid = 'shop.item'::regclass order by attnum",
      [['id'], ['label'], ['price']],
    ],
    ["select c.oid::regclass from pg_class c where relname = 'item'", [['shop.item']]],
    ["select relname from pg_class where oid = ('shop' || '.sale')::regclass", [['sale']]],
    ["select 'pg_class'::regclass::oid, 1259::regclass::varchar", [['1259', 'pg_class']]],
    ["select 23::regtype, 'pg_catalog.int8'::regtype::oid", [['integer', '20']]],
    ["select 'shop.absent'::regclass", '42P01'],
    ["select ('shop' || '.absent')::regclass", '42P01'],
    ["select 'absent'::regtype", '42704'],
    ["select 'a'::pg_catalog.text, '7'::pg_catalog.int4", [['a', '7']]],
    ['create table registry (id regclass)', '42704'],
    ['create table list (id text[])', '42601'],
    // Arrays of PostgreSQL's catalogs.
    [
      'select (current_schemas(true))[1], current_schemas(false)[1], current_schemas(false)[9]',
      [['pg_catalog', 'public', null]],
    ],
    [
      "select array_upper(current_schemas(true), 1), array_to_string(current_schemas(true), '; ')",
      [['2', 'pg_catalog; public']],
    ],
    ["select 'public' = any (current_schemas(true)), 'shop' = any (current_schemas(true))", [['t', 'f']]],
    ["select array(select relname from pg_class where relname in ('item', 'sale') order by 1)", [['{item,sale}']]],
    ["select array(select relname from pg_class where relname = 'absent')", [['{}']]],
    ['select 1 = any (2)', '42809'],
    // Functions that answer rows.
    ['select generate_series(1, 3)', [['1'], ['2'], ['3']]],
    ['select s.n * 2 as twice from generate_series(1, 9, 4) as s(n) order by 1', [['2'], ['10'], ['18']]],
    ['select current_database as name from current_database()', [['dev']]],
    [
      "select * from pg_get_cols('shop.cheap') cols(s name, v name, c name, t varchar, n int) order by n",
      [
        ['shop', 'cheap', 'id', 'integer', '1'],
        ['shop', 'cheap', 'label', 'character varying(30)', '2'],
      ],
    ],
    ['select pg_get_late_binding_view_cols()', [['(shop,late,id,integer,1)'], ['(shop,late,price,numeric(10,2),2)']]],
    ["select pg_get_cols('absent')", '42P01'],
    ['select generate_series(1)', '42883'],
    // Aliases of the select list in WHERE; a column of that name comes first.
    ["select relname as wanted from pg_class where wanted = 'item'", [['item']]],
    [
      'select price * 2 as twice, twice + 1 as more from shop.item where more > 20',
      [['20.00', '21.00']],
      "insert into shop.item values (1, 'a', 10)",
    ],
    ['select id as price from shop.item where price = 10', [['1']], "insert into shop.item values (1, 'a', 10)"],
    ['select count(*) as many from shop.item where many > 1', '42803'],
    ['select a + 1 as a from (select 1 as b) where a = 1', '42703'],
    // Keys, functions, comments.
    [
      "select conname, contype, conkey, pg_get_constraintdef(oid) from pg_constraint where connamespace = (select oid from pg_namespace where nspname = 'shop') order by 1",
      [
        ['item_pkey', 'p', '{1}', 'PRIMARY KEY (id)'],
        ['sale_item_fkey', 'f', '{1}', 'FOREIGN KEY (item) REFERENCES item(id)'],
        ['sale_item_key', 'u', '{1}', 'UNIQUE (item)'],
      ],
    ],
    [
      "select proname, pronargs, pg_get_function_result(oid), pg_get_function_arguments(oid), prosrc from pg_proc where proname = 'doubled'",
      [['doubled', '1', 'integer', 'integer', ' select $1 * 2 ']],
    ],
    [
      "select function_name, argument_type, result_type from svv_redshift_functions where function_name = 'doubled'",
      [['doubled', 'integer', 'integer']],
    ],
    // Columns that PostgreSQL has by now: by name only.
    ["select relpersistence, relhastriggers from pg_class where relname = 'item'", [['p', 'f']]],
    ['select relpersistence from (select * from pg_class) c', '42703'],
    ['select c.relpersistence from (select c.* from pg_class c) c', '42703'],
    // Privileges that are computed.
    [
      "select p from (select 'select' as p union all select 'DELETE') where has_table_privilege('clerk', 'shop.item', p)",
      [['select']],
    ],
    ["select has_table_privilege('clerk', 'shop.item', p) from (select 'fly' as p)", '22023'],
    // What runs and who is there.
    ['select trim(user_name), trim(db_name) from stv_sessions where process = pg_backend_pid()', [['admin', 'dev']]],
    [
      'select trim(text) from stv_inflight where pid = pg_backend_pid()',
      [['select trim(text) from stv_inflight where pid = pg_backend_pid()']],
    ],
    ["select count(*) from stl_querytext where text like 'create schema shop%' and sequence = 0", [['1']]],
    [
      "select type, trim(text) from svl_statementtext where text like 'create schema shop%'",
      [['DDL', 'create schema shop']],
    ],
    ["select '2026-01-02 +00'::date, '2026-01-02 -08:30'::date", [['2026-01-02', '2026-01-02']]],
    ['select id as start from shop.item where start is null', []],
    ["select trim(query_label) from sys_query_history where query_text like 'select 42%'", [['nightly']]],
    ["select distinct trim(label) from stl_query where querytxt like 'create schema%'", [['default']]],
    [
      "select constraint_name, constraint_type, table_name from information_schema.table_constraints where table_schema = 'shop' order by 1",
      [
        ['item_pkey', 'PRIMARY KEY', 'item'],
        ['sale_item_fkey', 'FOREIGN KEY', 'sale'],
        ['sale_item_key', 'UNIQUE', 'sale'],
      ],
    ],
    [
      "select column_name, ordinal_position from information_schema.key_column_usage where constraint_name = 'item_pkey'",
      [['id', '1']],
    ],
    [
      "select grantee, privilege_type, is_grantable from information_schema.table_privileges where table_name = 'item'",
      [['clerk', 'SELECT', 'NO']],
    ],
    ["select usename, usesuper from pg_user_info where usename = 'clerk'", [['clerk', 'f']]],
    ['select * from stl_absent', '42P01'],
    // Redshift has roles, but no such catalog.
    ['select * from pg_roles', '42P01'],
    ["select usename, passwd from pg_shadow where usename = 'clerk'", [['clerk', null]]],
    [
      "select relname, releffectivediststyle, relcreationtime is null from pg_class_info where relid = 'shop.item'::regclass",
      [['item', '10', 'f']],
    ],
    [
      "select trim(t.name), t.rows, d.datname from stv_tbl_perm t join pg_database d on d.oid = t.db_id where t.name = 'item'",
      [['item', '0', 'dev']],
    ],
    [
      'select txn_owner, lock_mode, lockable_object_type, relation is null, granted from svv_transactions where pid = pg_backend_pid() order by 2',
      [
        ['admin', 'AccessExclusiveLock', 'relation', 'f', 't'],
        ['admin', 'ExclusiveLock', 'transactionid', 't', 't'],
      ],
      'lock shop.item',
    ],
    [
      "select table_id = 'shop.item'::regclass::int, lock_owner_pid = pg_backend_pid() from stv_locks",
      [['t', 't']],
      'lock shop.item',
    ],
    [
      'select sequence, trim(text) from svv_query_inflight where pid = pg_backend_pid() and\n1 = 1',
      [['0', 'select sequence, trim(text) from svv_query_inflight where pid = pg_backend_pid() and\\n1 = 1']],
    ],
    ['select count(*) from stl_vacuum v join stl_wlm_query w on w.xid = v.xid', [['0']]],
    ["select distinct trim(label) from svl_statementtext where text like 'create schema%'", [['']]],
    [
      "select trim(username), result_cache_query_id, compile_time from sys_query_history where query_text like 'select 42%'",
      [['admin', '0', null]],
    ],
    // As Amazon's JDBC driver asks; behind a value the word is a test.
    ["select isnull(nullif('', ''), '0')::int, isnull(2, 3), 1 isnull", [['0', '2', 'f']]],
    // Functions and procedures.
    [
      "select proname, prokind, prosecdef, proargmodes, proallargtypes, proargnames from pg_proc_info where proname in ('doubled', 'bump') order by 1",
      [
        ['bump', 'p', 'f', '{i,b}', '{23,1043}', '{a,b}'],
        ['doubled', 'f', 'f', null, null, null],
      ],
      bump,
    ],
    [
      "select function_name, function_type, argument_type from svv_redshift_functions where function_name = 'bump'",
      [['bump', 'STORED PROCEDURE', 'integer, character varying']],
      bump,
    ],
    [
      "select routine_name, routine_type, data_type from information_schema.routines where routine_schema = 'shop' and routine_type = 'FUNCTION'",
      [['doubled', 'FUNCTION', 'integer']],
      bump,
    ],
    // Privileges, and what is no privilege: that PUBLIC may not.
    [
      'select function_name, argument_types, privilege_type, identity_name, identity_type from svv_function_privileges',
      [['doubled', 'integer', 'EXECUTE', 'clerk', 'user']],
      'grant execute on function shop.doubled(int) to clerk; revoke execute on function shop.doubled(int) from public',
    ],
    ['show grants on function shop.doubled(int)', [], 'revoke execute on function shop.doubled(int) from public'],
    [
      'select object_type, privilege_type, grantee_name from svv_default_privileges order by 1',
      [
        ['FUNCTION', 'EXECUTE', 'clerk'],
        ['RELATION', 'SELECT', 'clerk'],
      ],
      `alter default privileges grant execute on functions to clerk; alter default privileges grant select on tables to clerk;
      alter default privileges revoke execute on procedures from public`,
    ],
    [
      'select language_name, identity_name from svv_language_privileges',
      [['sql', 'clerk']],
      'grant usage on language sql to clerk; revoke usage on language plpgsql from public',
    ],
    [
      "select namespace_name, privilege_type, privilege_scope from svv_schema_privileges where identity_name = 'clerk' order by 2",
      [
        ['shop', 'INSERT', 'TABLES'],
        ['shop', 'USAGE', 'SCHEMA'],
      ],
      'grant insert for tables in schema shop to clerk',
    ],
    [
      'select system_privilege, identity_name, identity_type from svv_system_privileges',
      [['CREATE USER', 'planner', 'role']],
      'create role planner; grant create user to role planner',
    ],
  ],
  setup,
);
