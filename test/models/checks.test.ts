import type { Check, CompiledModel } from '../../lib/pipeline/models/model.ts';
import { checkName } from '../../lib/pipeline/statements/model/check-name.ts';
import { ModelWorld } from '../factories/model-world.ts';
import { aModel } from '../factories/pipeline.ts';

const output = [
  { name: 'id', type: 'integer' },
  { name: 'email', type: 'character varying(64)' },
  { name: 'status', type: 'character varying(16)' },
  { name: 'seen_at', type: 'timestamp without time zone' },
  { name: 'price', type: 'numeric(10,2)' },
  { name: 'details', type: 'super' },
];

/** Rows of a small mart: id, email, status, seconds since it was seen, price. */
type Row = readonly [id: number | null, email: string | null, status: string | null, secondsAgo: number, price: number];
const good: readonly Row[] = [
  [1, 'ada@example.org', 'planned', 10, 1.5],
  [2, 'bob@example.org', 'with, comma', 20, 2.25],
];

const literal = (value: string | number | null, type: string): string =>
  value === null ? `NULL::${type}` : `${typeof value === 'number' ? value : `'${value}'`}::${type}`;

const selectOf = (rows: readonly Row[]): string =>
  rows
    .map(
      ([id, email, status, ago, price]) =>
        `SELECT ${literal(id, 'INT')} AS id, ${literal(email, 'VARCHAR(64)')} AS email, ${literal(status, 'VARCHAR(16)')} AS status, DATEADD(second, -${ago}, SYSDATE) AS seen_at, ${literal(price, 'DECIMAL(10,2)')} AS price, JSON_PARSE('{"Level":[1,2]}') AS details`,
    )
    .join('\nUNION ALL\n');

function aMart(
  table: string,
  rows: readonly Row[],
  checks: readonly Check[],
  over: Partial<CompiledModel> = {},
): CompiledModel {
  const columns = [{ name: 'email', description: 'How to reach them', personalData: 'personal' as const }];
  const sql = selectOf(rows);
  return aModel({ table, sql, checks: [...checks], columns, output, definition: `${table} as it is`, ...over });
}

const expired = `SELECT m.id, m.email, m.price FROM mart.queried AS m WHERE m.price > 9 AND m.details.Level[0] = 1`;
const atQueried = (sql: string, aliased = true) => {
  const start = sql.indexOf('mart.queried');
  return [{ name: 'mart.queried', start, end: start + 'mart.queried'.length, aliased }];
};

/** Of each kind: a check, and a row that breaks it, beside those that do not. */
const kinds: readonly { check: Check; bad: Row; shown?: object }[] = [
  {
    check: { kind: 'not_null', column: 'id', severity: 'error' },
    bad: [null, 'x', 'planned', 5, 1],
    shown: { id: null, email: '***', status: 'planned', price: 1, details: { Level: [1, 2] } },
  },
  {
    check: { kind: 'unique', columns: ['id', 'status'], severity: 'error' },
    bad: [1, 'x', 'planned', 5, 1],
    shown: { id: 1, status: 'planned', _copies: 2 },
  },
  {
    check: { kind: 'expression', sql: 'price < 100 -- euros', severity: 'error' },
    bad: [3, 'x', 'planned', 5, 100.5],
    shown: { price: 100.5, email: '***' },
  },
  {
    check: { kind: 'accepted_values', column: 'status', values: ['planned', 'with, comma', "it's"], severity: 'error' },
    bad: [3, 'x', 'gone', 5, 1],
    shown: { status: 'gone' },
  },
  {
    check: { kind: 'relationship', column: 'id', table: 'mart.known', field: 'known_id', severity: 'error' },
    bad: [3, 'x', 'planned', 5, 1],
    shown: { id: 3 },
  },
  { check: { kind: 'row_count', minimum: 1, maximum: 2, severity: 'error' }, bad: [3, 'x', 'planned', 5, 1] },
  {
    check: {
      ...{ kind: 'query', name: 'dear', severity: 'error', sql: expired, reads: atQueried(expired) },
      output: [output[0], output[1], output[4]].flatMap((one) => one ?? []),
    },
    bad: [3, 'x', 'planned', 5, 9.5],
    shown: { id: 3, email: '***', price: 9.5 },
  },
];

describe('a check of a model', () => {
  let world: ModelWorld;
  beforeAll(async () => {
    world = await ModelWorld.open();
    await world.rows('CREATE TABLE mart.known AS SELECT 1 AS known_id UNION ALL SELECT 2');
  });
  afterAll(() => world.close());

  it.each(kinds)(
    'of the kind $check.kind lets good rows pass, and keeps bad ones from readers',
    async ({ check, bad, shown }) => {
      const table = check.kind === 'query' ? 'queried' : `of_${check.kind}`;
      expect(await world.refresh(aMart(table, good, [check]))).toMatchObject({
        kind: 'published',
        rows: 2,
        warnings: [],
      });

      const outcome = await world.refresh(aMart(table, [...good, bad], [check]));

      expect(outcome).toMatchObject({ kind: 'checkFailed', failures: [expect.stringContaining(checkName(check))] });
      expect(await world.rows(`SELECT COUNT(*) FROM mart.${table}`)).toEqual([['2']]);
      expect(await world.rows(`SELECT COUNT(*) FROM pg_class WHERE relname = '${table}__next'`)).toEqual([['0']]);
      const kept = await world.rows(
        `SELECT JSON_SERIALIZE(failing_row) FROM ops.check_failures WHERE model = 'mart.${table}' AND check_name = ${JSON.stringify(checkName(check)).replaceAll("'", "''").replaceAll('"', "'")}`,
      );
      expect(kept.map(([row]) => JSON.parse(row ?? ''))).toEqual(shown ? [expect.objectContaining(shown)] : []);
      const [[reason] = []] = await world.rows(
        `SELECT reason FROM ops.model_runs WHERE model = 'mart.${table}' AND outcome = 'check_failed'`,
      );
      expect(reason).toContain(checkName(check));
    },
  );

  it.each(['seen_at', 'seen_at::timestamptz', 'seen_at::date'])(
    'of freshness knows when %s is too old',
    async (expression) => {
      const check: Check = { kind: 'freshness', column: 'newest', maxAgeSeconds: 2 * 86_400, severity: 'error' };
      const of = (ago: number) => {
        const sql = `SELECT id, ${expression} AS newest FROM (${selectOf([[1, 'x', 'y', ago, 1]])}) AS "made"`;
        return aModel({ table: 'fresh', sql, checks: [check], columns: [], definition: `newest is ${expression}` });
      };
      expect(await world.refresh(of(60))).toMatchObject({ kind: 'published' });
      expect(await world.refresh(of(5 * 86_400))).toMatchObject({
        failures: [expect.stringMatching(/^freshness: newest within 2 days \(found \d{4}-\d\d-\d\d/)],
      });
      const nothing = { ...of(60), sql: `${of(60).sql} WHERE id > 1` };
      expect(await world.refresh(nothing)).toMatchObject({ kind: 'checkFailed' });
    },
  );

  it('of severity warn publishes all the same, says so and shows rows, ten at most', async () => {
    const bad = Array.from({ length: 12 }, (_, n): Row => [n + 10, null, 'planned', 1, 1]);
    const check: Check = { kind: 'not_null', column: 'email', severity: 'warn' };
    const outcome = await world.refresh(aMart('warned', [...good, ...bad], [check]));
    expect(outcome).toMatchObject({
      ...{ kind: 'published', rows: 14 },
      warnings: ['not_null: email (12; rows are in ops.check_failures)'],
    });
    expect(await world.rows(`SELECT COUNT(*) FROM ops.check_failures WHERE model = 'mart.warned'`)).toEqual([['10']]);
  });

  it('that asks for a column that is not there fails the model, and is named', async () => {
    const checks: Check[] = [
      { kind: 'not_null', column: 'id', severity: 'error' },
      { kind: 'unique', columns: ['id'], severity: 'error' },
      { kind: 'expression', sql: 'emial IS NOT NULL', severity: 'warn' },
      { kind: 'row_count', minimum: 1, severity: 'error' },
    ];
    const outcome = await world.refresh(aMart('broken', good, checks));
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/^check expression: emial IS NOT NULL: ERROR: .*emial/),
    });
    const measured: Check = { kind: 'anomaly', measure: 'mean', column: 'status', severity: 'warn' };
    expect(await world.refresh(aMart('broken', good, [...checks.slice(0, 2), measured]))).toMatchObject({
      reason: expect.stringMatching(/^check anomaly: mean\(status\): ERROR: /),
    });
  });

  it('is one of very many, and still each batch fits', async () => {
    const values = Array.from({ length: 40 }, (_, n) => `value number ${n} of this long list`);
    const checks = Array.from(
      { length: 300 },
      (_, n): Check => ({
        ...{ kind: 'accepted_values', column: 'status', severity: 'error' },
        values: [`${n}`, 'planned', 'with, comma', ...values],
      }),
    );
    const broken: Check = { kind: 'unique', columns: ['status'], severity: 'error' };
    const outcome = await world.refresh(aMart('many', [...good, [3, 'x', 'planned', 1, 1]], [...checks, broken]));
    expect(outcome).toMatchObject({ failures: [expect.stringContaining('unique: status')] });
    for (const { statements } of world.sent) {
      expect(statements.length).toBeLessThanOrEqual(40);
      expect(JSON.stringify(statements).length).toBeLessThan(120_000);
    }
  });
});
