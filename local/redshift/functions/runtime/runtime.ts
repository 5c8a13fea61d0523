/**
 * Functions that DuckDB calls back in JavaScript: for what it has no native form of. Texts in, text out (null is NULL), so that the
 * SQL around them says the types. An error's message may begin with `[SQLSTATE]`.
 */
export interface RuntimeFunction {
  readonly name: string;
  readonly parameters: number | 'any';
  readonly body: (...args: (string | null)[]) => string | null;
  /** The result may differ from call to call. */
  readonly volatile?: boolean;
  /** A short argument may ask for endless work, as some patterns do: it is ended by a time limit. */
  readonly mayTakeForever?: boolean;
}
