import { loadsTable, qualifiedName } from '../../lib/pipeline/tables.ts';
import type { Ends } from './ends.ts';
import type { Findings } from './findings.ts';
import type { Killer } from './killer.ts';
import type { LogProducer } from './log-producer.ts';
import type { EnduranceOptions } from './options.ts';
import type { Progress } from './progress.ts';
import type { Runtime } from './runtime.ts';
import type { TableProducer } from './table-producer.ts';
import type { Tally } from './tally.ts';

export interface EnduranceReport {
  readonly agrees: boolean;
  readonly lines: readonly string[];
}

export interface ReportSources {
  readonly options: EnduranceOptions;
  readonly runtime: Runtime;
  readonly lines: LogProducer;
  readonly writes: TableProducer;
  readonly ends: Ends;
  readonly killer: Killer;
  readonly progress: Progress;
  readonly findings: Findings;
  readonly tallies: readonly Tally[];
  readonly loadedSeconds: number;
}

const count = (value: number): string => value.toLocaleString('en-US');

/** What came of the run. */
export async function reportLines(sources: ReportSources): Promise<EnduranceReport> {
  const { findings, tallies } = sources;
  const perDataset = await Promise.all(tallies.map((tally) => tallyLine(tally, sources.ends)));
  const agrees = findings.count === 0;
  const verdict = agrees ? 'Everything agrees, to the record.' : `${count(findings.count)} things do not agree:`;
  return {
    agrees,
    lines: [...perDataset, ...runLines(sources), verdict, ...findings.lines.map((line) => `  ${line}`)],
  };
}

async function tallyLine({ dataset, received, loaded, quarantined }: Tally, ends: Ends): Promise<string> {
  const sums = `SELECT SUM("rows_duplicate"), COUNT(*) FROM ${qualifiedName(loadsTable)} WHERE "dataset" = '${dataset}'`;
  const [row] = await ends.rows(sums);
  const more = `${count(Number(row?.[0] ?? 0))} redelivered, ${count(Number(row?.[1] ?? 0))} loads`;
  return `${dataset}: received ${count(received)} = loaded ${count(loaded)} + quarantined ${count(quarantined)} + pending 0 (${more})`;
}

function runLines({ options, runtime, lines, writes, killer, loadedSeconds }: ReportSources): string[] {
  const { events, seed } = options;
  const sent = lines.sent + writes.sent;
  const byKind = [...runtime.functionKills].toSorted().map(([what, times]) => `${what} ${times}`);
  const starts = runtime.startSeconds.toSorted((a, b) => a - b);
  const median = starts[Math.floor(starts.length / 2)] ?? 0;
  return [
    `Sent ${count(sent)} of ${count(events)} events (seed ${seed}): ${count(lines.sent)} log lines, ${count(writes.sent)} table writes; ${count(lines.unansweredCalls)} PutRecords and ${count(writes.repeatedWrites)} writes had no answer and were sent again`,
    `All arrived after ${loadedSeconds.toFixed(0)} s: ${count(Math.round(sent / loadedSeconds))} events/s; at most ${count(Math.round(runtime.peakMegabytes))} MB`,
    `The process was killed ${killer.kills + 1} times (the last time after all had arrived); a start took ${median.toFixed(1)} s in the median and ${(starts.at(-1) ?? 0).toFixed(1)} s at most`,
    `Functions killed: ${byKind.join(', ') || 'none'}`,
  ];
}
