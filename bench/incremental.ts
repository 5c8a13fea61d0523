/**
 * Incremental models when their tables grow tenfold and the change stays the same: CPU time and rows scanned, as ratios.
 * Fails where one of them is above the limit. DuckDB reads a row group (122,880 rows) or leaves it out: tables are as many whole
 * ones, so that the last group of the small table is as full as that of the large one.
 * Run: node bench/incremental.ts [--groups N] [--rounds N]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBConnection } from '@duckdb/node-api';
import Table from 'cli-table3';
import type { CompiledModel } from '../lib/pipeline/models/model.ts';
import { BoxWarehouse } from '../test/factories/box-warehouse.ts';
import { MemoryLake } from '../test/factories/memory-lake.ts';
import { aFollowedDataset, aModelOf, type Happening, ModelsWorld } from '../test/factories/models-world.ts';

const { values } = parseArgs({
  options: { groups: { type: 'string', default: '1' }, rounds: { type: 'string', default: '12' } },
});
const rowCount = Number(values.groups) * 122_880;
const rounds = Number(values.rounds);
const largestRatio = 1.2;
const changed = 200;
const text = 'character varying(64)';

/** Row by row over current state, and over events; grouped by day. */
const models: readonly CompiledModel[] = [
  aModelOf(
    `SELECT t.payload.id::VARCHAR(64) AS id, t.payload.status::VARCHAR(64) AS status, t._at AS changed_at
FROM latest.brackets AS t`,
    {
      table: 'tournaments',
      key: ['id'],
      checks: checksOf('id', `status <> ''`),
      output: columns({ id: text, status: text, changed_at: 'timestamp with time zone' }),
    },
  ),
  aModelOf(
    `SELECT l._id AS log_id, l._at AS logged_at, l.payload.level::VARCHAR(64) AS level FROM "raw".app_logs AS l`,
    {
      table: 'lines',
      key: ['log_id'],
      checks: checksOf('log_id', `level <> ''`),
      output: columns({ log_id: text, logged_at: 'timestamp with time zone', level: text }),
    },
  ),
  aModelOf(
    `WITH lines AS (SELECT l._at::DATE AS day, l.payload.level::VARCHAR(64) AS level FROM "raw".app_logs AS l)
SELECT s.day, COUNT(*) AS lines, SUM(CASE WHEN s.level = 'error' THEN 1 ELSE 0 END) AS errors FROM lines AS s GROUP BY s.day`,
    {
      table: 'days',
      key: ['day'],
      checks: checksOf('day', 'errors <= lines'),
      output: columns({ day: 'date', lines: 'bigint', errors: 'bigint' }),
    },
  ),
];

function checksOf(key: string, sql: string): CompiledModel['checks'] {
  return [
    { kind: 'not_null', column: key, severity: 'error' },
    { kind: 'unique', columns: [key], severity: 'error' },
    { kind: 'expression', sql, severity: 'error' },
    { kind: 'row_count', minimum: 1, severity: 'error' },
  ];
}

function columns(types: Readonly<Record<string, string>>): CompiledModel['output'] {
  return Object.entries(types).map(([name, type]) => ({ name, type }));
}

/** Some thousand rows a day, the newest last, as loads of a whole life would have left them. */
async function fill(warehouse: BoxWarehouse, rows: number): Promise<void> {
  const perDay = 20_000;
  const at = `DATEADD(second, (n * 86400 / ${perDay})::INT, '2020-01-01'::TIMESTAMP)::TIMESTAMPTZ`;
  await warehouse.batch([
    'DROP TABLE IF EXISTS public.numbers',
    'CREATE TABLE public.numbers AS SELECT 0::BIGINT AS n',
    ...Array.from(
      { length: Math.ceil(Math.log2(rows)) },
      (_, power) => `INSERT INTO public.numbers SELECT n + ${2 ** power} FROM public.numbers`,
    ),
  ]);
  const payload = `JSON_PARSE('{"id":"' || key || '","status":"planned","level":"' || CASE WHEN MOD(n, 9) = 0 THEN 'error' ELSE 'info' END || '"}')`;
  const numbers = `(SELECT n, LPAD(n::VARCHAR, 12, '0') AS key FROM public.numbers WHERE n < ${rows} ORDER BY n) AS numbers`;
  const load = `'load-' || (n / 10000)::VARCHAR, ${at}`;
  await warehouse.batch([
    `INSERT INTO "raw".app_logs SELECT 'e' || key, 'event', NULL, key, ${at}, ${payload}, ${load} FROM ${numbers}`,
    `INSERT INTO latest.brackets SELECT '{"id":"' || key || '"}', 'b' || key, 'insert', '0' || key, ${at}, ${payload}, ${load} FROM ${numbers}`,
    `INSERT INTO ops.dataset_changes SELECT 'app_logs', 1, 'load-0', ${rows}, FALSE, FALSE, SYSDATE`,
    `INSERT INTO ops.dataset_changes SELECT 'brackets', 1, 'load-0', ${rows}, TRUE, FALSE, SYSDATE`,
    'DROP TABLE public.numbers',
  ]);
}

/** A change at the newest end: the last rows of current state written again, and new events of the last day. */
function change(rows: number, round: number): { brackets: Happening[]; logs: Happening[] } {
  const last = new Date(Date.UTC(2020, 0, 1) + (rows / 20_000) * 86_400_000).toISOString().replace('Z', '000Z');
  const range = Array.from({ length: changed }, (_, n) => n);
  const key = (n: number) => String(rows - 1 - n).padStart(12, '0');
  return {
    brackets: range.map((n) => ({
      _id: `again-${round}-${n}`,
      _op: 'update',
      _key: JSON.stringify({ id: key(n) }),
      _position: `1${String(round).padStart(12, '0')}`,
      _at: last,
      payload: JSON.stringify({ id: key(n), status: `running ${round}` }),
    })),
    logs: range.map((n) => ({
      _id: `f${String(round).padStart(6, '0')}${n}`,
      _op: 'event',
      _key: null,
      _position: '0',
      _at: last,
      payload: '{"level":"error"}',
    })),
  };
}

interface Measured {
  milliseconds: number;
  scanned: number;
}

/** Rows that DuckDB has scanned since it is asked to count; undefined while nobody asks. */
let scanned: number | undefined;
const profile = join(mkdtempSync(join(tmpdir(), 'millrace-bench-')), 'profile.json');
const run = DuckDBConnection.prototype.run;
DuckDBConnection.prototype.run = async function counted(this: DuckDBConnection, ...call: Parameters<typeof run>) {
  if (scanned === undefined) return run.apply(this, call);
  rmSync(profile, { force: true });
  await run.call(this, `SET enable_profiling = 'json'`);
  await run.call(this, `SET profiling_output = '${profile}'`);
  await run.call(
    this,
    `SET custom_profiling_settings = '{"CUMULATIVE_ROWS_SCANNED":"true","OPERATOR_ROWS_SCANNED":"true","OPERATOR_TYPE":"true"}'`,
  );
  const result = await run.apply(this, call);
  const told = existsSync(profile) ? (JSON.parse(readFileSync(profile, 'utf8')) as Record<string, number>) : {};
  const rows = told.cumulative_rows_scanned ?? 0;
  scanned += rows;
  await run.call(this, 'PRAGMA disable_profiling');
  return result;
};

/** A warehouse with all its models built once, to be changed and refreshed round by round. */
class Side {
  readonly found = new Map(
    models.map(({ name }): [string, Measured] => [name, { milliseconds: Number.POSITIVE_INFINITY, scanned: 0 }]),
  );
  readonly #rows: number;
  readonly #warehouse = new BoxWarehouse(new MemoryLake());
  readonly #world = new ModelsWorld(
    this.#warehouse,
    [aFollowedDataset('brackets', true), aFollowedDataset('app_logs', false)],
    models,
  );

  constructor(rows: number) {
    this.#rows = rows;
  }

  async begin(): Promise<void> {
    await this.#world.prepare();
    await this.#world.begin();
    await fill(this.#warehouse, this.#rows);
    for (const { name } of models) await this.#world.refresh(name);
  }

  async play(round: number): Promise<void> {
    const { brackets, logs } = change(this.#rows, round);
    await this.#world.load('brackets', brackets);
    await this.#world.load('app_logs', logs);
    for (const [name, measured] of this.found) await this.#refresh(name, measured, round === rounds);
  }

  /** Rows are counted in a round of their own: counting takes time. */
  async #refresh(name: string, measured: Measured, isCounted: boolean): Promise<void> {
    scanned = isCounted ? 0 : undefined;
    const begun = process.cpuUsage();
    const outcome = await this.#world.refresh(name);
    const { user, system } = process.cpuUsage(begun);
    const { steps } = this.#world;
    if (outcome.kind !== 'published' || !steps.includes('merge'))
      throw new Error(`${name}: ${steps.join(', ')} ${JSON.stringify(outcome)}`);
    if (scanned === undefined) measured.milliseconds = Math.min(measured.milliseconds, (user + system) / 1e3);
    else measured.scanned = scanned;
    scanned = undefined;
  }

  async end(): Promise<void> {
    await this.#warehouse.close();
  }
}

/** The sides take turns: what the machine's other tenants do meanwhile meets both. */
async function measure(sizes: readonly number[]): Promise<Side['found'][]> {
  const sides = sizes.map((rows) => new Side(rows));
  for (const side of sides) await side.begin();
  for (let round = 0; round <= rounds; round += 1) for (const side of sides) await side.play(round);
  for (const side of sides) await side.end();
  return sides.map(({ found }) => found);
}

// What a process does for the first time takes longer: neither of the two that are compared is first.
await measure([1_000]);
const [small, large] = await measure([rowCount, 10 * rowCount]);
const table = new Table({
  head: ['model', 'CPU, small', 'CPU, 10x', 'ratio', 'scanned, small', 'scanned, 10x', 'ratio'],
});
const above: string[] = [];
for (const { name } of models) {
  const [one, ten] = [small?.get(name), large?.get(name)];
  if (!one || !ten) continue;
  const ratio = (a: number, b: number) => (b / a).toFixed(2);
  if (ten.milliseconds / one.milliseconds > largestRatio) above.push(`${name}: CPU`);
  if (ten.scanned / one.scanned > largestRatio) above.push(`${name}: rows scanned`);
  table.push([
    name,
    `${one.milliseconds.toFixed(0)} ms`,
    `${ten.milliseconds.toFixed(0)} ms`,
    ratio(one.milliseconds, ten.milliseconds),
    one.scanned,
    ten.scanned,
    ratio(one.scanned, ten.scanned),
  ]);
}
console.log(`${rowCount} rows, and ${10 * rowCount}; ${changed} of them change`);
console.log(table.toString());
console.log(`above ${largestRatio}: ${above.join(', ') || 'nothing'}`);
if (above.length > 0) process.exitCode = 1;
