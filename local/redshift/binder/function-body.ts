import { parseQueryText } from '../statements/parse.ts';
import type { Definition } from '../statements/statement.ts';
import type { Expression } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { type Bound, constant } from './bound.ts';
import { cast } from './casts.ts';
import type { BindEnvironment } from './context.ts';
import { bindExpression } from './expression.ts';
import { duckdbType } from './types.ts';

/** The one expression that the body of a SQL function is. */
export function bodyExpression(body: string): Expression {
  const select = parseQueryText(body).body;
  const item = select.kind === 'select' && select.from.length === 0 && select.items.length === 1 && select.items[0];
  if (item) return item.expression;
  throw new RedshiftError('0A000', 'the body of a SQL function must be a SELECT of one expression without FROM');
}

/** A body with its arguments in their places: it sees nothing of the query around it. */
export function bindBody(body: string, argumentValues: readonly Bound[], environment: BindEnvironment): Bound {
  return bindExpression(bodyExpression(body), {
    environment: { ...environment, argumentValues },
    scope: { sources: [], merged: [] },
    commonTables: new Map(),
    clause: 'SQL function',
    allowAggregates: false,
    allowWindows: false,
  });
}

/** Binds the body of a function once, so that its mistakes are found when it is made. */
export function requireBody(
  { body, types, returns }: Extract<Definition, { kind: 'createFunction' }>,
  environment: BindEnvironment,
): void {
  const values = types.map((type) => constant(`CAST(NULL AS ${duckdbType(type)})`, type));
  cast(bindBody(body, values, environment), returns, 'explicit');
}
