import { builtNow, inBranch, planBranch } from '../../lib/pipeline/branch.ts';
import { environmentName } from '../../lib/pipeline/branch-name.ts';
import type { Check } from '../../lib/pipeline/models/model.ts';
import { aModel } from '../factories/pipeline.ts';

const sql = 'SELECT a.id FROM staging.a AS a JOIN mart.b ON b.id = a.id';
const reads = [
  { name: 'staging.a', start: sql.indexOf('staging.a'), end: sql.indexOf('staging.a') + 9, aliased: true },
  { name: 'mart.b', start: sql.indexOf('mart.b'), end: sql.indexOf('mart.b') + 6, aliased: false },
];

describe('a branch', () => {
  const models = [
    aModel({ table: 'a', definition: 'a1' }),
    aModel({ table: 'b', definition: 'b1', dependsOn: ['mart.a'] }),
    aModel({ table: 'c', definition: 'c1' }),
    aModel({ table: 'd', definition: 'd1' }),
  ];

  it('builds what differs from production, and what reads that; nothing else', () => {
    const published = new Map([
      ['mart.a', 'another'],
      ['mart.b', 'another'],
      ['mart.c', 'c1'],
    ]);
    const plan = planBranch({ models, published });
    expect(plan.models.map(({ name }) => name)).toEqual(['mart.a', 'mart.b', 'mart.d']);
    expect([...plan.reasons]).toEqual([
      ['mart.a', { kind: 'changed' }],
      ['mart.b', { kind: 'downstream', of: 'mart.a' }],
      ['mart.d', { kind: 'new' }],
    ]);
  });

  it('builds what it is asked to, with all that reads it', () => {
    const published = new Map(models.map(({ name, definition }) => [name, definition]));
    const plan = planBranch({ models, published, selected: new Set(['mart.a']) });
    expect(plan.models.map(({ name }) => name)).toEqual(['mart.a', 'mart.b']);
  });

  it('reads from production what it has not built', () => {
    const model = aModel({ sql, reads, materialization: 'incremental' });
    const built = inBranch(model, new Set(['staging.a']), 'prod');
    expect(built.sql).toBe('SELECT a.id FROM staging.a AS a JOIN "prod"."mart"."b" AS "b" ON b.id = a.id');
    expect(built.materialization).toBe('table');
  });

  it('lets a check of its own read the same', () => {
    const text = 'SELECT 1 FROM mart.b JOIN staging.a AS x ON true';
    const at = (name: string, aliased: boolean) => ({
      name,
      start: text.indexOf(name),
      end: text.indexOf(name) + name.length,
      aliased,
    });
    const check: Check = {
      kind: 'query',
      name: 'c',
      sql: text,
      reads: [at('mart.b', false), at('staging.a', true)],
      severity: 'error',
    };
    const model = aModel({ name: 'staging.a', sql, reads, checks: [check] });
    const [moved] = inBranch(model, new Set(['staging.a']), 'prod').checks;
    if (moved?.kind !== 'query') throw new Error('it was a query');
    expect(moved.sql).toBe('SELECT 1 FROM "prod"."mart"."b" AS "b" JOIN staging.a AS x ON true');
    expect(moved.reads.map(({ start, end }) => moved.sql.slice(start, end))).toEqual(['staging.a']);
  });

  it('keeps what it has as its own, and leaves out what was excluded, unless it has it', () => {
    const published = new Map(models.map(({ name, definition }) => [name, definition]));
    const there = new Set(['mart.c']);
    expect([...planBranch({ models, published, there }).reasons]).toEqual([['mart.c', { kind: 'there' }]]);
    published.set('mart.a', 'another');
    const excluded = new Set(['mart.a', 'mart.c']);
    const plan = planBranch({ models, published, there, excluded });
    expect(plan.models.map(({ name }) => name)).toEqual(['mart.c']);
    expect(builtNow(plan, { excluded })).toEqual([]);
  });

  it('builds of its plan what was selected, with what that needs and what needs it', () => {
    const chain = [
      aModel({ table: 'a', reads: [] }),
      aModel({ table: 'b', reads: [], dependsOn: ['mart.a'] }),
      aModel({ table: 'c', reads: [], dependsOn: ['mart.b'] }),
      aModel({ table: 'd', reads: [] }),
      aModel({ table: 'e', reads: [], dependsOn: ['mart.c', 'mart.d'] }),
      aModel({ table: 'f', reads: [], dependsOn: ['mart.a'] }),
    ];
    const selected = new Set(['mart.b']);
    const plan = planBranch({ models: chain, published: new Map(), selected });
    expect(plan.models).toHaveLength(6);
    expect(builtNow(plan, { selected }).map(({ table }) => table)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('finds the partners of a relationship where they are', () => {
    const check = (table: string) =>
      ({ kind: 'relationship', column: 'id', table, field: 'id', severity: 'error' }) as const;
    const model = aModel({ checks: [check('mart.players'), check('mart.b'), check('mart.a')] });
    const { checks } = inBranch(model, new Set(['mart.players', 'mart.a']), 'prod');
    expect(checks).toEqual([check('mart.players'), { ...check('mart.b'), database: 'prod' }, check('mart.a')]);
  });

  it('defines a model anew when it reads from elsewhere, and makes a history of a whole table', () => {
    const model = aModel({ sql, reads, materialization: 'history', validFrom: 'since', key: ['id'] });
    const one = inBranch(model, new Set(['staging.a']), 'prod');
    const other = inBranch(model, new Set(['staging.a', 'mart.b']), 'prod');
    expect(one.definition).not.toBe(other.definition);
    expect(one.materialization).toBe('table');
    expect(one.sql).toMatch(/AS "valid_to", .*JOIN "prod"."mart"."b" AS "b" ON b.id = a.id/s);
    expect(one.columns.map(({ name }) => name)).toContain('is_current');
  });
});

describe('the name of an environment', () => {
  it.each([
    ['prod', "production's own database"],
    ['dev', 'of its own, which cannot be dropped'],
    ['Feature/Sign-Ups', 'feature_sign_ups would do'],
    ['42-größe', 'gro_e would do'],
    ['', 'an environment is a database'],
    ['a'.repeat(64), 'at most 62'],
    ['x"; DROP', 'x_drop would do'],
  ])('%s is refused: %s', (name, reason) => {
    expect(() => environmentName(name, 'prod')).toThrow(reason);
  });

  it('is that of a database', () => {
    expect(environmentName('sign_ups_2', 'prod')).toBe('sign_ups_2');
  });
});
