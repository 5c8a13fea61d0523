import { openRedshift } from '../../local/redshift/engine/open.ts';
import { topic } from './cases.ts';

topic('settings take what the manual lists', [
  ['show query_group', [['unset']]],
  ["set query_group to 'night'; show query_group", [['night']]],
  ["set query_group to 'night'; set query_group to default; show query_group", [['unset']]],
  ["set query_group to 'night'; reset all; show query_group", [['unset']]],
  ['show datestyle', [['ISO, MDY']]],
  ["set datestyle to 'SQL'; set datestyle to dmy; show datestyle", [['SQL, DMY']]],
  ["set datestyle to 'moon'", '22023'],
  ['set extra_float_digits to -14; select 1.25::float8', [['1']]],
  ['set extra_float_digits to -12; select 1.23456::float8', [['1.23']]],
  ['set extra_float_digits to 4', '22023'],
  ['set wlm_query_slot_count to 51', '22023'],
  ["set wlm_query_slot_count to 'many'", '22023'],
  ['set analyze_threshold_percent to 0.5', []],
  ['set enable_result_cache_for_session to maybe', '22023'],
  ['set enable_result_cache_for_session to false; show enable_result_cache_for_session', [['off']]],
  ['set stored_proc_log_min_messages to warning; show stored_proc_log_min_messages', [['WARNING']]],
  ['set stored_proc_log_min_messages to loud', '22023'],
  ["set server_version to '9'", '55P02'],
  ['set no_such_setting to 1', '42704'],
  ['show no_such_setting', '42704'],
  ['set search_path to \'$user\', public, "Two Words"; show search_path', [['"$user", public, "two words"']]],
]);

topic('DATESTYLE says how dates are shown', [
  [
    "set datestyle to 'SQL, DMY'; select date '2020-03-04', timestamp '2020-03-04 05:06:07.5'",
    [['04/03/2020', '04/03/2020 05:06:07.5']],
  ],
  ["set datestyle to german; select date '2020-03-04'", [['04.03.2020']]],
  [
    "set datestyle to postgres; select date '2020-03-04', timestamp '2020-03-04 05:06:07'",
    [['03-04-2020', 'Wed Mar 04 05:06:07 2020']],
  ],
  ["set datestyle to 'ISO, DMY'; select date '2020-03-04'", [['2020-03-04']]],
  ["set datestyle to 'ISO, DMY'; select date '03/04/2020'", '0A000'],
  // What the box would not do is refused when it is set.
  ['set parse_super_null_on_error to on', '0A000'],
  ['set navigate_super_null_on_error to off', '0A000'],
  ['set downcase_delimited_identifier to off', '0A000'],
  ['set downcase_delimited_identifier to on; select 1', [['1']]],
  ["set datestyle to sql; select timestamptz '2020-03-04 05:06:07+00'", '0A000'],
]);

topic('variables of the session have a point in their names', [
  ["set shop.region to 'north'; show shop.region", [['north']]],
  ["set shop.region to 'north'; select current_setting('shop.region')", [['north']]],
  ["select current_setting('shop.region', false)", [[null]]],
  ["select current_setting('shop.region')", '42704'],
  ['show shop.region', '42704'],
  ["set shop.region to 'north'; reset shop.region; show shop.region", [[null]]],
  ['set a.b.c to 1', '42704'],
]);

topic('a seed makes RANDOM tell the same again', [
  [
    'create temp table r (a float, b float); set seed to .5; insert into r select random(), random(); set seed to .5; select count(*) from r where a = random()',
    [['1']],
  ],
  ['set seed to 2', '22023'],
]);

test('SET LOCAL ends with the transaction; names can be shown in capitals', async () => {
  const redshift = await openRedshift({ databases: ['dev'], admin: { user: 'admin', password: 'secret' } });
  const session = await redshift.session({ database: 'dev', user: 'admin' });
  await session.execute("begin; set local query_group to 'a'; set local query_group to 'b'; commit");
  expect((await session.execute('show query_group'))[0]?.rows).toEqual([['unset']]);
  await session.execute("begin; set query_group to 'c'; rollback");
  expect((await session.execute('show query_group'))[0]?.rows).toEqual([['unset']]);
  await session.execute('set describe_field_name_in_uppercase to on');
  expect((await session.execute('select 1 as one'))[0]?.columns?.map(({ name }) => name)).toEqual(['ONE']);
  expect((await session.prepare('select 1 as one')).columns?.map(({ name }) => name)).toEqual(['ONE']);
  await redshift.close();
});

const tables = `create table crate (id int not null primary key, "Select" varchar(9) default 'x', n numeric(8,2)) distkey(id) sortkey(n);
  create view crates as select id from crate where id > 0;`;

topic(
  'SHOW tells of what there is',
  [
    [
      'show table crate',
      [
        [
          'CREATE TABLE public.crate (\nid integer NOT NULL ENCODE az64 distkey,\n"select" character varying(9) DEFAULT \'x\' ENCODE lzo,\nn numeric(8,2),\nPRIMARY KEY (id)\n)\nDISTSTYLE KEY SORTKEY ( n );',
        ],
      ],
    ],
    ['show view crates', [['select id from crate where id > 0;']]],
    ['show view crate', '42809'],
    ['show table nothing', '42P01'],
    ["show tables from schema dev.public like 'crate_'", [['dev', 'public', 'crates', 'VIEW', null, null]]],
    ['show tables from schema dev.nowhere', '3F000'],
    ['show tables from schema nowhere.public', '3D000'],
    ["show schemas from database dev like 'pub%'", [['dev', 'public', '1', 'local', null, null, null]]],
    ['show columns from table public.nothing', '42P01'],
    ['show databases from data catalog', '0A000'],
    ['show model m', '0A000'],
  ],
  tables,
);
