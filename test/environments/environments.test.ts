import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { build } from '../../local/commands/build.ts';
import { check } from '../../local/commands/check.ts';
import { type DiffOptions, diff } from '../../local/commands/diff.ts';
import { drop, list } from '../../local/commands/env.ts';
import { sql } from '../../local/commands/sql.ts';
import { Production } from '../factories/production.ts';
import { loads, writeProject } from './project.ts';

/** One story: somebody changes a model, looks at what it means beside production, and takes the environment away again. */
describe('an environment', () => {
  let production: Production;
  const stateDirectory = () => ({ stateDirectory: production.stateDirectory });

  /** What a command prints. */
  async function said(command: () => Promise<void>): Promise<string> {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      await command();
      return write.mock.calls.map(([text]) => String(text)).join('');
    } finally {
      write.mockRestore();
    }
  }
  const built = async (env: string, ...selectors: string[]) =>
    JSON.parse(await said(() => build(selectors, { ...stateDirectory(), env, json: true }, production.directory)));
  const differences = async (env: string, more: Partial<DiffOptions> = {}) =>
    JSON.parse(
      await said(() => diff([], { ...stateDirectory(), env, rows: 5, json: true, ...more }, production.directory)),
    );
  const reasons = ({ models }: { models: { model: string; kind: string; because: string }[] }) =>
    models.map(({ model, kind, because }) => `${model} ${kind}: ${because}`);

  /** Everything that is in production, with what was published there. */
  const snapshot = async () => [
    await production.rows("SELECT * FROM svv_redshift_tables WHERE database_name = 'prod' ORDER BY 1, 2, 3"),
    await production.rows('SELECT * FROM ops.model_runs ORDER BY run_id'),
    await production.rows('SELECT * FROM ops.check_results ORDER BY run_id, check_name'),
    await production.rows('SELECT * FROM mart.sizes ORDER BY 1'),
  ];

  beforeAll(async () => {
    production = await Production.open();
    writeProject(production);
    await production.publish(loads());
  });
  afterAll(() => production.close());
  afterEach(() => {
    process.exitCode = undefined;
  });

  it('is not made where nothing differs', async () => {
    const text = await said(() => build([], { ...stateDirectory(), env: 'same' }, production.directory));
    expect(text).toContain('nothing differs from prod');
    expect(await said(() => list(stateDirectory()))).toContain('prod has no environment');
  });

  it('builds a changed model and what reads it, and reads the rest from production, which stays as it is', async () => {
    const before = await snapshot();
    production.writeModel(
      'mart.sizes',
      'SELECT t.id, t.size::BIGINT * 2 AS size, t.size > 4 AS is_big FROM staging.tournaments AS t',
      '-- key: id\n',
    );
    production.writeModel(
      'mart.totals',
      'SELECT s.is_big, SUM(s.size) AS places FROM mart.sizes AS s GROUP BY s.is_big',
      '-- key: is_big\n',
    );
    production.write(
      'sql/checks/totals_add_up.sql',
      `-- owner: me
-- description: Nothing is counted that is not there
SELECT t.is_big FROM mart.totals AS t WHERE t.places > (SELECT 2 * SUM(size) FROM staging.tournaments)
`,
    );
    expect(reasons(await built('bigger'))).toEqual([
      'mart.sizes published: changed',
      'mart.totals published: reads mart.sizes, which is changed',
    ]);
    expect(await production.rows('SELECT id, size, is_big FROM mart.sizes ORDER BY id', 'bigger')).toEqual([
      ['a', '8', 'f'],
      ['b', '16', 't'],
      ['c', '4', 'f'],
    ]);
    const tables = await production.rows(
      "SELECT schema_name, table_name FROM svv_redshift_tables WHERE database_name = 'bigger' AND schema_name IN ('staging', 'mart', 'latest', 'raw') ORDER BY 1, 2",
    );
    expect(tables).toEqual([
      ['mart', 'sizes'],
      ['mart', 'totals'],
    ]);
    expect(await snapshot()).toEqual(before);
  });

  it('is compared with production: columns, who reads what is gone, rows by key, changed ones before and after', async () => {
    const { models, notAsWritten } = await differences('bigger');
    expect(notAsWritten).toEqual([]);
    const [sizes, totals] = models;
    expect(sizes).toMatchObject({
      model: 'mart.sizes',
      isDifferent: true,
      isNewerThere: false,
      columns: [
        {
          kind: 'retyped',
          name: 'size',
          from: 'integer',
          to: 'bigint',
          readBy: ['mart.totals.places'],
          roles: ['analysts'],
        },
        { kind: 'added', name: 'is_big', type: 'boolean' },
        { kind: 'removed', name: 'status', type: 'character varying(16)', readBy: [], roles: ['analysts'] },
      ],
      rows: { here: 3, there: 2, onlyHere: 1, onlyThere: 0, changed: 2, changedBy: [{ column: 'size', rows: 2 }] },
    });
    expect(sizes.rows.sample).toEqual([
      { key: { id: 'a' }, changes: [{ column: 'size', from: '4', to: '8' }] },
      { key: { id: 'b' }, changes: [{ column: 'size', from: '8', to: '16' }] },
    ]);
    // Its key is another one now: whole rows are compared.
    expect(totals).toMatchObject({
      model: 'mart.totals',
      key: [],
      rows: { here: 2, there: 2, onlyHere: 2, onlyThere: 2 },
    });
  });

  it('is compared in words and tables, and ends with 1 only where that was asked for', async () => {
    const options = { ...stateDirectory(), env: 'bigger', rows: 1 };
    const text = await said(() => diff([], options, production.directory));
    expect(process.exitCode).toBeUndefined();
    expect(text).toContain('~ column size integer → bigint: read by mart.totals.places; the role analysts may read it');
    expect(text).toContain('- column status character varying(16): no model reads it; the role analysts may read it');
    expect(text).toContain('3 rows, 2 in prod: 1 only in bigger, 2 changed (by id)');
    expect(text).toMatch(/│ a {2}│ size {3}│ 4 {4}│ 8 {6}│/);
    await said(() => diff(['mart.sizes'], { ...options, fail: true }, production.directory));
    expect(process.exitCode).toBe(1);
  });

  it('says which models production has published and no file makes any more', async () => {
    const file = join(production.directory, 'sql/models/history/statuses.sql');
    const text = readFileSync(file, 'utf8');
    rmSync(file);
    try {
      expect(await differences('bigger')).toMatchObject({ withoutFile: ['history.statuses'] });
      const words = await said(() => diff([], { ...stateDirectory(), env: 'bigger', rows: 1 }, production.directory));
      expect(words).toContain('history.statuses: published in prod, and no file makes it here');
    } finally {
      writeFileSync(file, text);
    }
    expect(await differences('bigger')).toMatchObject({ withoutFile: [] });
  });

  it('is asked and checked by name', async () => {
    const options = { ...stateDirectory(), env: 'bigger' };
    const rows = await said(() => sql('SELECT COUNT(*) AS "all" FROM mart.sizes', { ...options, format: 'csv' }));
    expect(rows).toBe('all\n3\n');
    const checked = JSON.parse(await said(() => check([], { ...options, json: true }, production.directory)));
    expect(checked.map(({ model }: { model: string }) => model)).toEqual(['mart.sizes', 'mart.totals']);
    expect(checked[1].checks).toContainEqual(expect.objectContaining({ name: 'query: totals_add_up', failures: 0 }));
  });

  it('keeps what it has when the change is taken back, and then is as production', async () => {
    const before = await snapshot();
    writeProject(production);
    expect((await differences('bigger')).notAsWritten).toEqual(['mart.sizes', 'mart.totals']);
    expect(reasons(await built('bigger'))).toEqual([
      'mart.sizes published: built here before; it is as in prod now',
      'mart.totals published: reads mart.sizes, which is built here too',
    ]);
    const { models } = await differences('bigger', { fail: true });
    expect(models.map(({ isDifferent }: { isDifferent: boolean }) => isDifferent)).toEqual([false, false]);
    expect(process.exitCode).toBeUndefined();
    expect(await snapshot()).toEqual(before);
  });

  it('builds what is named, of every kind, with what is built from it and what that needs', async () => {
    expect(reasons(await built('named', 'staging.tournaments', 'mart.by_size', 'history.*'))).toEqual([
      'history.statuses published: asked for; it is as in prod',
      'mart.by_size published: asked for; it is as in prod',
      'staging.tournaments published: asked for; it is as in prod',
      'staging.statuses published: reads staging.tournaments, which is built here too',
      'mart.sizes published: reads staging.statuses, which is built here too',
      'mart.totals published: reads mart.sizes, which is built here too',
    ]);
    expect(await production.rows('SELECT status, valid_to FROM history.statuses ORDER BY changed_at', 'named')).toEqual(
      [
        ['planned', '2026-01-02 12:00:00+00'],
        ['running', null],
      ],
    );
    // What is itself a view of the branch reads the branch.
    await production.rows("DELETE FROM staging.tournaments WHERE id = 'a'", 'named');
    expect(await production.rows('SELECT status FROM staging.statuses', 'named')).toEqual([['PLANNED']]);
    const { models } = await differences('named');
    const ofModel = (name: string) => models.find(({ model }: { model: string }) => model === name);
    expect(ofModel('staging.tournaments').rows).toMatchObject({ here: 2, there: 3, onlyThere: 1 });
    expect(ofModel('history.statuses')).toMatchObject({ isDifferent: false, key: ['id', 'changed_at'] });
    expect(ofModel('mart.by_size')).toMatchObject({ isDifferent: false, key: [] });
  });

  it('shows nothing of what is about a person but that it differs', async () => {
    production.writeModel(
      'mart.sizes',
      "SELECT t.id, t.size, t.status || '!' AS status FROM staging.tournaments AS t WHERE t.size > 2",
      '-- key: id\n-- columns:\n--   status (personal): Said of somebody\n',
    );
    await built('bigger');
    const { models } = await differences('bigger', { rows: 1 });
    expect(models[0].rows.sample).toEqual([
      { key: { id: 'a' }, changes: [{ column: 'status', from: '***', to: '***' }] },
    ]);
    writeProject(production);
  });

  it('says so where a model is left out that others need and nobody has', async () => {
    production.writeModel('mart.fresh', 'SELECT t.id FROM staging.tournaments AS t', '-- key: id\n');
    production.writeModel('mart.fresher', 'SELECT f.id FROM mart.fresh AS f', '-- key: id\n');
    const options = { ...stateDirectory(), env: 'bigger', exclude: ['mart.fresh'] };
    await expect(build([], options, production.directory)).rejects.toThrow(
      'mart.fresher is built from mart.fresh, which is neither in production nor in the environment',
    );
    expect(reasons(await built('bigger', 'mart.fresher'))).toEqual([
      'mart.fresh published: new: prod has not published it',
      'mart.fresher published: new: prod has not published it',
    ]);
    const { models } = await differences('bigger');
    expect(models.find(({ model }: { model: string }) => model === 'mart.fresh')).toMatchObject({
      kind: 'new',
      rows: 3,
    });
  });

  it('is listed, and dropped by one command that asks', async () => {
    const names = JSON.parse(await said(() => list({ ...stateDirectory(), json: true })));
    expect(names).toMatchObject([
      { name: 'bigger', production: 'prod', models: ['mart.fresh', 'mart.fresher', 'mart.sizes', 'mart.totals'] },
      { name: 'named' },
    ]);
    await expect(drop('bigger', stateDirectory())).rejects.toThrow('this would drop the database bigger (4 models');
    expect(await said(() => drop('bigger', { ...stateDirectory(), yes: true }))).toBe('bigger is gone.\n');
    await expect(drop('bigger', { ...stateDirectory(), yes: true })).rejects.toThrow(
      'there is no environment bigger: there are named',
    );
  });

  it('is not dropped under those who are connected to it, unless they are thrown out', async () => {
    const somebody = await production.session('named');
    const options = { ...stateDirectory(), yes: true };
    await expect(drop('named', options)).rejects.toThrow('named is in use');
    expect(await said(() => drop('named', { ...options, force: true }))).toBe('named is gone.\n');
    await somebody.close();
  });

  it('is never production, nor a database that somebody else has made', async () => {
    await production.rows('CREATE DATABASE theirs');
    await production.rows('CREATE TABLE public.mine (id INTEGER)', 'theirs');
    const refused = [
      ['prod', "production's own database"],
      ['dev', 'cannot be dropped'],
      ['feature/Sign-Ups', 'feature_sign_ups would do'],
      ['a"; DROP DATABASE prod', 'an environment is a database'],
      ['theirs', 'Millrace did not build'],
    ] as const;
    for (const [name, reason] of refused) {
      const options = { ...stateDirectory(), env: name };
      await expect(build([], options, production.directory)).rejects.toThrow(reason);
      await expect(drop(name, { ...stateDirectory(), yes: true, force: true })).rejects.toThrow(reason);
    }
    expect(await production.rows('SELECT COUNT(*) FROM mine', 'theirs')).toEqual([['0']]);
  });
});

describe('an environment of a production that has loaded nothing', () => {
  it('has nothing to read, and is not made', async () => {
    const production = await Production.open();
    production.writeModel('mart.all', 'SELECT b._key AS id FROM latest.brackets AS b');
    const options = { stateDirectory: production.stateDirectory, env: 'early' };
    await expect(build([], options, production.directory)).rejects.toThrow('prod has loaded nothing yet');
    expect(await production.rows('SELECT database_name FROM svv_redshift_databases')).toEqual([['prod']]);
    await production.close();
  });
});
