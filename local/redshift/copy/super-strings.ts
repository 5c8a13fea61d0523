import { superLimits } from '../type-facts.ts';

/** Whether a SUPER document (as stored) holds a string that is too long. Only documents longer than that need asking. */
export function holdsTooLongString(document: string): boolean {
  return exceeds(JSON.parse(document));
}

function exceeds(value: unknown): boolean {
  if (typeof value === 'string') return Buffer.byteLength(value) > superLimits.stringBytes;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(exceeds);
}
