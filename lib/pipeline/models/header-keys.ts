/** What can stand in a comment header; the parser, the help and the documentation read it here. */
export interface Documented {
  readonly name: string;
  readonly meaning: string;
  /** As one writes it: the value, or the lines below. */
  readonly example: string;
  readonly isNeeded?: boolean;
}

/** Header of `sql/models/<schema>/<name>.sql`. */
export const headerKeys = [
  { name: 'materialization', meaning: 'What it becomes in the warehouse; a table where left out', example: 'table' },
  { name: 'key', meaning: 'The columns that tell rows apart: unique and never null', example: 'tournament_id' },
  {
    name: 'valid from',
    meaning: 'Of a history: the column that says since when a version holds',
    example: 'changed_at',
  },
  {
    name: 'deleted',
    meaning: 'Of a history: the column that is true where the key was deleted',
    example: 'is_deleted',
  },
  { name: 'owner', meaning: 'The team that is told when it fails', example: 'tournament-team', isNeeded: true },
  { name: 'freshness', meaning: 'How old its rows may be before somebody is told', example: '2 minutes' },
  { name: 'lane', meaning: 'The lane whose runs build it; main where left out', example: 'main' },
  { name: 'label', meaning: 'What people call it, in their own language', example: 'Zertifizierte Turniere' },
  { name: 'description', meaning: 'What one row is', example: 'One row a tournament', isNeeded: true },
  {
    name: 'columns',
    meaning: 'A line a column; type, label and personal data class may be left out',
    example: 'email VARCHAR(256) "E-Mail" (personal): How to reach them',
  },
  { name: 'contract', meaning: 'Its columns and types are frozen: another shape is an error', example: 'enforced' },
  { name: 'sort', meaning: 'The columns its rows are sorted by', example: 'starts_at' },
  {
    name: 'distribution',
    meaning: 'How its rows are spread: auto, even, all or key(column)',
    example: 'key(organizer_id)',
  },
  { name: 'grants', meaning: 'Roles that may read it beyond those of its schema', example: 'analysts, partners' },
  {
    name: 'checks',
    meaning: 'A line a check; those that fail as an error keep the old rows',
    example: 'not_null: status',
  },
] as const satisfies readonly Documented[];

/** Header of `sql/checks/<name>.sql`. */
export const checkFileKeys = [
  {
    name: 'severity',
    meaning: 'error keeps the old rows of what it reads, warn only tells; error where left out',
    example: 'warn',
  },
  { name: 'owner', meaning: 'The team that is told when it fails', example: 'tournament-team', isNeeded: true },
  {
    name: 'description',
    meaning: 'What holds when it returns no row',
    example: 'A match is played by two',
    isNeeded: true,
  },
] as const satisfies readonly Documented[];

/** Header of `sql/functions/<name>.sql`. */
export const functionKeys = [
  { name: 'owner', meaning: 'The team that answers for it', example: 'platform-team', isNeeded: true },
  { name: 'description', meaning: 'What it answers', example: 'The calendar day of an instant', isNeeded: true },
] as const satisfies readonly Documented[];

/** The checks of a model's header. */
export const checkKinds = [
  { name: 'not_null', meaning: 'No row has NULL in any of the columns', example: 'status, starts_at' },
  { name: 'unique', meaning: 'No two rows have the same values in all of the columns', example: 'organizer_id, name' },
  { name: 'expression', meaning: 'The condition is true, or NULL, in every row', example: 'matches_won <= matches' },
  {
    name: 'accepted_values',
    meaning: 'The column holds one of these, or NULL',
    example: "status in planned, running, 'on hold, late'",
  },
  {
    name: 'relationship',
    meaning: 'Every value of the column that is not NULL is in the other table',
    example: 'organizer_id to mart.organizers.organizer_id',
  },
  { name: 'row_count', meaning: 'There are so many rows', example: '1..1000000' },
  {
    name: 'freshness',
    meaning: 'The newest value of the column is not older than this',
    example: 'starts_at within 2 hours',
  },
  { name: 'anomaly', meaning: 'The measure is where its own history lets expect it', example: 'null_share(winner_id)' },
] as const satisfies readonly Documented[];

export const namesOf = (documented: readonly Documented[]): string[] => documented.map(({ name }) => name);
