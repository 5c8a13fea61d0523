import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Dependence, LineageOptions } from '../../local/redshift/lineage/model.ts';
import { type Redshift, RedshiftError, type Session } from '../../local/redshift/types.ts';

const setup = `
  create schema landed; create schema mart;
  create table landed.parcel (code varchar, seen timestamp, doc super, scan varchar(65535), depot int);
  create table landed.depot (id int, town varchar, info super);
  create table landed.part (id int, parent int, tree super);
  create table mart.stop (code varchar, weight decimal(10,2), depot int);
  create view mart.leg as
    select p.code, l.km::decimal(10,2) as km, place from landed.parcel p, p.doc.legs as l at place where p.doc.state = 'sent';
  create view mart.late as select code, km from mart.leg with no schema binding;
  create materialized view mart.kept as select depot, count(*) as parcels from landed.parcel group by depot;
  create function label(super) returns varchar immutable as $$ select $1.label::varchar $$ language sql;`;

/** `name <- parcel.doc.legs[*].km IDENTITY`: how the tables below say what they expect. */
const shown = ({ source, transformations }: Dependence): string => {
  const part = source.part === 'value' ? '' : `:${source.part}`;
  return `${source.relation}.${source.path}${part} ${transformations.map((way) => `${way.subtype}${way.masking ? '!' : ''}`).join('+')}`;
};

let redshift: Redshift;
let session: Session;
beforeAll(async () => {
  redshift = await openRedshift({ databases: ['dev'], admin: { user: 'admin', password: 'secret' } });
  session = await redshift.session({ database: 'dev', user: 'admin' });
  await session.execute(setup);
});
afterAll(() => redshift.close());

/** A statement, what each column comes from, and what decides on the rows. */
type LineageCase = readonly [
  sql: string,
  columns: readonly string[],
  rows?: readonly string[],
  options?: LineageOptions,
];

const check = (name: string, cases: readonly LineageCase[]): void => {
  describe(name, () => {
    test.each(cases.map(([sql, columns, rows = [], options]) => ({ sql, columns, rows, options })))(
      '$sql',
      ({ sql, columns, rows, options }) => {
        const [lineage] = session.lineage(sql, options);
        const found = lineage?.columns.map(
          ({ name: column, inputs }) => `${column} <- ${inputs.map(shown).join('; ')}`,
        );
        expect({ columns: found, rows: lineage?.rows.map(shown) }).toEqual({ columns, rows });
      },
    );
  });
};

check('paths into SUPER', [
  ['select doc.sender.name from landed.parcel', ['name <- parcel.doc.sender.name IDENTITY']],
  ['select p.doc.legs[0].km::int as km from landed.parcel p', ['km <- parcel.doc.legs[0].km TRANSFORMATION']],
  ['select doc.legs[-1].km from landed.parcel', ['km <- parcel.doc.legs[-1].km IDENTITY']],
  ['select doc.legs[depot] from landed.parcel', ['legs <- parcel.doc.legs[*] IDENTITY; parcel.depot CONDITIONAL']],
  [
    'select l.km, i from landed.parcel p, p.doc.legs as l at i',
    ['km <- parcel.doc.legs[*].km IDENTITY', 'i <- parcel.doc.legs:positions TRANSFORMATION'],
    ['parcel.doc.legs JOIN'],
  ],
  [
    'select s.t from landed.parcel p, p.doc.legs l, l.stops s',
    ['t <- parcel.doc.legs[*].stops[*].t IDENTITY'],
    ['parcel.doc.legs JOIN', 'parcel.doc.legs[*].stops JOIN'],
  ],
  [
    'select l.km from landed.parcel p left join p.doc.legs as l on true',
    ['km <- parcel.doc.legs[*].km IDENTITY'],
    ['parcel.doc.legs JOIN'],
  ],
  [
    'select e, o from landed.parcel p, unnest(p.doc.legs) with offset as u (e, o)',
    ['e <- parcel.doc.legs[*] IDENTITY', 'o <- parcel.doc.legs:positions TRANSFORMATION'],
    ['parcel.doc.legs JOIN'],
  ],
  [
    'select k, v.unit from landed.parcel p, unpivot p.doc.measures as v at k',
    ['k <- parcel.doc.measures:keys TRANSFORMATION', 'unit <- parcel.doc.measures.*.unit IDENTITY'],
    ['parcel.doc.measures JOIN'],
  ],
  [
    'with q as (select json_parse(scan) as j from landed.parcel) select h.at from q, q.j.hits as h',
    ['at <- parcel.scan.hits[*].at TRANSFORMATION'],
    ['parcel.scan.hits JOIN'],
  ],
  ["select json_extract_path_text(scan, 'a', 'b') as b from landed.parcel", ['b <- parcel.scan.a.b TRANSFORMATION']],
  ['select w.p.q from (select doc.p from landed.parcel) as w', ['q <- parcel.doc.p.q IDENTITY']],
  ["select x.o.y from (select object('y', doc.z) as o from landed.parcel) as x", ['y <- parcel.doc.z IDENTITY']],
  [
    'select array_concat(doc.a, doc.b)[1].c from landed.parcel',
    ['c <- parcel.doc.a[*].c TRANSFORMATION; parcel.doc.b[*].c TRANSFORMATION'],
  ],
  ['select label(doc.first) from landed.parcel', ['label <- parcel.doc.first.label TRANSFORMATION']],
]);

check('queries', [
  ['select 1 as one', ['one <- ']],
  [
    'select town, md5(town) as h from landed.depot where id > 1 order by id',
    ['town <- depot.town IDENTITY', 'h <- depot.town TRANSFORMATION!'],
    ['depot.id FILTER+SORT'],
  ],
  [
    "select case when depot > 1 then code else 'x' end as c, nvl(code, scan) as n from landed.parcel",
    [
      'c <- parcel.code IDENTITY; parcel.depot CONDITIONAL',
      'n <- parcel.code IDENTITY+CONDITIONAL; parcel.scan IDENTITY+CONDITIONAL',
    ],
  ],
  [
    'select depot, count(code) as n, max(seen) as last from landed.parcel group by 1 having count(*) > 1',
    ['depot <- parcel.depot IDENTITY', 'n <- parcel.code AGGREGATION!', 'last <- parcel.seen AGGREGATION'],
    ['parcel.depot GROUP_BY'],
  ],
  [
    'select row_number() over (partition by depot order by seen) as n, lag(code) over (order by seen) as before from landed.parcel',
    ['n <- parcel.depot WINDOW; parcel.seen WINDOW', 'before <- parcel.code TRANSFORMATION; parcel.seen WINDOW'],
  ],
  [
    'select d.town, (select max(p.seen) from landed.parcel p where p.depot = d.id) as last from landed.depot d',
    ['town <- depot.town IDENTITY', 'last <- parcel.seen AGGREGATION; parcel.depot FILTER; depot.id FILTER'],
  ],
  [
    'select code from landed.parcel p where exists (select 1 from landed.depot d where d.id = p.depot) and depot in (select id from landed.part)',
    ['code <- parcel.code IDENTITY'],
    ['depot.id FILTER', 'parcel.depot FILTER', 'part.id FILTER'],
  ],
  [
    'select * from landed.depot join landed.part using (id)',
    [
      'id <- depot.id IDENTITY',
      'town <- depot.town IDENTITY',
      'info <- depot.info IDENTITY',
      'parent <- part.parent IDENTITY',
      'tree <- part.tree IDENTITY',
    ],
    ['depot.id JOIN', 'part.id JOIN'],
  ],
  [
    'select a.town, code from landed.depot a, landed.parcel b where a.id = b.depot(+)',
    ['town <- depot.town IDENTITY', 'code <- parcel.code IDENTITY'],
    ['depot.id JOIN', 'parcel.depot JOIN'],
  ],
  [
    'select * exclude (doc, scan, seen) from landed.parcel',
    ['code <- parcel.code IDENTITY', 'depot <- parcel.depot IDENTITY'],
  ],
  [
    'select id as k from landed.depot union all select depot from landed.parcel order by k',
    ['k <- depot.id IDENTITY; parcel.depot IDENTITY'],
    ['depot.id SORT', 'parcel.depot SORT'],
  ],
  [
    'select id from landed.depot except select depot from landed.parcel',
    ['id <- depot.id IDENTITY'],
    ['depot.id FILTER', 'parcel.depot FILTER'],
  ],
  [
    `with recursive walk (id, node) as (select id, tree from landed.part where parent is null
       union all select w.id, c from walk w, w.node.children as c) select node.name from walk`,
    ['name <- part.tree.name IDENTITY; part.tree.. IDENTITY'],
    ['part.parent FILTER', 'part.tree.children JOIN', 'part.tree.. JOIN'],
  ],
  [
    'select * from (select depot, code, weight from mart.stop) pivot (sum(weight) for depot in (1, 2 as two))',
    [
      'code <- stop.code IDENTITY',
      '1 <- stop.weight AGGREGATION; stop.depot CONDITIONAL',
      'two <- stop.weight AGGREGATION; stop.depot CONDITIONAL',
    ],
    ['stop.code GROUP_BY'],
  ],
  [
    'select which, n from landed.part unpivot (n for which in (id, parent))',
    ['which <- ', 'n <- part.id IDENTITY; part.parent IDENTITY'],
    ['part.id FILTER', 'part.parent FILTER'],
  ],
  [
    'select level, id from landed.part start with parent is null connect by parent = prior id',
    ['level <- ', 'id <- part.id IDENTITY'],
    ['part.parent FILTER+JOIN', 'part.id JOIN'],
  ],
]);

check('functions of rows', [
  ['select g + id as n from landed.part, generate_series(1, 3) as g', ['n <- part.id TRANSFORMATION']],
  ['select generate_series from generate_series(1, 3)', ['generate_series <- ']],
]);

check('views', [
  [
    'select km, place from mart.leg',
    ['km <- parcel.doc.legs[*].km TRANSFORMATION', 'place <- parcel.doc.legs:positions TRANSFORMATION'],
    ['parcel.doc.legs JOIN', 'parcel.doc.state FILTER'],
  ],
  ['select km from mart.leg', ['km <- leg.km IDENTITY'], [], { views: 'stop' }],
  ['select code from mart.late', ['code <- late.code IDENTITY'], [], { views: 'stop' }],
  ['select code from mart.late', ['code <- parcel.code IDENTITY'], ['parcel.doc.legs JOIN', 'parcel.doc.state FILTER']],
  ['select depot from mart.kept', ['depot <- parcel.depot IDENTITY'], ['parcel.depot GROUP_BY']],
]);

check('statements that write', [
  [
    'insert into mart.stop (weight, code) select km, code from mart.leg',
    ['weight <- leg.km IDENTITY', 'code <- leg.code IDENTITY'],
    [],
    { views: 'stop' },
  ],
  [
    "insert into mart.stop values ('a', 1, (select max(depot) from landed.parcel))",
    ['code <- ', 'weight <- ', 'depot <- parcel.depot AGGREGATION'],
  ],
  ['create table mart.made (who) as select doc.sender from landed.parcel', ['who <- parcel.doc.sender IDENTITY']],
  ['create view mart.seen (who) as select doc.sender from landed.parcel', ['who <- parcel.doc.sender IDENTITY']],
  [
    'update mart.stop set code = p.doc.code::varchar from landed.parcel p where p.depot = stop.depot',
    ['code <- parcel.doc.code TRANSFORMATION'],
    ['parcel.depot FILTER', 'stop.depot FILTER'],
  ],
  ['delete from mart.stop using landed.depot d where d.id = stop.depot', [], ['depot.id FILTER', 'stop.depot FILTER']],
  [
    `merge into mart.stop using landed.parcel on stop.code = parcel.code when matched then update set depot = parcel.depot
       when not matched then insert (code, depot) values (parcel.code, 1)`,
    ['depot <- parcel.depot IDENTITY', 'code <- parcel.code IDENTITY'],
    ['stop.code JOIN', 'parcel.code JOIN'],
  ],
  ['refresh materialized view mart.kept', ['depot <- parcel.depot IDENTITY', 'parcels <- '], ['parcel.depot GROUP_BY']],
  [
    "unload ('select doc.sender from landed.parcel') to 's3://lake/out' iam_role default",
    ['sender <- parcel.doc.sender IDENTITY'],
  ],
  ['drop table mart.stop', []],
]);

test('reads, writes and the views between are named', async () => {
  const [lineage] = await redshift.lineage(
    'create temp table t as select l.code, d.town from mart.leg l, landed.depot d',
    {
      database: 'dev',
    },
  );
  const name = (schema: string, relation: string): object => ({ database: 'dev', schema, relation });
  expect(lineage).toMatchObject({
    kind: 'createTableAs',
    reads: [name('landed', 'parcel'), name('landed', 'depot')],
    through: [name('mart', 'leg')],
    writes: [name('pg_temp', 't')],
  });
});

test('what cannot be bound is refused, and a user sees only what they may', async () => {
  const stateOf = async (sql: string, user?: string): Promise<string | undefined> => {
    const error = await redshift.lineage(sql, { database: 'dev', user }).catch((reason: unknown) => reason);
    return error instanceof RedshiftError ? error.sqlState : undefined;
  };
  expect(await stateOf('select nobody from landed.depot')).toBe('42703');
  expect(await stateOf('update landed.gone set a = 1')).toBe('42P01');
  await session.execute("create user reader password 'Secret123'");
  expect(await stateOf('select town from landed.depot', 'reader')).toBe('42501');
});

test('an attribute keeps its case where the session says so', async () => {
  const other = await redshift.session({ database: 'dev', user: 'admin' });
  await other.execute('set enable_case_sensitive_super_attribute to true');
  expect(other.lineage('select doc.Sender from landed.parcel')[0]?.columns[0]?.inputs.map(shown)).toEqual([
    'parcel.doc.Sender IDENTITY',
  ]);
  await other.close();
});
