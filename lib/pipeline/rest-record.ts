import { createHash } from 'node:crypto';
import type { RestSource } from './environment.ts';
import { admit, type Intake, type Origin, reject } from './intake.ts';
import { scalarText } from './json-slice.ts';
import { valueAt } from './rest-page.ts';
import { readWatermark, type Watermark } from './watermark.ts';

/** What a record's intake needs to know of the pull that brought it. */
export interface Pull {
  readonly dataset: string;
  readonly source: Pick<RestSource, 'key' | 'watermark'>;
  /** Which pull of the dataset this is: of two versions with one watermark, the one pulled later is the later one. */
  readonly number: number;
  /** Counts the pages of this pull: a page that comes again may have a later version of a record. */
  readonly page: number;
  /** Stands for "when" where the watermark is a counter. ISO-8601 UTC. */
  readonly startedAt: string;
  /** The source's address without what is secret in it. */
  readonly address: string;
}

/** A record of a page, and the watermark it carries. */
export interface PulledRecord {
  readonly intake: Intake;
  readonly watermark: Watermark | undefined;
}

const pullDigits = 12;
const pageDigits = 4;

/**
 * What becomes of one record of a REST source. Its operation is `update`: the row as its watermark says it was written then.
 * (`snapshot` is for copies that do not know when a row was written.) Its identity is what it says, so pulling it again
 * changes nothing.
 */
export function pullRecord(bytes: Uint8Array, pull: Pull): PulledRecord {
  const key = restKey(bytes, pull.source.key);
  const text = fieldText(bytes, pull.source.watermark.field);
  const watermark = text === undefined ? undefined : readWatermark(text);
  const origin: Origin = {
    id: identityOf(pull.dataset, key ?? '', watermark?.text ?? '', bytes),
    at: watermark?.at ?? pull.startedAt,
    source: {
      address: pull.address,
      pull: String(pull.number),
      page: String(pull.page),
      startedAt: pull.startedAt,
      ...(text !== undefined && { watermark: text.slice(0, 100) }),
    },
    received: () => bytes,
  };
  return { watermark, intake: intakeOf(bytes, pull, { key, watermark, origin }) };
}

function intakeOf(
  bytes: Uint8Array,
  pull: Pull,
  { key, watermark, origin }: { key: string | undefined; watermark: Watermark | undefined; origin: Origin },
): Intake {
  if (key === undefined)
    return reject(origin, 'NO_KEY', `lacks a key: it needs ${pull.source.key.join(', ')}, each a string or a number`);
  if (!watermark) {
    return reject(
      origin,
      'NO_WATERMARK',
      `has no watermark: "${pull.source.watermark.field}" must be an ISO-8601 instant or a number`,
    );
  }
  const page = pull.page > 0 ? `.${String(pull.page).padStart(pageDigits, '0')}` : '';
  const position = `${watermark.position}#${String(pull.number).padStart(pullDigits, '0')}${page}`;
  return admit({ _id: origin.id, _op: 'update', _key: key, _position: position, _at: origin.at }, bytes, origin);
}

/** The canonical JSON of the key fields, or undefined where one is missing. */
export function restKey(bytes: Uint8Array, fields: readonly string[]): string | undefined {
  const members: string[] = [];
  for (const field of [...fields].sort()) {
    const value = valueAt(bytes, field)[0];
    const text = value && scalarText(value);
    if (text === undefined) return undefined;
    members.push(`${JSON.stringify(field)}:${value?.[0] === 0x22 ? JSON.stringify(text) : text}`);
  }
  return `{${members.join(',')}}`;
}

function fieldText(bytes: Uint8Array, path: string): string | undefined {
  const value = valueAt(bytes, path)[0];
  return value && scalarText(value);
}

function identityOf(dataset: string, key: string, watermark: string, content: Uint8Array): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([dataset, key, watermark]))
    .update(content);
  return hash.digest('hex').slice(0, 32);
}
