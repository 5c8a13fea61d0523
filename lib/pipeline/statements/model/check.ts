import { MillraceError } from '../../error.ts';
import type { Check, CompiledModel } from '../../models/model.ts';
import { quoteIdentifier, quoteText } from '../../names.ts';
import { modelRunsTable, qualifiedName } from '../../tables.ts';
import { caseSensitivePaths } from '../session.ts';
import { asideOf } from './place.ts';

/** The statements, counted from 1, of a check batch that answer: the rows found, then the definition last published. */
export const checkResultIndexes = [2, 3] as const;

/** What is checked, in the text of SQL: a quoted name, or a SELECT in parentheses. It must hold columns of these names only. */
export interface Audited {
  /** The rows that a publish adds: what holds of each row by itself is asked of these alone. */
  readonly rows: string;
  /** The model as readers will see it. */
  readonly whole: string;
}

/** A model that is built whole: all of its rows are new. */
export function auditedAside(model: CompiledModel): Audited {
  const aside = qualifiedName(asideOf(model));
  return { rows: aside, whole: aside };
}

/** Counts what is wrong with the model built aside, one row a check, and asks what definition was published last. */
export function checkStatements(model: CompiledModel, { whole: aside }: Audited): string[] {
  const counts = [
    `SELECT 'row_count' AS "check_name", 'info' AS "severity", COUNT(*) AS "failures" FROM ${aside}`,
    ...model.checks.map((check) => checkSelect(check, aside)),
  ];
  const published = `SELECT "definition"
FROM ${qualifiedName(modelRunsTable)}
WHERE "model" = ${quoteText(model.name)} AND "outcome" = 'published'
ORDER BY "finished_at" DESC
LIMIT 1`;
  return [caseSensitivePaths, counts.join('\nUNION ALL\n'), published];
}

/** How a check is called in results and messages. */
export function checkName(check: Check): string {
  if (check.kind === 'expression') return `expression: ${check.sql}`;
  if (check.kind === 'unique') return `unique: ${check.columns.join(', ')}`;
  return check.kind === 'not_null' ? `not_null: ${check.column}` : check.kind;
}

function checkSelect(check: Check, aside: string): string {
  return `SELECT ${quoteText(checkName(check))}, ${quoteText(check.severity)}, COUNT(*) FROM ${failing(check, aside)}`;
}

function failing(check: Check, aside: string): string {
  switch (check.kind) {
    case 'not_null':
      return `${aside} WHERE ${quoteIdentifier(check.column)} IS NULL`;
    case 'expression':
      return `${aside} WHERE NOT (${check.sql})`;
    case 'unique': {
      const columns = check.columns.map(quoteIdentifier).join(', ');
      return `(SELECT ${columns} FROM ${aside} GROUP BY ${columns} HAVING COUNT(*) > 1) AS "repeated"`;
    }
    default:
      throw new MillraceError('UNKNOWN_CHECK', `there is no statement for a check of ${check.kind}`);
  }
}
