/** Words that end an expression or a source: they are names only between quotes or behind AS. */
export const RESERVED: ReadonlySet<string> = new Set(
  `all and any as asc at between both by case cast collate connect constraint create cross default deferrable desc distinct
  else end escape except exists false fetch for foreign from full grant group having ilike in initially inner intersect into is
  isnull join leading left like limit minus natural not notnull null offset on or order outer pivot primary qualify
  references returning right select similar some start then to top trailing true union unique unpivot using values when where window with
  within over ignore respect set`.split(/\s+/),
);

/** Of these, words that Redshift does not reserve: where a value is awaited they are columns. */
export const NAMES_ALL_THE_SAME: ReadonlySet<string> = new Set(['at', 'start', 'ignore', 'respect', 'escape']);

/** Reserved words that are functions when a parenthesis follows. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(['left', 'right', 'any', 'all', 'some', 'collate']);

/** Words that are calls without parentheses. */
export const BARE_CALLS: ReadonlySet<string> = new Set([
  'current_date',
  'current_time',
  'current_timestamp',
  'current_aws_account',
  'current_namespace',
  'current_user',
  'current_user_id',
  'localtime',
  'localtimestamp',
  'session_user',
  'sysdate',
  'user',
]);
