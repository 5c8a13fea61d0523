/**
 * Plays seeds of the simulation on all cores and says which faults struck where. A failing seed is printed with what does not hold;
 * --seed N plays one again with its timeline, --fault F (as often as wanted) lets nothing else go wrong.
 * --sabotage S (a name, or all) breaks the pipeline on purpose and says after how many seeds that was noticed.
 * Run: npm run simulate -- [--seeds N] [--from N] [--seed N] [--fault F] [--sabotage S]
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { faultRows } from './fault-rows.ts';
import { type Coverage, everyFault, type Fault } from './faults.ts';
import { noticed, sabotages } from './sabotage.ts';
import { type Report, SimulationGround } from './simulate.ts';

/** Seeds of one process: from, from + step, … below the end. */
interface Share {
  readonly from: number;
  readonly step: number;
  readonly end: number;
  readonly among: readonly Fault[];
}

type Played = Pick<Report, 'seed' | 'violations' | 'coverage'>;
/** As it goes from process to process. */
type Told = Omit<Played, 'coverage'> & { readonly coverage: readonly (readonly [string, number])[] };

async function play({ from, step, end, among }: Share): Promise<void> {
  const ground = new SimulationGround();
  for (let seed = from; seed < end; seed += step) {
    const { violations, coverage } = await ground.simulate(seed, undefined, among);
    process.send?.({ seed, violations, coverage: [...coverage] } satisfies Told);
  }
  await ground.close();
  process.disconnect();
}

async function replay(seed: number, among: readonly Fault[]): Promise<void> {
  const ground = new SimulationGround();
  const { timeline, violations } = await ground.simulate(seed, undefined, among);
  for (const { atMilliseconds, what } of timeline) {
    console.log(`${(atMilliseconds / 1000).toFixed(3).padStart(12)} s  ${what}`);
  }
  for (const violation of violations) console.log(`\nVIOLATION ${violation}`);
  if (violations.length === 0) console.log('\nEverything holds.');
  process.exitCode = violations.length > 0 ? 1 : 0;
  await ground.close();
}

async function playAll(from: number, count: number, among: readonly Fault[]): Promise<void> {
  const started = performance.now();
  const coverage: Coverage = new Map();
  const bad: Played[] = [];
  let played = 0;
  const workers = Math.min(count, availableParallelism());
  const take = (report: Played) => {
    played += 1;
    for (const [key, times] of report.coverage) coverage.set(key, (coverage.get(key) ?? 0) + times);
    if (report.violations.length > 0) {
      bad.push(report);
      console.log(`seed ${report.seed}:\n  ${report.violations.join('\n  ')}`);
    }
    if (played % 500 === 0) console.error(progress(played, count, started));
  };
  const share = (n: number): Share => ({ from: from + n, step: workers, end: from + count, among });
  const shares = Array.from({ length: workers }, (_, n) => share(n));
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
  await Promise.all(shares.map((share) => inProcess(share, take, interruption.signal)));
  console.log(coverageTable(coverage));
  console.log(`${progress(played, count, started)}; ${bad.length} with violations`);
  process.exitCode = bad.length > 0 || played !== count ? 1 : 0;
}

/** DuckDB plans each statement with many small pieces of memory: kept at hand, they are not asked for again. */
const keptMemory = ['tcache_count=2000', 'trim_threshold=1000000000', 'mmap_threshold=1000000000', 'top_pad=67108864'];
const processOptions = {
  env: {
    ...process.env,
    UV_THREADPOOL_SIZE: '1',
    GLIBC_TUNABLES: keptMemory.map((tunable) => `glibc.malloc.${tunable}`).join(':'),
  },
};

/** A process a core: its statements come one after the other, so one thread of its own for them has all that they need at hand. */
/** Who interrupts it is told what has been played until then. */
function inProcess(share: Share, take: (report: Played) => void, interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, processOptions);
    interrupted.addEventListener('abort', () => child.kill('SIGKILL'));
    child.on('message', (told: Told) => take({ ...told, coverage: new Map(told.coverage) }));
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 || interrupted.aborted ? resolve() : reject(new Error(`a process ended with ${code}`)),
    );
    child.send(share);
  });
}

function progress(played: number, count: number, started: number): string {
  const seconds = (performance.now() - started) / 1000;
  return `${played} of ${count} seeds in ${seconds.toFixed(0)} s, ${(played / seconds).toFixed(1)} a second`;
}

/** Breaks the pipeline in one way after the other, until somebody notices. */
async function playSabotages(name: string, seedsAtMost: number): Promise<void> {
  const chosen = Object.entries(sabotages).filter(([one]) => name === 'all' || name === one);
  if (chosen.length === 0)
    throw new Error(`there is no sabotage ${name}; there are ${Object.keys(sabotages).join(', ')}`);
  const ground = new SimulationGround();
  for (const [what, sabotage] of chosen) {
    const found = await noticed(ground, sabotage, seedsAtMost);
    const after = found
      ? `noticed after ${found.seeds}: ${found.violation.slice(0, 120)}`
      : `NOT NOTICED in ${seedsAtMost} seeds`;
    console.log(`${what.padEnd(52)} ${after}`);
    if (!found) process.exitCode = 1;
  }
  await ground.close();
}

/** Faults down, places beside them with how often. */
function coverageTable(coverage: Coverage): string {
  const table = new Table({ head: ['fault', 'rows', 'struck', 'where'], colWidths: [18, 12, 9, 110], wordWrap: true });
  const rows = [...coverage].map(([key, times]) => ({ ...splitKey(key), times }));
  for (const [fault, places] of [...Map.groupBy(rows, (row) => row.fault)].toSorted()) {
    const where = places
      .toSorted((one, other) => other.times - one.times)
      .map(({ place, times }) => `${place} ${times}`);
    table.push([
      fault,
      faultRows[fault as Fault].join(', '),
      places.reduce((sum, { times }) => sum + times, 0),
      where.join(', '),
    ]);
  }
  return table.toString();
}

function splitKey(key: string): { fault: string; place: string } {
  const [fault = '', ...place] = key.split(' at ');
  return { fault, place: place.join(' at ') };
}

/** A fault's name, or an error that lists them. */
function faultNamed(name: string): Fault {
  const fault = everyFault.find((one) => one === name);
  if (!fault) throw new Error(`there is no fault ${name}; there are ${everyFault.join(', ')}`);
  return fault;
}

if (process.send === undefined) {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '500' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      fault: { type: 'string', multiple: true },
      sabotage: { type: 'string' },
    },
  });
  const among = values.fault?.map(faultNamed) ?? everyFault;
  if (values.sabotage !== undefined) await playSabotages(values.sabotage, Number(values.seeds));
  else if (values.seed !== undefined) await replay(Number(values.seed), among);
  else await playAll(Number(values.from), Number(values.seeds), among);
} else {
  process.once('message', (share: Share) => play(share));
}
