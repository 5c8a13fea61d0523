import { isUtf8 } from 'node:buffer';
import { AttributeRefusal, writeItem } from '../../lib/pipeline/dynamodb-json.ts';
import { bold } from '../summary/bold.ts';
import { shownInstant } from './instants.ts';
import type { HeldRecord } from './quarantine-held.ts';
import { renderTable } from './rows.ts';

/** Records of one dataset that share a reason. */
export interface HeldGroup {
  readonly dataset: string;
  readonly code: string;
  readonly records: number;
  readonly first: string;
  readonly last: string;
}

/** Counts identities: a record that was delivered twice is one record. */
export function groupsOf(held: readonly HeldRecord[]): HeldGroup[] {
  const groups = Map.groupBy(held, ({ dataset, code }) => `${dataset} ${code}`);
  return [...groups.values()]
    .map((records) => {
      const instants = records.map(({ at }) => at).toSorted();
      const { dataset = '', code = '' } = records[0] ?? {};
      const count = new Set(records.map(({ id }) => id)).size;
      return { dataset, code, records: count, first: instants.at(0) ?? '', last: instants.at(-1) ?? '' };
    })
    .toSorted((one, other) => (`${one.dataset} ${one.code}` < `${other.dataset} ${other.code}` ? -1 : 1));
}

export const counted = (count: number, what = 'record'): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** What `list` prints. */
export function groupsText(groups: readonly HeldGroup[]): string {
  if (groups.length === 0) return 'Nothing is in quarantine.';
  const columns = ['dataset', 'code', 'records', 'first', 'last'];
  const rows = groups.map(({ dataset, code, records, first, last }) => [
    dataset,
    code,
    String(records),
    shownInstant(first),
    shownInstant(last),
  ]);
  const total = groups.reduce((sum, { records }) => sum + records, 0);
  return [
    renderTable({ columns, rows }),
    `${counted(total)} in quarantine. Look at them: millrace quarantine show ${groups[0]?.dataset ?? ''}`,
  ].join('\n');
}

const shownRecords = 20;

/** What `show` prints of many. */
export function recordsText(dataset: string, held: readonly HeldRecord[]): string {
  if (held.length === 0) return `Nothing of ${dataset} that fits is in quarantine.`;
  const shown = held.slice(0, shownRecords);
  const lines = shown.map(({ id, code, reason, at }) => `${bold(id)}\n  ${code}  ${shownInstant(at)}  ${reason}`);
  const left = held.length - shown.length;
  return [
    ...lines,
    ...(left > 0 ? [`… and ${left} more: narrow with --code, --from, --to, or take all with --json`] : []),
    `One of them in full: millrace quarantine show ${dataset} <id>`,
  ].join('\n');
}

/** What `show` prints of one. */
export function recordText(record: HeldRecord): string {
  const { dataset, id, code, reason, at, source, received, objectKey } = record;
  const decoded = decodedText(received);
  const asReceived = isUtf8(received) ? Buffer.from(received).toString('utf8') : hexText(received);
  return [
    `${bold(id)} of ${dataset}`,
    `  reason   this record ${reason}`,
    `  code     ${code}`,
    `  at       ${shownInstant(at)}`,
    ...Object.entries(source).map(([name, value], n) => `  ${n === 0 ? 'source ' : '       '}  ${name} ${value}`),
    `  object   ${objectKey}`,
    `${bold('As received')}, ${counted(received.length, 'byte')}${isUtf8(received) ? '' : ', which are not UTF-8'}`,
    indented(asReceived),
    ...(decoded === undefined ? [] : [bold('Decoded'), indented(decoded)]),
  ].join('\n');
}

const indented = (text: string): string => text.replace(/^/gm, '  ');

const shownBytes = 512;

/** `00000000  7b 22 61 …  {"a…`: what bytes that are no text look like. */
function hexText(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, shownBytes); at += 16) {
    const row = Buffer.from(bytes.subarray(at, at + 16));
    const hex = (row.toString('hex').match(/../g) ?? []).join(' ').padEnd(47);
    const text = [...row].map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex}  ${text}`);
  }
  return bytes.length > shownBytes ? [...lines, '…'].join('\n') : lines.join('\n');
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const { parse, stringify, rawJSON } = JSON as unknown as {
  parse: (text: string, reviver: Reviver) => unknown;
  stringify: (value: unknown, replacer: null, spaces: number) => string;
  rawJSON: (text: string) => unknown;
};

/** JSON over several lines, numbers digit by digit; of a change in a table, the item. Undefined where it is no JSON. */
export function decodedText(received: Uint8Array): string | undefined {
  if (!isUtf8(received)) return undefined;
  const text = Buffer.from(received).toString('utf8');
  return pretty(itemOf(text) ?? text);
}

function pretty(text: string): string | undefined {
  const keepDigits: Reviver = (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? rawJSON(source) : value;
  try {
    return stringify(parse(text, keepDigits), null, 2);
  } catch {
    return undefined;
  }
}

/** The item that a record of a table's stream carries, as JSON text. */
function itemOf(text: string): string | undefined {
  try {
    const record = JSON.parse(text) as { dynamodb?: { NewImage?: unknown; OldImage?: unknown; Keys?: unknown } } | null;
    const image = record?.dynamodb?.NewImage ?? record?.dynamodb?.OldImage ?? record?.dynamodb?.Keys;
    return image === undefined ? undefined : writeItem(image);
  } catch (error) {
    if (error instanceof AttributeRefusal || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A record for programs. */
export function recordJson({ received, ...record }: HeldRecord): object {
  const encoding = isUtf8(received) ? 'utf8' : 'base64';
  return { ...record, encoding, received: Buffer.from(received).toString(encoding) };
}
