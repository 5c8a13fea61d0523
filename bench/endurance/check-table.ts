import { quoteText } from '../../lib/pipeline/names.ts';
import { latestTable, qualifiedName, rawTable, tombstonesTable } from '../../lib/pipeline/tables.ts';
import type { ClientOptions } from '../../local/front-door.ts';
import type { Ends, Rejected } from './ends.ts';
import type { Findings } from './findings.ts';
import { type ChangeInStream, changesOf } from './stream-pages.ts';
import { keyName, partitionKey, prizeOf } from './table-items.ts';
import type { TableProducer } from './table-producer.ts';
import type { Tally } from './tally.ts';

const dataset = 'brackets';
/** DynamoDB's sequence numbers have up to 40 digits; `raw` pads them. */
const positionDigits = 40;
const badCode = 'STRING_TOO_LONG';

/** What is checked against what. */
export interface TableCheck {
  readonly producer: TableProducer;
  readonly ends: Ends;
  readonly findings: Findings;
  readonly options: ClientOptions;
  readonly tableName: string;
}

/** Reads the table's stream from its beginning to its end, asks what became of each change, and then compares every key. */
export async function checkTable(check: TableCheck): Promise<Tally> {
  const { ends, findings } = check;
  const rejected = await ends.quarantined(dataset);
  const changes = new Map<string, number>();
  const tally = { dataset, received: 0, loaded: 0, quarantined: 0 };
  for await (const page of changesOf(check.options, check.tableName, partitionKey)) {
    const loaded = await loadedBetween(ends, page);
    for (const change of page) {
      tally.received += 1;
      tally[checkChange(findings, change, loaded, rejected)] += 1;
      changes.set(change.key, (changes.get(change.key) ?? 0) + 1);
      loaded.delete(change.id);
    }
    for (const id of loaded.keys()) findings.add(`raw.${dataset} has ${id}, which the table's stream does not have`);
  }
  checkChanges(check, changes);
  await checkLatest(check);
  return tally;
}

async function loadedBetween(ends: Ends, page: readonly ChangeInStream[]): Promise<Map<string, string>> {
  const [first = '', last = ''] = [page[0], page.at(-1)].map((change) =>
    quoteText((change?.position ?? '').padStart(positionDigits, '0')),
  );
  const rows = await ends.rows(`SELECT "_id", "_op" || ' ' || COALESCE("payload"."version"::VARCHAR, '')
FROM ${qualifiedName(rawTable(dataset))} WHERE "_position" BETWEEN ${first} AND ${last}`);
  return new Map(rows.map(([id, what]) => [id ?? '', what ?? '']));
}

function checkChange(
  findings: Findings,
  { id, key, image }: ChangeInStream,
  loaded: ReadonlyMap<string, string>,
  rejected: ReadonlyMap<string, Rejected>,
): 'loaded' | 'quarantined' {
  const name = `${dataset} ${key} version ${image?.version?.N ?? '(deleted)'} (${id})`;
  const [row, aside] = [loaded.get(id), rejected.get(id)];
  const isBad = image?.notes !== undefined;
  if (row !== undefined && aside) findings.add(`${name} is loaded and quarantined`);
  else if (row === undefined && !aside) findings.add(`${name} is lost: neither loaded nor quarantined`);
  if (row !== undefined && isBad) findings.add(`${name} is loaded; ${badCode} was to be quarantined`);
  if (aside && (!isBad || aside.code !== badCode)) findings.add(`${name} is quarantined as ${aside.code}`);
  const isRight = image ? row?.replace(/^(insert|update) /, '') === image.version?.N : row?.startsWith('delete ');
  if (row !== undefined && !isRight) findings.add(`${name} was loaded as ${row}`);
  return aside ? 'quarantined' : 'loaded';
}

/** A write is told once; one that was sent again may be told once more. */
function checkChanges({ producer, findings }: TableCheck, told: ReadonlyMap<string, number>): void {
  let more = 0;
  for (const [key, { changes }] of producer.keys.entries()) {
    const count = told.get(keyName(key)) ?? 0;
    if (count < changes) findings.add(`the stream tells ${count} changes of ${keyName(key)}; there were ${changes}`);
    more += Math.max(0, count - changes);
  }
  if (more > producer.repeatedWrites) {
    findings.add(`the stream tells ${more} changes too many; ${producer.repeatedWrites} writes were sent again`);
  }
}

/** `latest` and the tombstones against what the driver knows it wrote last. */
async function checkLatest({ producer, ends, findings }: TableCheck): Promise<void> {
  const columns = ['version', 'status', 'prize'].map((name) => `"payload"."${name}"::VARCHAR`).join(', ');
  const latest = await ends.rows(`SELECT "_key", ${columns} FROM ${qualifiedName(latestTable(dataset))}`);
  const deleted = await ends.rows(`SELECT "_key" FROM ${qualifiedName(tombstonesTable(dataset))}`);
  const rows = new Map(latest.map(([key, ...cells]) => [key ?? '', cells.join(' ')]));
  const tombstones = new Set(deleted.map(([key]) => key));
  findings.expectEqual(`distinct keys of latest.${dataset}`, rows.size, latest.length);
  for (const [key, { version, isThere }] of producer.keys.entries()) {
    const id = JSON.stringify({ [partitionKey]: keyName(key) });
    const expected = isThere ? `${version} v${version} ${prizeOf(version)}` : undefined;
    const row = rows.get(id);
    if (row !== expected)
      findings.add(`latest of ${keyName(key)} is ${row ?? 'nothing'}, expected ${expected ?? 'nothing'}`);
    if (isThere && tombstones.has(id)) findings.add(`${keyName(key)} has a tombstone although it is there`);
    rows.delete(id);
  }
  for (const key of rows.keys()) findings.add(`latest.${dataset} has ${key}, which nobody wrote`);
}
