/**
 * Redshift's reserved words: names only between quotes, behind a dot or behind AS. Its list has `array`, `interval`, `oid` and `timestamp`
 * too, but its own columns go by these, and are asked for without quotes.
 */
export const RESERVED_NAMES: ReadonlySet<string> = new Set(
  `aes128 aes256 all allowoverwrite analyse analyze and any as asc authorization az64 backup between binary blanksasnull both
  bytedict bzip2 case cast check collate column constraint create credentials cross current_date current_time current_timestamp
  current_user current_user_id default deferrable deflate defrag delta delta32k desc disable distinct do else emptyasnull enable
  encode encrypt encryption end except explicit false for foreign freeze from full globaldict256 globaldict64k grant group gzip
  having identity ignore ilike in initially inner intersect into is isnull join language leading left like limit
  localtime localtimestamp lun luns lzo lzop minus mostly16 mostly32 mostly8 natural new not notnull null nulls off offline offset
  old on only open or order outer overlaps parallel partition percent permissions pivot placing primary raw readratio recover
  references rejectlog resort respect restore right select session_user similar snapshot some sysdate system table tag tdes
  text255 text32k then to top trailing true truncatecolumns union unique unnest unpivot user using verbose wallet when
  where with without`.split(/\s+/),
);

/** Words that end an expression or a source: they are no names there but between quotes or behind AS. */
export const RESERVED: ReadonlySet<string> = new Set([
  ...RESERVED_NAMES,
  ...`at by connect escape exists fetch over prior qualify returning set start values within`.split(' '),
]);

/** Of these, words that Redshift does not reserve: where a value is awaited they are columns. */
export const NAMES_ALL_THE_SAME: ReadonlySet<string> = new Set([
  'at',
  'by',
  'escape',
  'fetch',
  'ignore',
  'over',
  'respect',
  'set',
  'start',
  'values',
  'within',
]);

/** Reserved words that are functions when a parenthesis follows. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set([
  'left',
  'right',
  'any',
  'all',
  'some',
  'collate',
  'isnull',
]);

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
