import { topic } from './cases.ts';

topic('what a table may not be', [
  ['create table t (a varchar(9) identity(1, 1))', '42P16'],
  ['create table t (a int identity(1, 1) default 2)', '42601'],
  ['create table t (a int encode sideways)', '22023'],
  ['create table t (a varchar encode az64)', '42P16'],
  ['create table t (a int distkey, b int distkey)', '42P16'],
  ['create table t (a int) diststyle key', '42P16'],
  ['create table t (a int) diststyle all distkey(a)', '42P16'],
  ['create table t (a int) distkey(b)', '42703'],
  ['create table t (a int primary key, b int, primary key (b))', '42P16'],
  ['create table t (a super sortkey)', '0A000'],
  ['create table t (a super) distkey(a)', '0A000'],
  ['create table t (a int default (select 1))', '0A000'],
  ['create table t (a int, b int default a)', '42703'],
  ['create table t (a int, a int)', '42701'],
  ['create table t (a int); create table u (b int references t (c))', '42703'],
  [`create table t (${Array.from({ length: 1601 }, (_none, i) => `c${i} int`).join(', ')})`, '54011'],
]);

topic('CREATE TABLE AS names, sorts and distributes', [
  ['create table t (x, y) sortkey(2) as select 1, 2; select x, y from t', [['1', '2']]],
  [
    'create table t sortkey(2, 1) distkey(a) as select 1 as a, 2 as b; select "column", distkey, sortkey from pg_table_def where tablename = \'t\' order by 1',
    [
      ['a', 't', '2'],
      ['b', 'f', '1'],
    ],
  ],
  ['create table t sortkey(3) as select 1 as a, 2 as b', '42703'],
  ['create table t (x, y, z) as select 1, 2', '42601'],
  ['create table t as select 1 as a, 2 as a', '42701'],
]);

topic('names end after 127 bytes', [
  [`create table ${'n'.repeat(130)} (a int); select count(*) from ${'n'.repeat(127)}`, [['0']]],
  [`create table ${'é'.repeat(70)} (a int); select count(*) from ${'é'.repeat(63)}`, [['0']]],
]);

const crate =
  'create table crate (id int, n int); insert into crate values (1, 10), (2, 20); create table more (id int, n int); insert into more values (2, 30), (2, 40);';
topic(
  'what changes rows',
  [
    [
      'set error_on_nondeterministic_update to on; update crate set n = more.n from more where crate.id = more.id',
      '21000',
    ],
    [
      'set error_on_nondeterministic_update to on; update crate set n = 0 from more where crate.id = more.id and more.n = 30; select sum(n) from crate',
      [['10']],
    ],
    ['prepare p (int) as select n from crate where id = $1; execute p (2)', [['20']]],
    ['prepare q (int) as select n from crate where id = $1; execute q (1, 2)', '42601'],
    [
      'analyze compression crate',
      [
        ['crate', 'id', 'az64', '0.00'],
        ['crate', 'n', 'az64', '0.00'],
      ],
    ],
    ['analyze nothing', '42P01'],
    ['lock crate, more', []],
    [
      'explain delete from crate using more where crate.id = more.id',
      [
        ['XN Hash Join'],
        ['  ->  XN Seq Scan on crate'],
        ['  ->  XN Hash'],
        ['        ->  XN Seq Scan on more'],
        ['----- The box knows no costs: these are the steps of the query -----'],
      ],
    ],
    ['explain drop table crate', '42601'],
    ['explain select nothing from crate', '42703'],
  ],
  crate,
);

const keysOf = (name: string): string =>
  `select "column", distkey, sortkey from pg_table_def where tablename = '${name}' and (distkey or sortkey > 0) order by 1`;

topic(
  'CREATE TABLE AS takes the keys of the table that it reads',
  [
    [
      keysOf('copied'),
      [
        ['day', 'f', '1'],
        ['tent', 't', '0'],
      ],
    ],
    [keysOf('renamed'), [['place', 't', '0']]],
    [
      keysOf('ordered'),
      [
        ['guests', 'f', '1'],
        ['tent', 't', '0'],
      ],
    ],
    [
      keysOf('counted'),
      [
        ['day', 'f', '2'],
        ['guests', 't', '0'],
        ['tent', 'f', '1'],
      ],
    ],
    [keysOf('cut'), []],
    [keysOf('summed'), []],
    [keysOf('spread'), []],
    ['create table beyond distkey(4) as select * from stays', '42703'],
  ],
  `create table stays (tent int distkey, day date sortkey, guests int);
  create table copied as select * from stays where guests > 1;
  create table renamed (place) as select tent from public.stays s;
  create table ordered as select guests, s.tent from stays s order by guests;
  create table counted distkey(3) sortkey(1, 2) as select tent, day, guests from stays;
  create table cut as select * from stays limit 5;
  create table summed as select tent, sum(guests) from stays group by tent;
  create table spread diststyle even as select * from stays;`,
);

topic('reserved words are names between quotes, behind AS and behind a dot only', [
  ['create table t (tag int)', '42601'],
  ['create table t ("tag" int, plain int); alter table t rename column plain to snapshot', '42601'],
  ['create table raw (a int)', '42601'],
  ['create schema mine; create table mine.t (a int); alter table mine.t rename to open', '42601'],
  ['with raw as (select 1 as a) select a from raw', '42601'],
  ['select 1 percent', '42601'],
  ['select system from (select 1 as system) as q', '42601'],
  ['select q.system, q."tag" from (select 1 as system, 2 as "tag") as q', [['1', '2']]],
  ['select partition from (select 1 as "partition") as q', '42601'],
  // What Redshift does not reserve, though it has a meaning of its own somewhere.
  [
    'create table t (values int, set int, fetch int, over int, timestamp int, start int); insert into t values (1, 2, 3, 4, 5, 6); select values, set, fetch, over, timestamp, start from t',
    [['1', '2', '3', '4', '5', '6']],
  ],
]);
