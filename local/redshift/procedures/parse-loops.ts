import type { Cursor } from '../statements/cursor.ts';
import { type Fragment, fragment, readUntil } from '../statements/fragments.ts';
import { readTarget } from './fragments.ts';
import { lowerName, parseSteps } from './parse.ts';
import type { Loop } from './syntax.ts';

/** LOOP, WHILE and FOR; undefined where none of them begins. */
export function parseLoop(cursor: Cursor, label: string | undefined): Loop | undefined {
  const over = parseOver(cursor);
  if (!over) return undefined;
  cursor.expectWords('loop');
  const body = parseSteps(cursor, 'end');
  cursor.expectWords('end', 'loop');
  if (!cursor.isSymbol(';')) lowerName(cursor);
  return { kind: 'loop', label, over, body };
}

function parseOver(cursor: Cursor): Loop['over'] | undefined {
  if (cursor.isWords('loop')) return { kind: 'forever' };
  if (cursor.acceptWords('while')) return { kind: 'while', condition: readUntil(cursor, 'loop') };
  if (!cursor.acceptWords('for')) return undefined;
  const into = cursor.separated(() => readTarget(cursor));
  cursor.expectWords('in');
  const reverse = cursor.acceptWords('reverse');
  if (cursor.acceptWords('execute')) return { kind: 'rows', into, command: readUntil(cursor, 'loop') };
  const source = readUntil(cursor, 'loop');
  const bounds = rangeOf(source);
  const variable = into[0]?.[0];
  if (!bounds || variable === undefined) return { kind: 'rows', into, query: source };
  return { kind: 'range', variable, reverse, ...bounds };
}

/** `low..high`: the points stand outside of texts, and between numbers they touch. */
function rangeOf(source: Fragment): { low: Fragment; high: Fragment } | undefined {
  if (/^[(\s]*(?:select|with)\b/i.test(source.text)) return undefined;
  const at = source.text.replace(/'(?:[^']|'')*'/g, (text) => '_'.repeat(text.length)).indexOf('..');
  if (at < 0) return undefined;
  const [low, high] = [fragment(source.text, 0, at), fragment(source.text, at + 2, source.text.length)];
  return { low: { ...low, line: source.line }, high: { ...high, line: source.line } };
}
