import * as z from 'zod';
import { jsonLimits } from './json-limits.ts';
import { scanJson } from './json-scan.ts';
import type { QuarantineCode } from './quarantine.ts';
import { columnBytes } from './tables.ts';

/** Why a line of the lake is none that the pipeline would have written. */
export interface LineFault {
  readonly code: QuarantineCode;
  /** For people: completes the sentence "this record …". */
  readonly reason: string;
}

const text = (bytesAtMost: number) =>
  z.string().refine((value) => Buffer.byteLength(value) <= bytesAtMost, `is longer than ${bytesAtMost} bytes`);

/** What the columns hold that a line is loaded into. */
const envelope = z.object({
  _id: text(columnBytes._id),
  _op: z.string(),
  _key: text(columnBytes._key).nullish(),
  _position: text(columnBytes._position),
  _at: z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'is no instant'),
});

/** Looks at a line as the warehouse would; undefined where nothing is wrong that can be told without it. */
export function faultOfLine(line: Uint8Array): LineFault | undefined {
  if (line.length > jsonLimits.lineBytes) {
    const reason = `is a line of ${line.length} bytes; the most is ${jsonLimits.lineBytes}`;
    return { code: 'RECORD_TOO_LARGE', reason };
  }
  const verdict = scanJson(line);
  // The limit is the payload's, which is one level down: here it would be told too early.
  if (verdict.kind === 'refused') return verdict.code === 'TOO_DEEP' ? undefined : verdict;
  return faultOfEnvelope(line);
}

function faultOfEnvelope(line: Uint8Array): LineFault | undefined {
  const checked = envelope.safeParse(parsed(line));
  const issue = checked.error?.issues[0];
  if (!issue) return undefined;
  const column = String(issue.path[0] ?? 'line');
  const code = column === '_key' && issue.code === 'custom' ? 'KEY_TOO_LONG' : 'LOAD_REFUSED';
  return { code, reason: `is no envelope: ${column}: ${issue.message}` };
}

/** What a line says of itself, as far as it can be read: for the books, where it is set aside. */
export function namesOfLine(line: Uint8Array): { readonly id?: string; readonly at?: string } {
  const value = parsed(line);
  const [id, at] = [
    envelope.pick({ _id: true }).safeParse(value).data,
    envelope.pick({ _at: true }).safeParse(value).data,
  ];
  return { ...(id && { id: id._id }), ...(at && { at: at._at }) };
}

function parsed(line: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString());
  } catch {
    return undefined;
  }
}
