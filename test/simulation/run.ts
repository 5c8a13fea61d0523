/**
 * Plays seeds of the simulation on all cores and says which faults struck where. A failing seed is printed with what does not hold;
 * --seed N plays one again with its timeline, --fault F (as often as wanted) lets nothing else go wrong.
 * --sabotage S (a name, or all) breaks the pipeline on purpose and says after how many seeds that was noticed.
 * --record FILE keeps what was played: the same command goes on from there, and its table is of all that the file holds.
 * Run: npm run simulate -- [--seeds N] [--from N] [--record FILE] [--seed N] [--fault F] [--sabotage S]
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { faultRows } from './fault-rows.ts';
import { type Coverage, everyFault, type Fault } from './faults.ts';
import { noticed, sabotages } from './sabotage.ts';
import { type Played, type PlayedPart, SeedRecord } from './seed-record.ts';
import { SimulationGround } from './simulate.ts';

/** What a process is to play next. */
interface Asked {
  readonly seed: number;
  readonly among: readonly Fault[];
}

/** As it goes from process to process. */
type Told = Omit<Played, 'coverage'> & { readonly coverage: readonly (readonly [string, number])[] };

/** Plays what it is asked for, until nobody asks any more. */
function playAsAsked(): void {
  const ground = new SimulationGround();
  process.on('message', async ({ seed, among }: Asked) => {
    const { violations, coverage } = await ground.simulate(seed, undefined, among);
    process.send?.({ seed, violations, coverage: [...coverage] } satisfies Told);
  });
  process.on('disconnect', () => ground.close());
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

/** What is to be played, and where it is kept. */
interface Playing {
  readonly wanted: { readonly from: number; readonly count: number; readonly among: readonly Fault[] };
  /** Undefined: nothing is kept. */
  readonly recordPath: string | undefined;
}

/** Plays in parts, each on all cores, and keeps what each came to. */
async function playAll({ wanted: { from, count, among }, recordPath }: Playing): Promise<void> {
  const record = recordPath === undefined ? new SeedRecord(from, among) : SeedRecord.open(recordPath, from, among);
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
  if (record.played > 0) console.error(`${record.played} seeds are in ${recordPath}; going on from there`);
  while (record.played < count && !interruption.signal.aborted) {
    const begin = from + record.played;
    const end = Math.min(begin + seedsAPart, from + count);
    const part = await playPart({ from: begin, end, among }, interruption.signal, (played, milliseconds) =>
      console.error(progress(record.played + played, count, record.milliseconds + milliseconds)),
    );
    if (part.reports.length === end - begin || recordPath === undefined) record.add(part);
  }
  console.log(coverageTable(record.coverage));
  console.log(`${progress(record.played, count, record.milliseconds)}; ${record.bad.length} with violations`);
  process.exitCode = record.bad.length > 0 || record.played !== count ? 1 : 0;
}

/** Processes are started anew for each part, which costs one of a thousand seeds a twentieth of its time: not so often that it would be felt. */
const seedsAPart = 4000;
const seedsAWord = 500;

async function playPart(
  { from, end, among }: { readonly from: number; readonly end: number; readonly among: readonly Fault[] },
  interrupted: AbortSignal,
  tell: (played: number, milliseconds: number) => void,
): Promise<PlayedPart> {
  const started = performance.now();
  const reports: Played[] = [];
  const milliseconds = () => performance.now() - started;
  const take = (report: Played) => {
    reports.push(report);
    if (report.violations.length > 0) console.log(`seed ${report.seed}:\n  ${report.violations.join('\n  ')}`);
    if (reports.length % seedsAWord === 0) tell(reports.length, milliseconds());
  };
  const all = Array.from({ length: end - from }, (_, n): Asked => ({ seed: from + n, among }));
  const workers = Math.min(all.length, availableParallelism());
  const next = all.values();
  await Promise.all(Array.from({ length: workers }, () => inProcess(next, take, interrupted)));
  return { reports, milliseconds: milliseconds() };
}

/** DuckDB plans each statement with many small pieces of memory: kept at hand, they are not asked for again. */
const keptMemory = ['tcache_count=2000', 'trim_threshold=1000000000', 'mmap_threshold=1000000000', 'top_pad=67108864'];
/** A process a core: its statements come one after the other, so one thread of its own for them has all that they need at hand. */
const processOptions = {
  env: {
    ...process.env,
    UV_THREADPOOL_SIZE: '1',
    GLIBC_TUNABLES: keptMemory.map((tunable) => `glibc.malloc.${tunable}`).join(':'),
  },
};

/** A process that plays one after the other of what is left, beside others that do. Who interrupts it is told what has been played until then. */
function inProcess(left: Iterator<Asked>, take: (report: Played) => void, interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, processOptions);
    interrupted.addEventListener('abort', () => child.kill('SIGKILL'));
    const askNext = () => {
      if (interrupted.aborted) return;
      const next = left.next();
      if (next.done) child.disconnect();
      else child.send(next.value);
    };
    child.on('message', (told: Told) => {
      take({ ...told, coverage: new Map(told.coverage) });
      askNext();
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 || interrupted.aborted ? resolve() : reject(new Error(`a process ended with ${code}`)),
    );
    askNext();
  });
}

function progress(played: number, count: number, milliseconds: number): string {
  const seconds = milliseconds / 1000;
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
      record: { type: 'string' },
      seed: { type: 'string' },
      fault: { type: 'string', multiple: true },
      sabotage: { type: 'string' },
    },
  });
  const among = values.fault?.map(faultNamed) ?? everyFault;
  if (values.sabotage !== undefined) await playSabotages(values.sabotage, Number(values.seeds));
  else if (values.seed !== undefined) await replay(Number(values.seed), among);
  else {
    const wanted = { from: Number(values.from), count: Number(values.seeds), among };
    await playAll({ wanted, recordPath: values.record });
  }
} else {
  playAsAsked();
}
