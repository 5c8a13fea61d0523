import { isUtf8 } from 'node:buffer';
import * as z from 'zod';
import { operations } from './envelope.ts';
import { admit, type Intake, type Origin, reject } from './intake.ts';
import { membersOf } from './json-slice.ts';
import { columnBytes } from './tables.ts';

const fits = (bytes: number) => (text: string) => Buffer.byteLength(text) <= bytes;

const envelopeHead = z.object({
  _id: z.string().min(1).refine(fits(columnBytes._id)),
  _op: z.enum(operations),
  _key: z.string().nullable(),
  _position: z.string().min(1).refine(fits(columnBytes._position)),
  _at: z.iso.datetime({ offset: true }),
});

/**
 * What becomes of a line of the lake that is landed again: it is judged as a new record is, and where it passes it is the same
 * line, byte for byte. Lines come here that the warehouse refused.
 */
export function intakeOfEnvelopeLine(line: Uint8Array, origin: Omit<Origin, 'received'>): Intake {
  const whole: Origin = { ...origin, received: () => line };
  if (!isUtf8(line)) return reject(whole, 'NOT_UTF8', 'is not UTF-8');
  const head = envelopeHead.safeParse(parsed(line));
  if (!head.success) {
    return reject(whole, 'MALFORMED_RECORD', `is not a line of the lake: ${z.prettifyError(head.error)}`);
  }
  const [payload, ...more] = membersOf(line, 'payload');
  if (!payload || more.length > 0) {
    return reject(whole, 'MALFORMED_RECORD', 'is not a line of the lake: it needs a payload, and only one');
  }
  return admit(head.data, payload, whole);
}

/** Only the head is taken from what JSON.parse makes: it is all text. */
function parsed(line: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(line).toString('utf8'));
  } catch {
    return undefined;
  }
}
