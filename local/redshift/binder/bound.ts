import type { RedshiftType } from '../types.ts';

/** A type, or that of a quoted literal, a NULL or a parameter, which its surroundings decide. */
export type StaticType =
  | RedshiftType
  | {
      readonly kind: 'unknown';
      readonly length?: undefined;
      readonly precision?: undefined;
      readonly scale?: undefined;
    };

/** An expression that is bound: typed DuckDB SQL, and what its surroundings must know of it. */
export interface Bound {
  readonly sql: string;
  readonly type: StaticType;
  /** The literal's text, or null for NULL, when the expression is an untyped literal. */
  readonly literal?: string | null;
  /** The first column of this query's own sources that stands outside of every aggregate. */
  readonly free?: string;
  readonly aggregate: boolean;
  readonly window: boolean;
  /** What the result column is called when no alias says it. */
  readonly name?: string;
  /** Text that compares without regard to case (COLLATE CASE_INSENSITIVE). */
  readonly caseInsensitive?: boolean;
  /** Text that is known to end without blanks, so that comparing needs no trimming. */
  readonly trimmed?: boolean;
  /** For a path into SUPER: the document's SQL and the path so far, so that steps are taken in one call. */
  readonly path?: { readonly base: string; readonly steps: string };
  /** The columns of the SUPER column or of the row that this is part of (MERGE refuses parts). */
  readonly partial?: boolean;
  /** For a TIMETZ constant: the days between its own day and UTC's. */
  readonly daysOff?: number;
  /** For a TIMETZ constant: the time as it is written, and how far its zone lies east of UTC. */
  readonly written?: { readonly sql: string; readonly zoneMinutes: number };
  /** What the query groups by where this is shown: GROUPING asks for it. */
  readonly groupKey?: string;
  /** The two sides of a plain comparison, so that IN can put a query at the right one. */
  readonly sides?: { readonly left: string; readonly right: string };
  /** Hears which type a parameter took. */
  readonly note?: (type: RedshiftType) => void;
}

const isTextual = (type: StaticType): boolean => type.kind === 'varchar' || type.kind === 'char';

/** Puts an expression together from parts, handing on what the parts say about grouping and about case. */
export function combine(
  sql: string,
  type: StaticType,
  parts: readonly (Bound | undefined)[],
  extra: Partial<Bound> = {},
): Bound {
  let free: string | undefined;
  let aggregate = false;
  let window = false;
  let caseInsensitive: boolean | undefined;
  for (const part of parts) {
    if (!part) continue;
    free ??= part.free;
    aggregate ||= part.aggregate;
    window ||= part.window;
    if (isTextual(type) && isTextual(part.type)) caseInsensitive ||= part.caseInsensitive ?? caseInsensitive;
  }
  return { sql, type, free, aggregate, window, caseInsensitive, ...extra };
}

export const constant = (sql: string, type: StaticType, extra: Partial<Bound> = {}): Bound => ({
  sql,
  type,
  aggregate: false,
  window: false,
  ...extra,
});
