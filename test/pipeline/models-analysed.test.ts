import { aCheckFile, aFunctionFile, aModelFile, analysed, problemsOf } from '../factories/project.ts';

const id = 'b.payload.id::VARCHAR(64) AS id';
const from = 'FROM latest.brackets AS b';
const models = (...all: ReturnType<typeof aModelFile>[]) => problemsOf({ models: all });

describe('a model that is analysed', () => {
  it('knows what it yields, and so do those that read it', () => {
    const { models: compiled, lineage } = analysed({
      models: [
        aModelFile(
          'a',
          `SELECT ${id}, b._at AS since, b.payload ${from}`,
          '-- materialization: history\n-- key: id\n-- valid from: since\n',
        ),
        aModelFile('b', 'SELECT id, valid_to, is_current FROM mart.a'),
      ],
    });
    expect(compiled.map(({ output }) => output)).toEqual([
      [
        { name: 'id', type: 'character varying(64)' },
        { name: 'since', type: 'timestamp with time zone' },
        { name: 'payload', type: 'super' },
      ],
      [
        { name: 'id', type: 'character varying(64)' },
        { name: 'valid_to', type: 'timestamp with time zone' },
        { name: 'is_current', type: 'boolean' },
      ],
    ]);
    expect(lineage.get('mart.a')?.columns[0]?.sources[0]).toMatchObject({
      table: 'latest.brackets',
      path: 'payload.id',
    });
  });

  it('is told its own problems, and not those of what it reads', () => {
    expect(
      models(
        aModelFile('a', `SELECT b.nothing ${from}`),
        aModelFile('b', 'SELECT x FROM mart.a'),
        aModelFile('c', `SELECT '🏆' AS prize,\n  DATEADD(day, 1, b.payload) + b._id ${from}`),
        aModelFile('d', 'SELECT 1 AS x FROM mart.e'),
        aModelFile('f', `SELECT ${id} ${from}`, '-- checks:\n--   not_null: idd\n'),
      ),
    ).toMatchInlineSnapshot(`
[
  "mart/a.sql:3:10: column "nothing" does not exist in b",
  "mart/c.sql:4:30: operator does not exist: timestamp without time zone + character varying; No operator matches the given name and argument type(s). You may need to add explicit type casts.",
  "mart/d.sql:3:20: there is no table mart.e; did you mean mart.a?",
  "mart/f.sql:4: check not_null: it yields no column idd; did you mean id?",
]
`);
  });

  it('has a header that names what it yields', () => {
    const header = `-- materialization: history
-- key: idd
-- valid from: sinse
-- deleted: gone
-- columns:
--   ident: who
--   id INTEGER: who
-- sort: nothing
-- distribution: key(ids)
-- checks:
--   unique: id, when_
--   anomaly: mean(sum)
--   expression: idd IS NOT NULL
--   expression: id || 'x'
`;
    expect(models(aModelFile('a', `SELECT ${id}, b._at AS since ${from}`, header))).toMatchInlineSnapshot(`
[
  "mart/a.sql:4: key: it yields no column idd; did you mean id?",
  "mart/a.sql:5: valid from: it yields no column sinse; did you mean since?",
  "mart/a.sql:6: deleted: it yields no column gone; it yields: id, since",
  "mart/a.sql:8: columns: it yields no column ident; it yields: id, since",
  "mart/a.sql:9: id is character varying(64), and the header says integer",
  "mart/a.sql:10: sort: it yields no column nothing; it yields: id, since",
  "mart/a.sql:11: distribution: it yields no column ids; did you mean id?",
  "mart/a.sql:13: check unique: it yields no column when_; it yields: id, since",
  "mart/a.sql:14: check anomaly: it yields no column sum; it yields: id, since",
  "mart/a.sql:15: idd IS NOT NULL: column "idd" does not exist in a",
  "mart/a.sql:16: id || 'x': it is character varying(65); a check's expression is a condition",
]
`);
  });

  it('has times where times are asked for', () => {
    const header =
      '-- materialization: history\n-- key: id\n-- valid from: id\n-- deleted: id\n-- checks:\n--   freshness: id within 1 day\n';
    expect(models(aModelFile('a', `SELECT ${id} ${from}`, header))).toEqual([
      'mart/a.sql:5: valid from: id is character varying(64), and must be a TIMESTAMP or TIMESTAMPTZ',
      'mart/a.sql:6: deleted: id is character varying(64), and must be a BOOLEAN',
      'mart/a.sql:8: check freshness: id is character varying(64), and must be a DATE, TIMESTAMP or TIMESTAMPTZ',
    ]);
  });

  it('yields columns with names of their own', () => {
    expect(
      models(
        aModelFile('a', `SELECT ${id}, 1 ${from}`),
        aModelFile('b', `SELECT ${id}, b._id AS id ${from}`),
        aModelFile(
          'c',
          `SELECT ${id}, b._at AS valid_to ${from}`,
          '-- materialization: history\n-- key: id\n-- valid from: valid_to\n',
        ),
      ),
    ).toMatchInlineSnapshot(`
[
  "mart/a.sql:3:1: column 2 of what it yields has no name; give it one: … AS name",
  "mart/b.sql:3:50: column "id" specified more than once",
  "mart/c.sql:6:1: column 2 of what it yields is called valid_to, as a column that every history has; give it another name",
]
`);
  });

  it('keeps its contract, or the build says who would notice', () => {
    const contract = `-- columns:\n--   id VARCHAR(32): who\n--   gone INTEGER: what\n-- contract: enforced\n`;
    expect(
      models(
        aModelFile('a', `SELECT ${id}, 1 AS more ${from}`, contract),
        aModelFile('b', 'SELECT more FROM mart.a'),
        aModelFile('c', 'SELECT more FROM mart.b'),
      ),
    ).toMatchInlineSnapshot(`
[
  "mart/a.sql:4: id is character varying(64), and the header says character varying(32); the contract of mart.a is enforced (built on it: mart.b, mart.c)",
  "mart/a.sql:5: columns: it yields no column gone; did you mean more?; the contract of mart.a is enforced (built on it: mart.b, mart.c)",
  "mart/a.sql:6: more (integer) is not in the contract; list it with its type, or take it out of the query; the contract of mart.a is enforced (built on it: mart.b, mart.c)",
]
`);
    const kept = '-- columns:\n--   id VARCHAR(64): who\n-- contract: enforced\n';
    expect(models(aModelFile('a', `SELECT ${id} ${from}`, kept))).toEqual([]);
  });

  it('is checked against columns that are there', () => {
    const header = '-- checks:\n--   relationship: id to mart.b.ident\n';
    expect(
      models(aModelFile('a', `SELECT ${id} ${from}`, header), aModelFile('b', `SELECT ${id} ${from}`)),
    ).toMatchInlineSnapshot(`
[
  "mart/a.sql:4: mart.b has no column ident; it has: id",
]
`);
  });
});

describe('personal data', () => {
  const people = aModelFile(
    'people',
    `SELECT ${id}, b.payload.name::VARCHAR(64) AS name ${from}`,
    '-- columns:\n--   id (pseudonymous): which\n--   name (personal): who\n',
  );
  const pseudonym = aFunctionFile(
    'pseudonym',
    'CREATE OR REPLACE FUNCTION functions.pseudonym(VARCHAR(64)) RETURNS VARCHAR(64) IMMUTABLE AS $$ SELECT SHA2($1, 256) $$ LANGUAGE sql;',
  );

  it('goes where values go, through models that say nothing, until it is said or masked', () => {
    expect(
      models(
        people,
        aModelFile('a', 'SELECT UPPER(name) AS shouted, id FROM mart.people'),
        aModelFile('b', "SELECT shouted || '!' AS louder FROM mart.a"),
        aModelFile('c', 'SELECT name FROM mart.people', '-- columns:\n--   name (pseudonymous): who\n'),
      ),
    ).toMatchInlineSnapshot(`
[
  "mart/a.sql:3: shouted is made of mart.people.name, which is personal; say so (--   shouted (personal): …), or mask it, as with SHA2(shouted, 256)",
  "mart/b.sql:3: louder is made of mart.a.shouted, which is personal; say so (--   louder (personal): …), or mask it, as with SHA2(louder, 256)",
  "mart/c.sql:4: name is made of mart.people.name, which is personal; say so (--   name (personal): …), or mask it, as with SHA2(name, 256)",
]
`);
  });

  it('is said, masked, counted, or only looked at', () => {
    const files = {
      functions: [pseudonym],
      models: [
        people,
        aModelFile('a', 'SELECT name FROM mart.people', '-- columns:\n--   name (sensitive): who\n'),
        aModelFile('b', 'SELECT functions.pseudonym(name) AS who, COUNT(name) AS people FROM mart.people GROUP BY 1'),
        aModelFile('c', "SELECT id FROM mart.people WHERE name = 'Anna'", '-- columns:\n--   id: which\n'),
      ],
    };
    const { models: compiled } = analysed(files);
    expect(compiled.find(({ name }) => name === 'mart.c')?.columns).toEqual([
      { name: 'id', description: 'which', personalData: 'pseudonymous' },
    ]);
  });
});

describe('files of checks and functions', () => {
  const f = (name: string, statement: string) => aFunctionFile(name, statement);
  const body = (name: string, expression: string, type = 'INTEGER') =>
    f(
      name,
      `CREATE OR REPLACE FUNCTION functions.${name}(${type})\nRETURNS ${type} IMMUTABLE AS $$\n  SELECT ${expression}\n$$ LANGUAGE sql;\n`,
    );

  it('are read with the models: a check is the last one’s that it reads, functions come in an order', () => {
    const { models: compiled, functions } = analysed({
      models: [aModelFile('a', `SELECT functions.once(1) AS one ${from}`), aModelFile('b', 'SELECT one FROM mart.a')],
      checks: [
        aCheckFile(
          'none',
          '/* 🏆 */ SELECT a.one FROM mart.a JOIN "mart"."b" ON a.one <> b.one;\n-- the end',
          '-- severity: warn\n',
        ),
      ],
      functions: [body('once', 'functions.twice($1) / 2'), body('twice', '$1 * 2')],
    });
    const sql = '/* 🏆 */ SELECT a.one FROM mart.a JOIN "mart"."b" ON a.one <> b.one';
    const [check] = compiled[1]?.checks ?? [];
    expect(check).toMatchObject({ kind: 'query', name: 'none', severity: 'warn', sql });
    expect(check?.kind === 'query' && check.reads.map(({ start, end }) => sql.slice(start, end))).toEqual([
      'mart.a',
      '"mart"."b"',
    ]);
    expect(compiled[0]?.checks).toEqual([]);
    expect(
      functions.map(({ name, argumentTypes, returnType, calls }) => [name, argumentTypes, returnType, calls]),
    ).toEqual([
      ['twice', ['integer'], 'integer', []],
      ['once', ['integer'], 'integer', ['twice']],
    ]);
    expect(functions[0]?.statement).toMatch(/^CREATE OR REPLACE .* LANGUAGE sql$/s);
  });

  it('say what is wrong with them', () => {
    expect(
      problemsOf({
        models: [aModelFile('a', `SELECT functions.twise(1) AS one ${from}`)],
        checks: [
          aCheckFile('lonely', `SELECT 1 ${from}`),
          aCheckFile('lost', 'SELECT 1 FROM mart.aa', '-- severity: fatal\n'),
        ],

        functions: [
          body('twice', '$1 + $2'),
          body('a', 'functions.b($1)'),
          body('b', 'functions.a($1)'),
          body('typed', '$1', 'INTEGRE'),
          f('named', 'CREATE OR REPLACE FUNCTION other.named() RETURNS INTEGER STABLE AS $$ SELECT 1 $$ LANGUAGE sql'),
          f(
            'python',
            'CREATE OR REPLACE FUNCTION functions.python() RETURNS INTEGER STABLE AS $$ return 1 $$ LANGUAGE plpythonu',
          ),
          f('words', 'CREATE FUNCTION functions.words() RETURNS INTEGER STABLE AS $$ SELECT 1 $$ LANGUAGE sql'),
          f('silent', 'CREATE OR REPLACE FUNCTION functions.silent() STABLE AS $$ SELECT 1 $$ LANGUAGE sql'),
        ],
      }),
    ).toMatchInlineSnapshot(`
[
  "sql/checks/lonely.sql:1: it reads no model, so nothing would ever run it; read one",
  "sql/checks/lost.sql:3: there is no severity fatal; there are: error, warn",
  "sql/checks/lost.sql:4:15: there is no table mart.aa; did you mean mart.a?",
  "sql/functions/b.sql:4:30: a circle: a → b → a",
  "sql/functions/named.sql:3:28: a function has its file's name, in the schema functions: functions.named(…)",
  "sql/functions/python.sql:3:88: it ends with LANGUAGE sql, and is one statement",
  "sql/functions/silent.sql:3:47: it does not say what it RETURNS, or not that it is VOLATILE, STABLE or IMMUTABLE",
  "sql/functions/twice.sql:5:15: there is no parameter $2",
  "sql/functions/typed.sql:3:44: integre is not a type of Redshift; did you mean INTEGER?",
  "sql/functions/words.sql:3:1: it begins with CREATE OR REPLACE FUNCTION functions.words(…)",
  "mart/a.sql:3:8: there is no function functions.twise; did you mean functions.twice?",
]
`);
  });
});
