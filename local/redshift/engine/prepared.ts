import { type Bound, constant } from '../binder/bound.ts';
import { cast } from '../binder/casts.ts';
import { literal } from '../binder/constants.ts';
import { bindExpression } from '../binder/expression.ts';
import { duckdbType } from '../binder/types.ts';
import { quoteText } from '../rewriter/sql.ts';
import type { ParsedStatement } from '../statements/parse.ts';
import type { Expression } from '../statements/syntax.ts';
import type { RedshiftType } from '../types.ts';
import { bareContext } from './insertion.ts';
import type { Workspace } from './workspace.ts';

/** What PREPARE keeps: the statement, and the types that it declares for its first parameters. */
export interface PreparedText extends ParsedStatement {
  readonly types: readonly RedshiftType[];
}

/** EXECUTE's arguments as values of the types that PREPARE declares, or else of their own: `3` is a number, `'3'` a text of whatever type. */
export async function argumentValues(
  workspace: Workspace,
  given: readonly Expression[],
  types: readonly RedshiftType[],
): Promise<Bound[]> {
  if (given.length === 0) return [];
  const context = bareContext(workspace, 'EXECUTE');
  const values = given.map((argument, i) => {
    const value = bindExpression(argument, context);
    const type = types[i];
    return type ? cast(value, type, 'assignment') : value;
  });
  const [row = []] = await workspace.rows(`SELECT ${values.map(({ sql }) => `CAST(${sql} AS VARCHAR)`).join(', ')}`);
  return values.map((value, i) => typedConstant(value, row[i] ?? null));
}

/** A value of a type, where only types are asked for. */
export const emptyValue = (type: RedshiftType): Bound => constant(`CAST(NULL AS ${duckdbType(type)})`, type);

/** A value as its text says it, so that it is computed once. */
function typedConstant({ type }: Bound, text: string | null): Bound {
  if (type.kind === 'unknown') return literal(text);
  const sql = text === null ? 'NULL' : quoteText(text);
  return constant(`CAST(${sql} AS ${duckdbType(type)})`, type);
}
