import { type EnvelopeHead, envelopeLineBytes } from './envelope.ts';
import { jsonLimits } from './json-limits.ts';
import { scanJson } from './json-scan.ts';
import type { QuarantineCode, RejectedRecord } from './quarantine.ts';
import { columnBytes } from './tables.ts';

/** Where one record of a batch goes: into the lake as a line, or into quarantine with its reason. */
export type Intake =
  | { readonly kind: 'land'; readonly id: string; readonly at: string; readonly line: Uint8Array }
  | { readonly kind: 'reject'; readonly id: string; readonly at: string; readonly rejected: RejectedRecord };

/** What is known of a record before it is judged. */
export interface Origin {
  readonly id: string;
  readonly at: string;
  readonly source: Readonly<Record<string, string>>;
  /** The bytes as received; made only for a record that is set aside. */
  readonly received: () => Uint8Array;
}

/** Judges a record's payload: every source goes through the same limits here. */
export function admit(head: EnvelopeHead, payload: Uint8Array, origin: Omit<Origin, 'id' | 'at'>): Intake {
  const whole: Origin = { id: head._id, at: head._at, ...origin };
  if (head._key !== null && Buffer.byteLength(head._key) > columnBytes._key) {
    return reject(whole, 'KEY_TOO_LONG', `has a key of more than ${columnBytes._key} bytes`);
  }
  const verdict = scanJson(payload);
  if (verdict.kind === 'refused') return reject(whole, verdict.code, verdict.reason);
  const line = envelopeLineBytes(head, verdict.bytes);
  if (line.length > jsonLimits.lineBytes) {
    return reject(
      whole,
      'RECORD_TOO_LARGE',
      `makes a line of ${line.length} bytes; the most is ${jsonLimits.lineBytes}`,
    );
  }
  return { kind: 'land', id: head._id, at: head._at, line };
}

/** Sets a record aside. */
export function reject(origin: Origin, code: QuarantineCode, reason: string): Intake {
  return {
    kind: 'reject',
    id: origin.id,
    at: origin.at,
    rejected: { ...origin, received: origin.received(), code, reason },
  };
}
