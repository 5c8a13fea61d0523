import { quoteText } from '../../lib/pipeline/names.ts';
import { qualifiedName, rawTable } from '../../lib/pipeline/tables.ts';
import type { ClientOptions } from '../../local/front-door.ts';
import type { Ends, Rejected } from './ends.ts';
import type { Findings } from './findings.ts';
import { numberOfLine } from './log-lines.ts';
import type { LogProducer } from './log-producer.ts';
import { type LineInStream, linesOf } from './stream-pages.ts';
import type { Tally } from './tally.ts';

const dataset = 'app_logs';

/** What is checked against what. */
export interface LogCheck {
  readonly producer: LogProducer;
  readonly ends: Ends;
  readonly findings: Findings;
  readonly options: ClientOptions;
  readonly streamName: string;
}

/** Reads the stream from its beginning to its end and asks for each record what became of it. */
export async function checkLogs(check: LogCheck): Promise<Tally> {
  const { ends, findings, producer } = check;
  const copies = new Uint16Array(producer.count);
  const rejected = await ends.quarantined(dataset);
  const tally = { dataset, received: 0, loaded: 0, quarantined: 0 };
  for await (const page of linesOf(check.options, check.streamName)) {
    if (page.length === 0) continue;
    const loaded = await loadedBetween(ends, page);
    for (const line of page) {
      tally.received += 1;
      tally[checkLine(check, line, loaded, rejected, copies)] += 1;
      loaded.delete(line.id);
    }
    for (const id of loaded.keys()) findings.add(`raw.${dataset} has ${id}, which the stream does not have`);
  }
  checkCopies(producer, copies, findings);
  return tally;
}

/** What a page of the stream has become in `raw`: payloads by id. */
async function loadedBetween(ends: Ends, page: readonly LineInStream[]): Promise<Map<string, string>> {
  const [first, last] = [page[0], page.at(-1)].map((line) => line?.position ?? '');
  const rows = await ends.rows(`SELECT "_id", JSON_SERIALIZE("payload") FROM ${qualifiedName(rawTable(dataset))}
WHERE "_position" BETWEEN ${quoteText(`${first}.`)} AND ${quoteText(`${last}.99999999`)}`);
  return new Map(rows.map(([id, payload]) => [id ?? '', payload ?? '']));
}

function checkLine(
  { producer, findings }: LogCheck,
  { id, data }: LineInStream,
  loaded: ReadonlyMap<string, string>,
  rejected: ReadonlyMap<string, Rejected>,
  copies: Uint16Array,
): 'loaded' | 'quarantined' {
  const n = numberOfLine(data);
  const sent = n === undefined || n >= producer.count ? undefined : producer.line(n);
  if (n === undefined || !sent?.data.equals(data)) findings.add(`${id} of the stream is nothing that was sent`);
  else copies[n] = (copies[n] ?? 0) + 1;
  const [payload, aside] = [loaded.get(id), rejected.get(id)];
  const name = `${dataset} line ${n} (${id})`;
  if (payload !== undefined && aside) findings.add(`${name} is loaded and quarantined`);
  else if (payload === undefined && !aside) findings.add(`${name} is lost: neither loaded nor quarantined`);
  if (payload !== undefined && sent?.code) findings.add(`${name} is loaded; ${sent.code} was to be quarantined`);
  if (payload !== undefined && !sent?.code && payload !== sent?.data.toString())
    findings.add(`${name} was altered: ${payload}`);
  if (aside && aside.code !== sent?.code)
    findings.add(`${name} is quarantined as ${aside.code}, not ${sent?.code ?? 'loaded'}`);
  if (aside && !sent?.data.equals(aside.record())) findings.add(`${name} is in quarantine with other bytes`);
  return aside ? 'quarantined' : 'loaded';
}

function checkCopies(producer: LogProducer, copies: Uint16Array, findings: Findings): void {
  for (const [n, count] of copies.entries()) {
    const most = producer.mostCopies(n);
    if (count < 1) findings.add(`${dataset} line ${n} was acknowledged and is not in the stream`);
    else if (count > most)
      findings.add(`${dataset} line ${n} is in the stream ${count} times and was sent ${most} times`);
  }
}
