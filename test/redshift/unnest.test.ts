import { topic } from './cases.ts';

topic(
  'UNNEST()',
  [
    [
      'select id, part from kit, unnest(kit.parts) as u(part) order by 1, 2',
      [
        ['1', '2.50'],
        ['1', '"nut"'],
        ['3', '"bolt"'],
      ],
    ],
    [
      "select u.part, u.place from kit, unnest(parts) with offset u(part, place) where u.part = 'nut'",
      [['"nut"', '1']],
    ],
    ['select count(*), count(u.part) from kit left join unnest(kit.parts) as u(part) on true', [['4', '3']]],
    ["select u.n from unnest(json_parse('[7,8]')) as u(n) where u.n > 7", [['8']]],
    ['select u from kit, unnest(kit.parts) as u(part)', '42703'],
    ['select 1 from kit, unnest(kit.parts)', '42601'],
    ['select 1 from kit, unnest(kit.parts) as u', '42601'],
    ['select 1 from kit, unnest(kit.id) as u(part)', '42804'],
    ['alter table kit alter distkey id, alter sortkey (id)', []],
  ],
  `create table kit (id int, parts super);
   insert into kit values (1, json_parse('[2.50,"nut"]')), (2, json_parse('[]')), (3, json_parse('["bolt"]'));`,
);
