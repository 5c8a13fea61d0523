const caseSensitiveAttributes = 'enable_case_sensitive_super_attribute';

/** What our sessions set: `payload.tournamentId` means that key, not `tournamentid`. */
export const sessionSettings = { [caseSensitiveAttributes]: 'true' };

/** Each batch is a session of its own, so each begins with it. */
export const caseSensitivePaths = `SET ${caseSensitiveAttributes} TO true`;

/** Data API: a batch has at most 40 statements. */
const batchLimit = 40;

/** Cuts statements that need not be one transaction into batches the Data API takes, each with the same beginning. */
export function inBatches(statements: readonly string[], beginning: readonly string[] = []): string[][] {
  const room = batchLimit - beginning.length;
  return Array.from({ length: Math.ceil(statements.length / room) }, (_, batch) => [
    ...beginning,
    ...statements.slice(batch * room, (batch + 1) * room),
  ]);
}
