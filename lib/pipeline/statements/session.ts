/** Each batch is a session of its own, so each begins with it: `payload.tournamentId` means that key, not `tournamentid`. */
export const caseSensitivePaths = 'SET enable_case_sensitive_super_attribute TO true';
