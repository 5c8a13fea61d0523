import { setTimeout as wait } from 'node:timers/promises';
import type { ConsoleStatus } from '../../local/console/console.ts';
import { checkLogs } from './check-logs.ts';
import { checkTable } from './check-table.ts';
import { Ends } from './ends.ts';
import { Findings } from './findings.ts';
import { Killer } from './killer.ts';
import { LogProducer } from './log-producer.ts';
import type { EnduranceOptions } from './options.ts';
import { Progress } from './progress.ts';
import { type EnduranceReport, reportLines } from './report.ts';
import { Runtime } from './runtime.ts';
import { changesOf, linesOf } from './stream-pages.ts';
import { partitionKey } from './table-items.ts';
import { TableProducer } from './table-producer.ts';
import { checkSums, type Tally } from './tally.ts';

const logs = 'app_logs';
const table = 'brackets';
/** Much longer than a queue keeps a message out of sight whose function was killed, for machines that are busy with other things. */
const stillSecondsAtMost = 900;

/** Events under way at least, however short the run. */
const leastLead = 5_000;

/** Everything of one run. */
interface Stage {
  readonly runtime: Runtime;
  readonly lines: LogProducer;
  readonly writes: TableProducer;
  readonly ends: Ends;
  readonly progress: Progress;
  readonly killer: Killer;
  readonly findings: Findings;
  readonly streamName: string;
  readonly tableName: string;
}

/** Sends, kills, waits until everything has arrived, kills once more, and looks every record up. */
export async function endure(
  options: EnduranceOptions,
  stateDirectory: string,
  tell: (line: string) => void,
): Promise<EnduranceReport> {
  const runtime = await Runtime.open({ ...options, stateDirectory });
  try {
    const stage = prepare(options, runtime, tell);
    await sendAndKill(stage);
    const loadedSeconds = stage.progress.elapsedSeconds;
    await runtime.kill();
    await runtime.start();
    tell('Looking every record up');
    const tallies = await check(stage);
    return await reportLines({ ...stage, options, tallies, loadedSeconds });
  } catch (error) {
    // Where the runtime itself has died, that is the reason of whatever else failed.
    await wait(500);
    runtime.check();
    throw error;
  } finally {
    await runtime.stop();
  }
}

function prepare(options: EnduranceOptions, runtime: Runtime, tell: (line: string) => void): Stage {
  const tableEvents = Math.round(options.events * options.tableShare);
  const lines = new LogProducer({ ...options, count: options.events - tableEvents });
  const writes = new TableProducer({ ...options, count: tableEvents });
  const ends = new Ends(runtime);
  const killer = new Killer(runtime, options);
  const functionKills = () => [...runtime.functionKills.values()].reduce((sum, count) => sum + count, 0);
  const progress = new Progress({
    events: options.events,
    lead: Math.max(leastLead, options.events / 10),
    datasets: [logs, table],
    ends,
    isUp: () => runtime.isUp,
    tell,
    sent: () => lines.sent + writes.sent,
    kills: () =>
      `killed ${killer.kills} × the process, ${functionKills()} × a function; ${Math.round(runtime.peakMegabytes)} MB at most`,
  });
  const { streamName } = runtime.door(logs, 'kinesis');
  const { tableName } = runtime.door(table, 'dynamodb');
  return { runtime, lines, writes, ends, progress, killer, findings: new Findings(), streamName, tableName };
}

async function sendAndKill(stage: Stage): Promise<void> {
  const { runtime, lines, writes, progress, killer, streamName, tableName } = stage;
  const watching = progress.run();
  try {
    const killing = killer.run(() => progress.fraction);
    const pace = () => progress.pace();
    const sending = Promise.all([
      lines.run(runtime.instance, streamName, pace),
      writes.run(runtime.instance, tableName, pace),
    ]);
    await Promise.all([killing, sending.then(() => arrived(stage))]);
  } finally {
    progress.stop();
    await watching;
  }
}

/** Until as many records have arrived as the sources hold, or until nothing moves any more. */
async function arrived({ runtime, progress, killer, streamName, tableName }: Stage): Promise<void> {
  while (progress.stillSeconds < stillSecondsAtMost) {
    runtime.check();
    if (runtime.isUp) progress.expected ??= await countReceived(runtime, streamName, tableName).catch(() => undefined);
    if (progress.expected !== undefined && progress.arrived >= progress.expected) return;
    await wait(200);
  }
  killer.stop();
}

async function countReceived({ instance }: Runtime, streamName: string, tableName: string): Promise<number> {
  let received = 0;
  for await (const page of linesOf(instance, streamName)) received += page.length;
  for await (const page of changesOf(instance, tableName, partitionKey)) received += page.length;
  return received;
}

async function check(stage: Stage): Promise<Tally[]> {
  const { runtime, lines, writes, ends, findings, streamName, tableName } = stage;
  const common = { ends, findings, options: runtime.instance };
  const tallies = [
    await checkLogs({ ...common, producer: lines, streamName }),
    await checkTable({ ...common, producer: writes, tableName }),
  ];
  const { summary } = await settledStatus(runtime);
  for (const tally of tallies) {
    const own = summary.datasets.find(({ dataset }) => dataset === tally.dataset);
    if (own) await checkSums(tally, ends, own, findings);
    else findings.add(`millrace status does not know ${tally.dataset}`);
  }
  return tallies;
}

/**
 * What `millrace status` says once nothing is pending any more. A run that was killed between its loads and the inbox leaves what it
 * loaded in there: the next run finds it loaded and takes it out, which takes a freshness budget.
 */
async function settledStatus(runtime: Runtime): Promise<ConsoleStatus> {
  const deadline = performance.now() + stillSecondsAtMost * 1_000;
  for (;;) {
    const isLate = performance.now() > deadline;
    // On a busy machine it may count for longer than a client waits; what it has counted it need not count again.
    const status = await ownStatus(runtime).catch((error: unknown) => {
      if (isLate) throw error;
      return undefined;
    });
    if (status && (isLate || status.summary.datasets.every(({ pending }) => pending === 0))) return status;
    await wait(1_000);
  }
}

/** What `millrace status` says now. */
async function ownStatus({ instance }: Runtime): Promise<ConsoleStatus> {
  const response = await fetch(`${instance.endpoint}/console/status`);
  if (!response.ok) throw new Error(`the console answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as ConsoleStatus;
}
