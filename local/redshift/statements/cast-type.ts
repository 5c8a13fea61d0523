import { maximumBytes } from '../type-facts.ts';
import type { RedshiftType } from '../types.ts';
import type { Cursor } from './cursor.ts';
import { parseType } from './typename.ts';

/** Types that only casts know: nothing is stored in them. */
const REGISTRIES: Readonly<Record<string, RedshiftType>> = {
  regclass: { kind: 'int8', catalogName: 'regclass' },
  regtype: { kind: 'int8', catalogName: 'regtype' },
  regproc: { kind: 'varchar', length: 128, catalogName: 'regproc' },
};

/** The type of a cast: those of columns, with or without `pg_catalog.`, PostgreSQL's registries, and arrays of text. */
export function parseCastType(cursor: Cursor): RedshiftType {
  if (cursor.isWords('pg_catalog') && cursor.isSymbol('.', 1)) {
    cursor.next();
    cursor.next();
  }
  const type = parseElement(cursor);
  if (!cursor.isSymbol('[') || !cursor.isSymbol(']', 1)) return type;
  cursor.next();
  cursor.next();
  return { kind: 'varchar', length: maximumBytes.varchar, catalogName: '_text' };
}

function parseElement(cursor: Cursor): RedshiftType {
  const token = cursor.peek();
  const registry = token.kind === 'word' ? REGISTRIES[token.text] : undefined;
  if (registry && Object.hasOwn(REGISTRIES, token.text)) {
    cursor.next();
    return registry;
  }
  if (token.kind !== 'quoted' || token.text !== 'char') return parseType(cursor);
  cursor.next();
  return { kind: 'char', length: 1, catalogName: 'char' };
}
