import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { AttributeRefusal, writeCanonicalItem, writeItem } from './dynamodb-json.ts';
import type { EnvelopeHead } from './envelope.ts';
import { MillraceError } from './error.ts';
import { admit, type Intake, type Origin, reject } from './intake.ts';
import { idOfRepair, type RepairDecision, type SourceRow } from './repair.ts';
import { instantOf, microsecondsOf, snapshotId, snapshotPosition } from './snapshot-position.ts';

/**
 * A table's export to S3 as DynamoDB writes it.
 * Source: Amazon DynamoDB Developer Guide, "DynamoDB table export output format".
 */

const count = z.number().int().nonnegative();
const instant = z.string().transform((text, context) => {
  try {
    return microsecondsOf(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is no instant in UTC' });
    return z.NEVER;
  }
});

/** `manifest-summary.json`. */
const summary = z.object({
  exportArn: z.string(),
  tableArn: z.string(),
  /** When the exported state was the table's; only a full export has it. */
  exportTime: instant.optional(),
  exportFromTime: instant.optional(),
  exportToTime: instant.optional(),
  s3Prefix: z.string().nullish(),
  manifestFilesS3Key: z.string(),
  itemCount: count,
  outputFormat: z.literal('DYNAMODB_JSON'),
  exportType: z.enum(['FULL_EXPORT', 'INCREMENTAL_EXPORT']).default('FULL_EXPORT'),
});
export type ExportSummary = z.infer<typeof summary>;

/** One line of `manifest-files.json`: one data file. */
const dataFile = z.object({
  itemCount: count,
  /** Base64. */
  md5Checksum: z.string(),
  etag: z.string(),
  dataFileS3Key: z.string(),
});
export type ExportFile = z.infer<typeof dataFile>;

export function readExportSummary(text: string, key: string): ExportSummary {
  return parsed(summary, text, key);
}

export function readExportFiles(text: string, key: string): ExportFile[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line, index) => parsed(dataFile, line, `${key}, line ${index + 1}`));
}

function parsed<T extends z.ZodType>(schema: T, text: string, place: string): z.infer<T> {
  const result = schema.safeParse(jsonOf(text));
  if (result.success) return result.data;
  const reason = z.prettifyError(result.error);
  throw new MillraceError('BAD_EXPORT', `${place} is not as DynamoDB writes it:\n${reason}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The documentation shows keys without the export's prefix, the service writes them with it: both are understood. */
export function exportKey(key: string, prefix: string): string {
  return key.startsWith(`${prefix}/`) ? key : `${prefix}/${key}`;
}

/** Where a line stands. */
export interface ExportLine {
  readonly dataset: string;
  readonly exportId: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly bytes: Uint8Array;
}

const fullLine = z.object({ Item: z.record(z.string(), z.unknown()) });

/** What becomes of a line of a full export: the item as it was at the export's instant. */
export function intakeOfExportedItem(
  place: ExportLine,
  table: { readonly keyNames: readonly string[]; readonly asOfMicroseconds: bigint },
): Intake {
  const { asOfMicroseconds } = table;
  return judged(place, instantOf(asOfMicroseconds), (origin) => {
    const { Item } = lineOf(fullLine, place);
    const key = writeCanonicalItem(keysOf(Item, table.keyNames));
    const position = snapshotPosition(asOfMicroseconds);
    const head: EnvelopeHead = {
      _id: snapshotId({ dataset: place.dataset, key, position }),
      _op: 'snapshot',
      _key: key,
      _position: position,
      _at: instantOf(asOfMicroseconds),
    };
    return admit(head, Buffer.from(writeItem(Item)), origin);
  });
}

function keysOf(item: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  const missing = names.find((name) => item[name] === undefined);
  if (missing !== undefined)
    throw new AttributeRefusal('MALFORMED_RECORD', `has no attribute ${JSON.stringify(missing)}, which is of the key`);
  return Object.fromEntries(names.map((name) => [name, item[name]]));
}

const image = z.record(z.string(), z.unknown());
const incrementalLine = z.object({
  Metadata: z.object({ WriteTimestampMicros: z.object({ N: z.string().regex(/^\d{1,19}$/) }) }),
  Keys: image,
  /** Absent where the item was deleted. */
  NewImage: image.optional(),
  OldImage: image.optional(),
});

/** A line of an incremental export: the last state of one key in the window. */
export interface ExportedChange extends SourceRow {
  readonly place: ExportLine;
  /** What a tombstone keeps: the item before it was deleted, or its key. */
  readonly lastPayload: string;
}

/** Reads a line of an incremental export; what is not one is set aside. */
export function changeOfExportedLine(
  place: ExportLine,
  exportedAt: string,
):
  | { readonly kind: 'change'; readonly change: ExportedChange }
  | { readonly kind: 'rejected'; readonly intake: Intake } {
  try {
    const { Metadata, Keys, NewImage, OldImage } = lineOf(incrementalLine, place);
    const payload = NewImage && writeItem(NewImage);
    const change: ExportedChange = {
      key: writeCanonicalItem(Keys),
      payload,
      lastPayload: payload ?? writeItem(OldImage ?? Keys),
      asOfMicroseconds: BigInt(Metadata.WriteTimestampMicros.N),
      place,
    };
    return { kind: 'change', change };
  } catch (error) {
    if (!(error instanceof AttributeRefusal)) throw error;
    return { kind: 'rejected', intake: reject(originOf(place, exportedAt), error.code, error.message) };
  }
}

/** What becomes of a change that is to be written. */
export function intakeOfChange(decision: RepairDecision<ExportedChange> & { readonly position: string }): Intake {
  const { row, position } = decision;
  const { place } = row;
  const head: EnvelopeHead = {
    _id: idOfRepair(place.dataset, decision),
    _op: row.payload === undefined ? 'delete' : 'snapshot',
    _key: row.key,
    _position: position,
    _at: instantOf(row.asOfMicroseconds),
  };
  return admit(head, Buffer.from(row.lastPayload), originOf(place, head._at));
}

function judged(place: ExportLine, at: string, judge: (origin: Origin) => Intake): Intake {
  const origin = originOf(place, at);
  try {
    return judge(origin);
  } catch (error) {
    if (error instanceof AttributeRefusal) return reject(origin, error.code, error.message);
    throw error;
  }
}

function lineOf<T extends z.ZodType>(schema: T, { bytes }: ExportLine): z.infer<T> {
  if (!isUtf8(bytes)) throw new AttributeRefusal('NOT_UTF8', 'is not UTF-8');
  const result = schema.safeParse(jsonOf(Buffer.from(bytes).toString('utf8')));
  if (result.success) return result.data;
  throw new AttributeRefusal('MALFORMED_RECORD', `is not a line of an export: ${z.prettifyError(result.error)}`);
}

function originOf({ exportId, file, line, bytes }: ExportLine, at: string): Origin {
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  const source = { exportId, file, line: String(line) };
  return { id: `malformed:${digest}`, at, source, received: () => bytes };
}
