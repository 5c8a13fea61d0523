import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { generationOf } from '../../lib/pipeline/state-items.ts';
import { modelRunsTable, modelWriterTable, qualifiedName } from '../../lib/pipeline/tables.ts';
import type { Redshift } from '../../local/redshift/types.ts';
import { datasets } from '../factories/pipeline.ts';
import { aModelFile, compileModels } from '../factories/project.ts';
import { clearFollowing, followingChecks, followingModels, lines } from './following-marts.ts';
import type { SimulatedWarehouse } from './warehouse.ts';
import type { World } from './world.ts';

/** Rounds from here on break the check of `mart.rounds`. */
const roundsBelow = 7;

const files = [
  aModelFile(
    'rounds',
    lines(
      '-- key: tournament_id',
      '-- checks:',
      `--   expression: round < ${roundsBelow}`,
      'SELECT b.payload.tournamentId::VARCHAR(64) AS tournament_id, b.payload.round::DECIMAL(10, 2) AS round',
      'FROM latest.brackets AS b',
    ),
  ),
  aModelFile('round_totals', lines('SELECT COUNT(*) AS brackets, SUM(r.round) AS rounds FROM mart.rounds AS r')),
  aModelFile(
    'late_rounds',
    lines('-- materialization: view', 'SELECT r.tournament_id FROM mart.rounds AS r WHERE r.round >= 2'),
  ),
  aModelFile('slow_rounds', lines('-- lane: slow', 'SELECT r.tournament_id, r.round FROM mart.rounds AS r')),
  aModelFile('slow_totals', lines('SELECT COUNT(*) AS brackets, SUM(s.round) AS rounds FROM mart.slow_rounds AS s')),
];

/** The models of the simulated pipeline: a table, a table and a view behind it, one in a lane of its own, which main reads, and those that follow changes. */
export const simulatedModels: readonly CompiledModel[] = [...compileModels(files, datasets), ...followingModels];

/** Those that follow changes take many statements: a seed in four has them. */
export const modelsOf = (seed: number): readonly CompiledModel[] =>
  hasFollowing(seed) ? simulatedModels : simulatedModels.filter((model) => !followingModels.includes(model));
const hasFollowing = (seed: number): boolean => seed % 4 === 0;

type Row = readonly (string | null)[];

/** What is no number is null in the mart: less than every round, for a check and a filter that it passes or fails. */
const roundOf = (round: string | null | undefined): number => Number(round ?? 0);

function totals(rows: readonly Row[]): string {
  const rounds = rows.map(([, round]) => round).filter((round) => round !== null);
  const sum = rounds.reduce((total, round) => total + roundOf(round), 0);
  return JSON.stringify([[String(rows.length), rounds.length > 0 ? sum.toFixed(2) : null]]);
}

/** What the marts may hold, made from the rows of `mart.rounds`; as text. */
const readings = {
  rounds: (rows: readonly Row[]) => JSON.stringify(rows),
  round_totals: totals,
  slow_rounds: (rows: readonly Row[]) => JSON.stringify(rows),
  slow_totals: totals,
  late_rounds: (rows: readonly Row[]) =>
    JSON.stringify(rows.filter(([, round]) => roundOf(round) >= 2).map(([key]) => [key])),
} as const;
type Mart = keyof typeof readings;
const marts = Object.keys(readings) as Mart[];

const isSound = (rows: readonly Row[]): boolean => rows.every(([, round]) => roundOf(round) < roundsBelow);

/** Steps of a model that write nothing, so that a run that is out of date may take them. */
const onlyReads = /^(check|probe|look|changes)/;
const publishes = new Set(['swap', 'replace', 'remake', 'merge']);

/** Reads the marts as an analyst does, at any moment, and knows what each may hold: what `latest` has held, whole. */
export class MartReaders {
  readonly violations: string[] = [];
  readonly #world: World;
  readonly #redshift: Redshift;
  readonly #warehouse: SimulatedWarehouse;
  /** What had changed in the warehouse when an analyst looked last. */
  #lookedAt = -1;
  readonly #may = new Map<Mart, Set<string>>(marts.map((mart) => [mart, new Set()]));
  readonly #seen = new Set<Mart>();
  readonly #generations = new Map<string, number>();
  readonly #published = new Map<string, number>();

  constructor(world: World, redshift: Redshift, warehouse: SimulatedWarehouse) {
    this.#world = world;
    this.#redshift = redshift;
    this.#warehouse = warehouse;
  }

  /** Puts an analyst's looks on the calendar. */
  async begin(): Promise<void> {
    await this.noteLatest();
    let at = 0;
    for (let count = 0; count < 20; count += 1) {
      at += this.#world.random.between(500, 60_000);
      this.#world.after(at, 'an analyst looks', () => this.#look());
    }
  }

  /** A batch has been committed. */
  async committed(statementName: string): Promise<void> {
    const [execution = '', step = '', subject = ''] = statementName.split(' ');
    const isSwapOfRebuild = step === 'swap' && !subject.includes('.');
    if (step === 'load' || isSwapOfRebuild) return this.noteLatest();
    if (step === 'check') this.#lookSoon();
    const generation = generationOf(execution)?.generation ?? 0;
    if (onlyReads.test(step) || !/^(mart|followed)\./.test(subject)) return;
    if (generation < (this.#generations.get(subject) ?? 0))
      this.violations.push(`${statementName} was committed after generation ${this.#generations.get(subject)}`);
    this.#generations.set(subject, generation);
    if (publishes.has(step)) this.#published.set(subject, (this.#published.get(subject) ?? 0) + 1);
  }

  /** A publish is near: this is when half a mart would be seen. */
  #lookSoon(): void {
    const { random } = this.#world;
    for (let count = 0; count < 8; count += 1)
      this.#world.after(random.between(500, 3_000), 'an analyst looks', () => this.#look());
  }

  /** At the end of all, when nothing has gone wrong for long. */
  async end(): Promise<string[]> {
    await this.#look();
    const latest = await this.#latest();
    const rounds = await this.#rows('SELECT * FROM mart.rounds ORDER BY 1');
    if (isSound(latest)) this.#expect('mart.rounds', rounds, readings.rounds(latest));
    // What is behind a mart that is not published waits for it, also where a run before could not build it.
    for (const mart of isSound(latest) ? marts : []) {
      const rows = await this.#rows(`SELECT * FROM mart.${mart} ORDER BY 1`);
      if (typeof rounds !== 'string') this.#expect(`mart.${mart}`, rows, readings[mart](rounds));
    }
    for (const { name, rows, anew } of hasFollowing(this.#world.seed) ? followingChecks : []) {
      const should = await this.#rows(anew);
      if (typeof should === 'string') throw new Error(should);
      this.#expect(name, await this.#rows(rows), JSON.stringify(should));
    }
    await this.#checkRuns();
    return this.violations;
  }

  #expect(name: string, rows: readonly Row[] | string, should: string): void {
    const is = typeof rows === 'string' ? rows : JSON.stringify(rows);
    if (is !== should) this.violations.push(`${name} at the end: is ${is}, should be ${should}`);
  }

  /** Each run is on the books once, and as published exactly where it was. */
  async #checkRuns(): Promise<void> {
    const runs = await this.#rows(`SELECT "run_id", "model", "outcome" FROM ${qualifiedName(modelRunsTable)}`);
    if (typeof runs === 'string') return void this.violations.push(`ops.model_runs: ${runs}`);
    const ids = runs.map(([id]) => id);
    const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
    if (twice.length > 0) this.violations.push(`runs of models on the books twice: ${twice.join(', ')}`);
    for (const [model, times] of this.#published) {
      const noted = runs.filter(([, name, outcome]) => name === model && outcome === 'published').length;
      if (noted !== times) this.violations.push(`${model} was published ${times} times, ops.model_runs says ${noted}`);
    }
  }

  /** `latest` may be read as it is now. */
  async noteLatest(): Promise<void> {
    const rows = await this.#latest();
    if (isSound(rows)) for (const mart of marts) this.#may.get(mart)?.add(readings[mart](rows));
  }

  async #latest(): Promise<readonly Row[]> {
    const [, ...select] = files[0]?.text.split('\nSELECT') ?? [];
    const rows = await this.#rows(`SELECT${select.join('')} ORDER BY 1`);
    if (typeof rows === 'string') throw new Error(rows);
    return rows;
  }

  /** Where no transaction has ended since the last look, it would see the same. */
  async #look(): Promise<void> {
    if (this.#lookedAt === this.#warehouse.changes) return;
    this.#lookedAt = this.#warehouse.changes;
    const looks = await this.#read(marts.map((mart) => `SELECT * FROM mart.${mart} ORDER BY 1`));
    for (const [index, mart] of marts.entries()) {
      const rows = looks[index] ?? [];
      if (typeof rows === 'string') {
        if (this.#seen.has(mart)) this.violations.push(`a reader of mart.${mart} was told: ${rows}`);
        continue;
      }
      this.#seen.add(mart);
      const text = JSON.stringify(rows);
      if (!this.#may.get(mart)?.has(text)) this.violations.push(`mart.${mart} held what latest never did: ${text}`);
    }
  }

  async #rows(sql: string): Promise<readonly Row[] | string> {
    return (await this.#read([sql]))[0] ?? [];
  }

  /** Of each query, in a transaction of its own, the rows or the error. */
  async #read(queries: readonly string[]): Promise<(readonly Row[] | string)[]> {
    const session = await this.#redshift.session({ database: 'prod', user: 'admin' });
    await session.execute('SET enable_case_sensitive_super_attribute TO true');
    const found: (readonly Row[] | string)[] = [];
    for (const sql of queries) {
      const answer = session.execute(sql).then((results) => results.at(-1)?.rows ?? []);
      found.push(await answer.catch((error) => (error as Error).message));
    }
    await session.close();
    return found;
  }
}

/** Leaves nothing of the models in the database, and their books empty. */
export const clearMarts = (models: readonly CompiledModel[]): string[] => [
  'DROP VIEW IF EXISTS mart.late_rounds',
  'DROP VIEW IF EXISTS mart.late_rounds__next',
  ...['rounds', 'round_totals', 'slow_rounds', 'slow_totals'].flatMap((name) => [
    `DROP TABLE IF EXISTS mart.${name}`,
    `DROP TABLE IF EXISTS mart.${name}__next`,
  ]),
  ...models.map((model) => `DELETE FROM ${qualifiedName(modelWriterTable(model))}`),
  ...clearFollowing,
];
