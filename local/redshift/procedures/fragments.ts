import { Cursor } from '../statements/cursor.ts';
import type { Fragment, Target } from './syntax.ts';

/** The text from here up to one of these words or symbols outside of parentheses and CASE; the place is then before it. */
export function readUntil(cursor: Cursor, ...ends: readonly string[]): Fragment {
  const first = cursor.peek();
  let depth = 0;
  let cases = 0;
  for (;;) {
    const token = cursor.peek();
    if (token.kind === 'end') throw cursor.syntaxError();
    const isPlain = depth === 0 && cases === 0 && (token.kind === 'word' || token.kind === 'symbol');
    if (isPlain && ends.includes(token.text)) break;
    if (cursor.isSymbol('(')) depth += 1;
    if (cursor.isSymbol(')')) depth -= 1;
    if (cursor.isWords('case')) cases += 1;
    if (cursor.isWords('end') && cases > 0) cases -= 1;
    cursor.next();
  }
  const end = cursor.peek().start;
  return fragment(cursor.text, first.start, end);
}

export function fragment(text: string, start: number, end: number): Fragment {
  const line = text.slice(0, start).split('\n').length;
  return { text: text.slice(start, end).trim(), line };
}

/** `name`, `record.field`. */
export function readTarget(cursor: Cursor): Target {
  return cursor.qualifiedName().map(({ name, quoted }) => (quoted ? name : name.toLowerCase()));
}

/** Several fragments that commas part, up to a closing symbol or word, which stays. */
export function readFragments(cursor: Cursor, end: string): Fragment[] {
  if (cursor.isSymbol(end)) return [];
  const found = [readUntil(cursor, ',', end)];
  while (cursor.acceptSymbol(',')) found.push(readUntil(cursor, ',', end));
  return found;
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
