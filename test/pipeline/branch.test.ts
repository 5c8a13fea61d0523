import { inBranch, planBranch } from '../../lib/pipeline/branch.ts';
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
});
