/** A string inside SUPER may take 65,535 bytes. */
export const maximumStringBytes = 65_535;

/** Whether a SUPER document (as stored) holds a string that is too long. Only documents longer than that need asking. */
export function holdsTooLongString(document: string): boolean {
  return exceeds(JSON.parse(document));
}

function exceeds(value: unknown): boolean {
  if (typeof value === 'string') return Buffer.byteLength(value) > maximumStringBytes;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(exceeds);
}
