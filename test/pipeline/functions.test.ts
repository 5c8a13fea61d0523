import { compileProject } from '../../lib/pipeline/models/compile.ts';
import { next, preparationOf } from '../../lib/pipeline/next.ts';
import { preparationHash, prepareBatches } from '../../lib/pipeline/statements/prepare.ts';
import type { Attempt, ResultRows, Work } from '../../lib/pipeline/work.ts';
import { BoxWarehouse } from '../factories/box-warehouse.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { datasets, noon } from '../factories/pipeline.ts';
import { aFunctionFile } from '../factories/project.ts';
import { plainSurroundings } from '../factories/surroundings.ts';

const functionsOf = (...statements: readonly [name: string, rest: string][]) =>
  compileProject(
    {
      models: [],
      functions: statements.map(([name, rest]) =>
        aFunctionFile(name, `CREATE OR REPLACE FUNCTION functions.${name}${rest} $$ LANGUAGE sql;\n`),
      ),
    },
    datasets,
  ).functions;

const once = functionsOf(
  ['once', '(INTEGER) RETURNS INTEGER IMMUTABLE AS $$ SELECT functions.twice($1) / 2'],
  ['twice', '(INTEGER) RETURNS INTEGER IMMUTABLE AS $$ SELECT $1 * 2'],
);
const readers = { analysts: { schemas: [] } };

describe('functions of a project', () => {
  let warehouse: BoxWarehouse;

  beforeAll(async () => {
    const lake = new MemoryLake();
    warehouse = new BoxWarehouse(lake);
    await warehouse.begin(lake);
  });
  afterAll(() => warehouse.close());

  /** Prepares the database as a refresh does; answers with the last outcome. */
  async function prepare(functions: ReturnType<typeof functionsOf>) {
    const work: Work = { kind: 'prepare', execution: 'main-1', hash: 'h' };
    const surroundings = { ...plainSurroundings, datasets: [], readers, functions, nowMilliseconds: noon };
    const history: Attempt[] = [];
    for (;;) {
      const decision = next(work, history, surroundings);
      if (decision.kind === 'done') return decision.outcome;
      const { step, number, statements, reads } = decision;
      const ran = await warehouse.batch(statements);
      const results = reads.map((index): ResultRows => ran.results.get(index) ?? []);
      history.push({
        step,
        number,
        outcome: ran.error === undefined ? 'finished' : 'failed',
        error: ran.error,
        results,
      });
    }
  }

  it('are created in an order in which they can be, and readers may use their schema', async () => {
    expect(prepareBatches({ datasets: [], readers, models: [], functions: once }).flat().slice(-3)).toEqual([
      'GRANT USAGE ON SCHEMA "functions" TO ROLE "analysts"',
      'CREATE OR REPLACE FUNCTION functions.twice(INTEGER) RETURNS INTEGER IMMUTABLE AS $$ SELECT $1 * 2 $$ LANGUAGE sql',
      'CREATE OR REPLACE FUNCTION functions.once(INTEGER) RETURNS INTEGER IMMUTABLE AS $$ SELECT functions.twice($1) / 2 $$ LANGUAGE sql',
    ]);
    expect(await prepare(once)).toMatchObject({ kind: 'prepared' });
    expect(await warehouse.answer('SELECT functions.once(21)')).toEqual([['21']]);
  });

  it('given another body, other arguments, another answer, then the old one is not found any more', async () => {
    await prepare(functionsOf(['answer', '(INTEGER, VARCHAR(64)) RETURNS INTEGER IMMUTABLE AS $$ SELECT 1']));
    await prepare(functionsOf(['answer', '(INTEGER, VARCHAR(12)) RETURNS INTEGER IMMUTABLE AS $$ SELECT 2']));
    expect(await warehouse.answer("SELECT functions.answer(1, 'x')")).toEqual([['2']]);

    await prepare(functionsOf(['answer', '(BIGINT, VARCHAR(12)) RETURNS VARCHAR(10) IMMUTABLE AS $$ SELECT $2']));

    expect(await warehouse.answer("SELECT functions.answer(1, 'x')")).toEqual([['x']]);
    expect(
      await warehouse.answer(
        "SELECT argument_type, result_type FROM svv_redshift_functions WHERE function_name = 'answer'",
      ),
    ).toEqual([['bigint, character varying', 'character varying']]);
  });

  it('given one that was dropped from the project, then it stays, because somebody may use it', async () => {
    await prepare(functionsOf(['kept', '() RETURNS INTEGER IMMUTABLE AS $$ SELECT 1']));
    await prepare(once);
    expect(await warehouse.answer('SELECT functions.kept()')).toEqual([['1']]);
  });

  it('are part of what a database is prepared with', () => {
    const hash = (functions: typeof once) => preparationHash(preparationOf({ ...plainSurroundings, functions }));
    expect(hash(once)).not.toBe(hash([]));
    expect(hash(once)).toBe(hash([...once]));
  });
});
