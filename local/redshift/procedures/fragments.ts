import { Cursor } from '../statements/cursor.ts';
import type { Fragment } from '../statements/fragments.ts';
import type { Target } from './syntax.ts';

/** `name`, `record.field`. */
export function readTarget(cursor: Cursor): Target {
  return cursor.qualifiedName().map(({ name, quoted }) => (quoted ? name : name.toLowerCase()));
}

/**
 * Takes INTO and its targets out of a query: they may stand behind SELECT or before FROM. What is no variable is a table that SELECT INTO
 * makes, and stays.
 */
export function takeInto(
  query: Fragment,
  isVariable: (name: string) => boolean,
): { sql: Fragment; into: readonly Target[] } {
  const cursor = new Cursor(query.text);
  if (!cursor.isWords('select') && !cursor.isWords('with')) return { sql: query, into: [] };
  let depth = 0;
  for (; cursor.peek().kind !== 'end'; cursor.next()) {
    if (cursor.isSymbol('(')) depth += 1;
    if (cursor.isSymbol(')')) depth -= 1;
    if (depth > 0 || !cursor.isWords('into')) continue;
    const start = cursor.next().start;
    const name = cursor.peek();
    if (!isVariable(name.kind === 'word' ? name.text : '')) break;
    const into = cursor.separated(() => readTarget(cursor));
    const rest = `${query.text.slice(0, start)} ${query.text.slice(cursor.peek().start)}`;
    return { sql: { ...query, text: rest }, into };
  }
  return { sql: query, into: [] };
}
