import { type LoadBatch, loadStatements } from '../../lib/pipeline/statements/load.ts';
import { buildStatements } from '../../lib/pipeline/statements/model/build.ts';
import { auditedAside, checkSteps } from '../../lib/pipeline/statements/model/check.ts';
import { checkName } from '../../lib/pipeline/statements/model/check-name.ts';
import { describeBatches } from '../../lib/pipeline/statements/model/describe.ts';
import {
  discardStatements,
  replaceStatements,
  showStatements,
  swapStatements,
  tidyStatements,
  viewItself,
} from '../../lib/pipeline/statements/model/publish.ts';
import { sampleStatements } from '../../lib/pipeline/statements/model/sample.ts';
import { preparationHash, prepareBatches } from '../../lib/pipeline/statements/prepare.ts';
import { aModel, datasets } from '../factories/pipeline.ts';

const load: LoadBatch = {
  loadId: 'main-17-brackets-00c0ffee00c0ffee',
  dataset: 'brackets',
  keyed: true,
  lane: 'main',
  generation: 17,
  execution: 'main-17',
  bucket: 'lake',
  manifestKey: 'manifests/brackets/main-17-brackets-00c0ffee00c0ffee.json',
  objectCount: 2,
  codec: 'zstd',
  copyRoleArn: 'arn:aws:iam::000000000000:role/copy',
};
const readers = { analysts: { schemas: ['mart'] } };
const run = {
  runId: 'main-17:mart.players',
  execution: 'main-17',
  holder: { lane: 'main', generation: 17 },
  outcome: 'published' as const,
  rows: 5,
  checks: [{ name: 'unique: id', severity: 'error' as const, failures: 0 }],
};

/** A batch as one reads it. */
const text = (statements: readonly string[]) => `\n${statements.join(';\n\n')};\n`;

describe('statements', () => {
  it('load a keyed dataset', () => {
    expect(text(loadStatements(load))).toMatchSnapshot();
  });

  it('load a dataset without keys: no latest', () => {
    expect(text(loadStatements({ ...load, dataset: 'app_logs', keyed: false, codec: 'gzip' }))).toMatchSnapshot();
  });

  it('prepare a database', () => {
    expect(
      prepareBatches({ datasets, readers, models: [aModel()], functions: [] })
        .map(text)
        .join(''),
    ).toMatchSnapshot();
  });

  it('build, check and publish a model', () => {
    const model = aModel();
    const batches = [
      buildStatements(model, run.holder),
      ...checkSteps(model, auditedAside(model)).map(({ statements }) => statements),
      ...describeBatches(model, run.holder),
      swapStatements(model, run, readers, 'table'),
      tidyStatements(model, run.holder, 'table'),
      replaceStatements(model, run),
      discardStatements(model, { ...run, outcome: 'check_failed', reason: "it's\\wrong" }),
    ];
    expect(batches.map(text).join('\n-- ===== the next batch\n')).toMatchSnapshot();
  });

  it('ask every kind of check, of new rows what is enough for them', () => {
    const audited = { rows: '"mart"."players__next"', whole: '(SELECT 1 AS the_whole)' };
    const sql = 'SELECT p.id FROM mart.players AS p, mart.players WHERE FALSE';
    const reads = [17, 36].map((start, n) => ({ name: 'mart.players', start, end: start + 12, aliased: n === 0 }));
    const model = aModel({
      materialization: 'incremental',
      columns: [{ name: 'email', description: 'x', personalData: 'sensitive' }],
      output: [
        { name: 'id', type: 'character varying(64)' },
        { name: 'email', type: 'super' },
        { name: 'born', type: 'date' },
      ],
      checks: [
        { kind: 'not_null', column: 'id', severity: 'error' },
        { kind: 'unique', columns: ['id', 'born'], severity: 'error' },
        { kind: 'unique', columns: ['born'], severity: 'warn' },
        { kind: 'expression', sql: 'players.born > 0', severity: 'error' },
        { kind: 'accepted_values', column: 'id', values: ['a', "b'c"], severity: 'error' },
        { kind: 'relationship', column: 'id', table: 'mart.countries', field: 'code', severity: 'error' },
        { kind: 'row_count', minimum: 1, severity: 'error' },
        { kind: 'freshness', column: 'born', maxAgeSeconds: 7200, severity: 'error' },
        { kind: 'anomaly', measure: 'null_share', column: 'born', severity: 'warn' },
        { kind: 'anomaly', measure: 'row_count', severity: 'warn' },
        { kind: 'query', name: 'nobody', sql, reads, severity: 'error' },
      ],
    });
    const checks = [
      { name: 'not_null: id', severity: 'error' as const, failures: 3 },
      { name: 'unique: born', severity: 'warn' as const, failures: 1 },
      { name: 'row_count: >= 1', severity: 'error' as const, failures: 1 },
    ];
    const batches = [
      ...checkSteps(model, audited).map(({ statements }) => statements),
      sampleStatements(model, audited, { ...run, checks }),
    ];
    expect(batches.map(text).join('\n-- ===== the next batch\n')).toMatchSnapshot();
  });

  it('note what fits the columns of the ledger, however long a check is', () => {
    const name = checkName({ kind: 'expression', sql: 'ü'.repeat(2000), severity: 'error' });
    expect(name).toMatch(/^expression: ü+$/);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(1024);
  });

  it('publish a view in the place of a table', () => {
    const model = aModel({ materialization: 'view' });
    const shown = showStatements(model, run, readers, { view: viewItself(model), standing: 'table', anew: false });
    expect(text(shown)).toMatchSnapshot();
  });

  it('fit the batches of the Data API, however much there is', () => {
    const many = Array.from(
      { length: 60 },
      (_, n) => ({ ...datasets[0], name: `dataset_${n}` }) as (typeof datasets)[number],
    );
    const columns = Array.from({ length: 150 }, (_, n) => ({ name: `column_${n}`, description: 'x' }));

    const batches = [
      ...prepareBatches({ datasets: many, readers, models: [], functions: [] }),
      ...describeBatches(aModel({ columns }), run.holder),
    ];

    expect(Math.max(...batches.map((batch) => batch.length))).toBeLessThanOrEqual(40);
    expect(loadStatements(load).length).toBeLessThanOrEqual(40);
  });

  it('change the hash of the preparation when, and only when, they change', () => {
    const preparation = { datasets, readers, models: [aModel()], functions: [] };
    expect(preparationHash({ ...preparation })).toBe(preparationHash(preparation));
    expect(preparationHash({ ...preparation, readers: {} })).not.toBe(preparationHash(preparation));
  });

  it('quote what comes from outside', () => {
    const [, , , copy = ''] = loadStatements({ ...load, bucket: "la'ke\\" });
    expect(copy).toContain("'s3://la''ke\\\\/manifests/");
    expect(() => loadStatements({ ...load, dataset: 'x"; DROP TABLE y' })).toThrow('not a name Redshift takes');
  });
});
