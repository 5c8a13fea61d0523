import { topic } from './cases.ts';

const tables = `
  create table sale (id int, shop varchar(10), amount decimal(8,2), day date);
  insert into sale values (1,'a',10.00,'2024-01-01'),(2,'a',5.50,'2024-01-02'),(3,'b',7.25,'2024-01-02'),(4,null,1.00,null);
  create table shop (name varchar(10), city varchar(20)); insert into shop values ('a','Bern'),('c','Chur');`;

topic(
  'SELECT',
  [
    [
      'select shop, sum(amount) from sale group by 1 order by 2 desc',
      [
        ['a', '15.50'],
        ['b', '7.25'],
        [null, '1.00'],
      ],
    ],
    ['select shop as s, count(*) n from sale group by s having count(*) > 1', [['a', '2']]],
    ['select amount * 2 as double, double + 1 from sale where id = 1', [['20.00', '21.00']]],
    ['select shop, amount from sale group by shop', '42803'],
    ['select id from sale where sum(amount) > 1', '42803'],
    ['select nope from sale', '42703'],
    ['select * from nope', '42P01'],
    ['select name from sale, shop, shop s2', '42702'],
    ['select top 2 id from sale order by id desc', [['4'], ['3']]],
    ['select shop from sale order by shop', [['a'], ['a'], ['b'], [null]]],
    ['select distinct shop from sale order by shop desc', [[null], ['b'], ['a']]],
    [
      'select s.id, h.city from sale s full join shop h on h.name = s.shop order by 1, 2',
      [
        ['1', 'Bern'],
        ['2', 'Bern'],
        ['3', null],
        ['4', null],
        [null, 'Chur'],
      ],
    ],
    ['select id from sale s where exists (select 1 from shop where name = s.shop) and id not in (select 2)', [['1']]],
    ['with recursive n(i) as (select 1 union all select i + 1 from n where i < 4) select sum(i) from n', [['10']]],
    ['select id from sale intersect select 2 union select 9 order by 1', [['2'], ['9']]],
    [
      'select id, row_number() over (partition by shop order by amount) r from sale qualify r = 1 order by id',
      [
        ['2', '1'],
        ['3', '1'],
        ['4', '1'],
      ],
    ],
    ['select sum(amount) over (order by id) from sale', '42P20'],
    ["select listagg(shop, ',') within group (order by id desc) from sale", [['b,a,a']]],
    ['select count(*) filter (where id > 1) from sale', '42601'],
    ['select array_agg(id) from sale', '42883'],
    [
      'select shop as place, count(*) as sales, sales * 2 from sale group by all having count(*) > 1 order by place',
      [['a', '2', '4']],
    ],
    [
      "select 'x' as mark, shop || '!' as place, rank() over (order by sum(amount)) from sale group by all order by 2",
      [
        ['x', 'a!', '3'],
        ['x', 'b!', '2'],
        ['x', null, '1'],
      ],
    ],
    ['select sum(amount) from sale group by all', [['23.75']]],
    ['select * exclude (id, amount, day) from sale group by all order by 1', [['a'], ['b'], [null]]],
    [
      'select id * 2 as twice, twice + 1 as more, count(*) from sale where id < 3 group by 1, more order by 1',
      [
        ['2', '3', '1'],
        ['4', '5', '1'],
      ],
    ],
    ['select amount + sum(amount) from sale group by all', '42803'],
    ['select * exclude amount, "day" from sale where id = 1', [['1', 'a']]],
    ['select s.* exclude amount, day, s.id * 2 as twice from sale s where id = 1', [['1', 'a', '2']]],
    ['create view x as select * exclude id, shop, day from sale; select * from x limit 1', [['10.00']]],
    ["select * from (select shop, amount from sale) pivot (sum(amount) for shop in ('a', 'b'))", [['15.50', '7.25']]],
  ],
  tables,
);

topic(
  'changing rows',
  [
    [
      'update sale set amount = s.amount + 1 from (select 1 as k, 2.00 as amount) s where sale.id = s.k; select amount from sale where id = 1',
      [['3.00']],
    ],
    ['delete from sale using shop where shop.name = sale.shop; select count(*) from sale', [['2']]],
    ['insert into sale (id) values (9); select shop, amount from sale where id = 9', [[null, null]]],
    ['insert into sale values (1, 2, 3, 4, 5)', '42601'],
    [
      'merge into shop using sale on shop.name = sale.shop when matched then delete when not matched then insert values (sale.shop, null)',
      '21000',
    ],
    ['insert into sale select 1 on conflict do nothing', '42601'],
    [
      "create table x (id int identity(10, 5), v int default 7, w varchar(5) not null); insert into x (w) values ('p'), ('q'); select * from x order by 1",
      [
        ['10', '7', 'p'],
        ['15', '7', 'q'],
      ],
    ],
    ['create table x (w int not null); insert into x values (null)', '23502'],
    ['create temp table sale as select 1 as one; select * from sale', [['1']]],
    [
      "alter table sale rename column shop to store; alter table sale add column note varchar(9) default 'n'; select store, note from sale where id = 3",
      [['b', 'n']],
    ],
    ['create view big as select id from sale where amount > 6; drop table sale', '2BP01'],
    [
      'create function plus(int, int) returns int stable as $$ select $1 + $2 $$ language sql; select plus(id, 1) from sale where id = 1',
      [['2']],
    ],
    ['vacuum', '25001'],
  ],
  tables,
);
