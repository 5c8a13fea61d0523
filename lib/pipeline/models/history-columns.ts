/** What a history has beyond the columns of its query. */
export const historyColumns = {
  /** When the next version began; NULL in the last. */
  validTo: 'valid_to',
  /** Whether it is the last version, of a key that has not been deleted. */
  isCurrent: 'is_current',
} as const;
