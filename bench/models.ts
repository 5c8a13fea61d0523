/**
 * How fast a project of 500 models is read, analysed and planned, from cold: the first compilation of a process is the one that
 * people wait for. Fails where the cold CPU time is above a limit, or the ratio to a peer's parse of the same queries (the SDK that
 * is written in Rust), measured in the same run, is.
 * Run: node bench/models.ts [--models N] [--rounds N]
 */
import { parseArgs } from 'node:util';
import { Dialect, init, parse } from '@polyglot-sql/sdk';
import { boxAnalyst } from '../lib/analyst.ts';
import type { DatasetPlan } from '../lib/pipeline/environment.ts';
import { mainLane } from '../lib/pipeline/lane.ts';
import { type CompiledProject, compileProject, type ProjectFiles } from '../lib/pipeline/models/compile.ts';
import { readyModels, scheduledModel, selectModels } from '../lib/pipeline/schedule.ts';
import { parseQueryText } from '../local/redshift/statements/parse.ts';

const { values } = parseArgs({
  options: { models: { type: 'string', default: '500' }, rounds: { type: 'string', default: '5' } },
});
const modelCount = Number(values.models);
const rounds = Number(values.rounds);
/** Headers, graph, types and lineage of all models, in parses of their queries by the peer. */
const largestRatio = 2;

const datasets: readonly DatasetPlan[] = Array.from({ length: 10 }, (_, index) => ({
  name: `dataset_${index}`,
  owner: 'bench',
  freshnessSeconds: 60,
  keyed: true,
}));

const name = (index: number): string => `stage_${index % 7}.model_${index}`;
const columnNames = Array.from({ length: 20 }, (_, index) => `column_${index}`);

/** A chain, diamonds and fans: what a model reads, by its number; the first tenth reads datasets alone. */
function upstreamOf(index: number): number[] {
  if (index < modelCount / 10) return [];
  if (index % 3 === 0) return [index - 1];
  return index % 3 === 1 ? [index - 2, index - 3] : [index % Math.ceil(modelCount / 10), Math.floor(index / 2)];
}

function source(index: number): string {
  const columns = columnNames.slice(0, 18).map((column) => `    b.payload.${column}.value::VARCHAR(64) AS ${column}`);
  return `WITH documents AS (
  SELECT
    b._key AS column_18,
${columns.join(',\n')},
    b.payload
  FROM latest.dataset_${index % datasets.length} AS b
),
matches AS (
  SELECT d.column_18, COUNT(m.endedAt::TIMESTAMPTZ) AS matches, MAX(s.score::INTEGER) AS best
  FROM documents AS d, d.payload.matches AS m, m.sets AS s
  GROUP BY d.column_18
)
SELECT ${columnNames
    .slice(0, 19)
    .map((column) => `d.${column}`)
    .join(', ')}, COALESCE(m.best, m.matches) AS column_19
FROM documents AS d
LEFT JOIN matches AS m ON m.column_18 = d.column_18`;
}

function derived(upstream: readonly number[]): string {
  const [first = 0, second = first] = upstream;
  const columns = columnNames
    .slice(0, 19)
    .map(
      (column, index) =>
        `  CASE WHEN r.rank = ${index} THEN UPPER(l.${column}) ELSE COALESCE(r.${column}, l.${column}) END AS ${column}`,
    );
  return `WITH ranked AS (
  SELECT ${columnNames.join(', ')}, ROW_NUMBER() OVER (PARTITION BY column_18 ORDER BY column_0) AS rank
  FROM ${name(second)}
  WHERE column_1 IS NOT NULL
)
SELECT
${columns.join(',\n')},
  SUM(l.column_19) OVER (PARTITION BY l.column_18) AS column_19
FROM ${name(first)} AS l
LEFT JOIN ranked AS r ON r.column_18 = l.column_18 AND r.rank < 20
WHERE l.column_2 IN (SELECT column_2 FROM ${name(first)} WHERE column_3 <> 'x')`;
}

function modelText(index: number): string {
  const upstream = upstreamOf(index);
  const notes = columnNames.map((column) => `--   ${column} "Spalte": What the column ${column} holds`);
  const checks = '-- checks:\n--   not_null: column_18\n--   expression: column_0 <> column_1\n';
  const header = `-- owner: bench\n-- description: One of many\n-- columns:\n${notes.join('\n')}\n${checks}`;
  return `${header}${upstream.length === 0 ? source(index) : derived(upstream)}\n`;
}

const files: ProjectFiles = {
  models: Array.from({ length: modelCount }, (_, index) => ({
    path: `sql/models/${name(index).replace('.', '/')}.sql`,
    text: modelText(index),
  })),
};

/** Milliseconds of CPU, of this thread and of all: the collector's and the compiler's threads work beside it, and nobody waits for them. */
interface Times {
  readonly cold: number;
  readonly warm: number;
  readonly coldAllThreads: number;
}

const millisecondsOf = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e3;

/** The first time and the best of all: time that passes would measure the machine's other tenants too. */
function time(work: () => unknown): Times {
  const times = Array.from({ length: rounds }, () => {
    const [thread, all] = [process.threadCpuUsage(), process.cpuUsage()];
    work();
    return { thread: millisecondsOf(process.threadCpuUsage(thread)), all: millisecondsOf(process.cpuUsage(all)) };
  });
  const [first] = times;
  const warm = Math.min(...times.map(({ thread }) => thread));
  return { cold: first?.thread ?? 0, warm, coldAllThreads: first?.all ?? 0 };
}

let project: CompiledProject | undefined;
const analysed = time(() => {
  project = compileProject(files, datasets, { analyst: boxAnalyst() });
});
const graph = time(() => compileProject(files, datasets));
const queries = (project?.models ?? []).map(({ sql }) => sql);
const parsed = time(() => queries.map(parseQueryText));
await init();
const peer = time(() => queries.map((query) => parse(query, Dialect.Redshift)));
const models = (project?.models ?? []).map((model) => scheduledModel(model, {}));
const plan = time(() => {
  const { wanted } = selectModels({ models, states: [], changed: new Set(), lane: mainLane });
  return readyModels(models, { waiting: wanted, building: [], published: [], stopped: [] });
});

const kilobytes = files.models.reduce((bytes, { text }) => bytes + text.length, 0) / 1e3;
const report = (what: string, { cold, warm, coldAllThreads }: Times) =>
  console.log(
    `${what.padEnd(34)} cold ${cold.toFixed(0).padStart(6)} ms (${coldAllThreads.toFixed(0)} on all threads), warm ${warm.toFixed(1).padStart(8)} ms, ${(warm / peer.warm).toFixed(2)} of the peer's parse`,
  );
console.log(`${modelCount} models, ${kilobytes.toFixed(0)} KB`);
report('parsing alone (the peer)', peer);
report('parsing alone (the box)', parsed);
report('headers, references, graph', graph);
report('all of it, with types and lineage', analysed);
report('plan: what runs, what is ready', plan);
const limits: readonly (readonly [string, number, number])[] = [
  ['analysed cold, ms of CPU', analysed.cold, 3_000],
  ['plan cold, ms of CPU', plan.cold, 100],
  ["analysed, parses of the peer's", analysed.warm / peer.warm, largestRatio],
];
for (const [what, value, limit] of limits) {
  console.log(`${value <= limit ? 'holds' : 'ABOVE'}: ${what}: ${value.toFixed(1)}, limit ${limit}`);
  if (value > limit) process.exitCode = 1;
}
