import type { Cursor } from './cursor.ts';

/** A statement of SQL, or an expression, as text; and where it stands in the procedure's body, for its line. */
export interface Fragment {
  readonly text: string;
  readonly line: number;
}

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

/** What stands between two places of a text, and the line in which it begins. */
export function fragment(text: string, start: number, end: number): Fragment {
  const line = text.slice(0, start).split('\n').length;
  return { text: text.slice(start, end).trim(), line };
}

/** Several fragments that commas part, up to a closing symbol or word, which stays. */
export function readFragments(cursor: Cursor, end: string): Fragment[] {
  if (cursor.isSymbol(end)) return [];
  const found = [readUntil(cursor, ',', end)];
  while (cursor.acceptSymbol(',')) found.push(readUntil(cursor, ',', end));
  return found;
}
