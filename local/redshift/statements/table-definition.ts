import { usualVarbyteBytes } from '../type-facts.ts';
import type { RedshiftType } from '../types.ts';
import type { Cursor } from './cursor.ts';
import { parseCollation } from './database.ts';
import { parseExpression } from './expression.ts';
import { parseQuery, startsQuery } from './query.ts';
import type {
  AlterAction,
  ColumnDefinition,
  CreateTable,
  Definition,
  TableAttributes,
  TableConstraint,
} from './statement.ts';
import type { Identifier } from './syntax.ts';
import { parseType } from './typename.ts';

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

/** `CREATE [TEMP] TABLE` and `CREATE TABLE … AS`. The words before the name are already read. */
export function parseCreateTable(cursor: Cursor, position: number, declaredTemporary: boolean): Definition {
  const ifNotExists = cursor.acceptWords('if', 'not', 'exists');
  const table = cursor.qualifiedName();
  const temporary = declaredTemporary || (table.at(-1) as Identifier).name.startsWith('#');
  const attributesBefore = isColumnNames(cursor) || !cursor.isSymbol('(') || startsQuery(cursor, true);
  if (attributesBefore) return parseTableAs(cursor, { position, table, temporary });
  const create: Mutable<CreateTable> = {
    kind: 'createTable',
    table,
    temporary,
    ifNotExists,
    position,
    columns: [],
    like: [],
    constraints: [],
    attributes: {},
  };
  const columns: ColumnDefinition[] = [];
  const like: CreateTable['like'][number][] = [];
  const constraints: TableConstraint[] = [];
  cursor.parenthesized(() => {
    const constraint = parseTableConstraint(cursor);
    if (constraint) constraints.push(constraint);
    else if (cursor.acceptWords('like')) like.push(parseLike(cursor));
    else columns.push(parseColumn(cursor));
  });
  return { ...create, columns, like, constraints, attributes: parseAttributes(cursor) };
}

/** `(a, b)` with nothing but names: the column list of CREATE TABLE AS. */
function isColumnNames(cursor: Cursor): boolean {
  if (!cursor.isSymbol('(')) return false;
  let ahead = 1;
  for (;;) {
    const token = cursor.peek(ahead);
    if (token.kind !== 'word' && token.kind !== 'quoted') return false;
    if (cursor.isSymbol(')', ahead + 1)) return true;
    if (!cursor.isSymbol(',', ahead + 1)) return false;
    ahead += 2;
  }
}

function parseTableAs(cursor: Cursor, head: { position: number; table: Identifier[]; temporary: boolean }): Definition {
  const columns = isColumnNames(cursor) ? cursor.identifierList() : [];
  const attributes = parseAttributes(cursor);
  cursor.expectWords('as');
  return { kind: 'createTableAs', ...head, columns, attributes, query: parseQuery(cursor) };
}

function parseLike(cursor: Cursor): CreateTable['like'][number] {
  const table = cursor.qualifiedName();
  const including = cursor.acceptOneOf('including', 'excluding');
  if (including) cursor.expectWords('defaults');
  return { table, includingDefaults: including === 'including' };
}

/** Lengths that a definition leaves out: VARCHAR is VARCHAR(256), CHAR is CHAR(1). */
export function withDefaultLength(type: RedshiftType): RedshiftType {
  const length = { varchar: 256, char: 1, varbyte: usualVarbyteBytes }[type.kind as 'varchar'];
  return length !== undefined && type.length === undefined ? { ...type, length } : type;
}

export function parseColumn(cursor: Cursor): ColumnDefinition {
  const column: Mutable<ColumnDefinition> = {
    name: cursor.unreserved(),
    type: withDefaultLength(parseType(cursor)),
    notNull: false,
    distributionKey: false,
    sortKey: false,
    primaryKey: false,
    unique: false,
  };
  while (parseColumnAttribute(cursor, column));
  return column;
}

function parseColumnAttribute(cursor: Cursor, column: Mutable<ColumnDefinition>): boolean {
  if (cursor.acceptWords('default')) readDefault(cursor, column);
  else if (cursor.isWords('identity') || cursor.isWords('generated')) column.identity = parseIdentity(cursor);
  else if (cursor.acceptWords('encode')) column.encoding = cursor.identifier().name.toLowerCase();
  else if (cursor.acceptWords('not', 'null')) column.notNull = true;
  else if (cursor.acceptWords('null')) column.notNull = false;
  else if (cursor.acceptWords('distkey')) column.distributionKey = true;
  else if (cursor.acceptWords('sortkey')) column.sortKey = true;
  else if (cursor.acceptWords('unique')) column.unique = true;
  else if (cursor.acceptWords('primary', 'key')) Object.assign(column, { primaryKey: true, notNull: true });
  else if (cursor.acceptWords('references')) column.references = parseReferences(cursor);
  else if (cursor.acceptWords('collate')) column.caseInsensitive = parseCollation(cursor);
  else if (cursor.acceptWords('constraint')) cursor.identifier();
  else return false;
  return true;
}

function readDefault(cursor: Cursor, column: Mutable<ColumnDefinition>): void {
  const start = cursor.peek().start;
  column.defaultValue = parseExpression(cursor, 6);
  column.defaultText = cursor.text.slice(start, cursor.peek().start).trim();
}

/** `IDENTITY(seed, step)`, `GENERATED BY DEFAULT AS IDENTITY(seed, step)`. */
function parseIdentity(cursor: Cursor): ColumnDefinition['identity'] {
  const byDefault = cursor.acceptWords('generated');
  if (byDefault) cursor.expectWords('by', 'default', 'as');
  cursor.expectWords('identity');
  let [seed, step] = [1, 1];
  if (cursor.acceptSymbol('(')) {
    seed = cursor.expectInteger();
    cursor.expectSymbol(',');
    step = cursor.expectInteger();
    cursor.expectSymbol(')');
  }
  return { seed, step, byDefault };
}

function parseReferences(cursor: Cursor): NonNullable<ColumnDefinition['references']> {
  const table = cursor.qualifiedName();
  return { table, columns: cursor.isSymbol('(') ? cursor.identifierList() : [] };
}

function parseTableConstraint(cursor: Cursor): TableConstraint | undefined {
  const name = cursor.acceptWords('constraint') ? cursor.identifier() : undefined;
  if (cursor.acceptWords('primary', 'key')) return { kind: 'primary', name, columns: cursor.identifierList() };
  if (cursor.isWords('unique') && cursor.isSymbol('(', 1)) {
    cursor.next();
    return { kind: 'unique', name, columns: cursor.identifierList() };
  }
  if (cursor.acceptWords('foreign', 'key')) {
    const columns = cursor.identifierList();
    cursor.expectWords('references');
    const { table, columns: referenced } = parseReferences(cursor);
    return { kind: 'foreign', name, columns, table, referenced };
  }
  if (name) throw cursor.syntaxError();
  return undefined;
}

/** BACKUP, DISTSTYLE, DISTKEY, SORTKEY, ENCODE AUTO in any order. */
export function parseAttributes(cursor: Cursor): TableAttributes {
  const attributes: Mutable<TableAttributes> = {};
  for (;;) {
    if (cursor.acceptWords('backup')) {
      if (cursor.acceptOneOf('yes', 'no') === undefined) throw cursor.syntaxError();
    } else if (cursor.acceptWords('diststyle')) {
      attributes.distributionStyle = oneOf(cursor, 'auto', 'even', 'key', 'all');
    } else if (cursor.acceptWords('distkey')) {
      attributes.distributionKey = parseDistributionKey(cursor);
      attributes.distributionStyle ??= 'key';
    } else if (!parseSortKey(cursor, attributes) && !cursor.acceptWords('encode', 'auto')) {
      return attributes;
    }
  }
}

function parseDistributionKey(cursor: Cursor): Identifier {
  if (!cursor.acceptSymbol('(')) return cursor.identifier();
  const name = keyColumn(cursor);
  cursor.expectSymbol(')');
  return name;
}

function parseSortKey(cursor: Cursor, attributes: Mutable<TableAttributes>): boolean {
  const style = cursor.acceptOneOf('compound', 'interleaved') as 'compound' | 'interleaved' | undefined;
  if (!cursor.acceptWords('sortkey')) {
    if (style) throw cursor.syntaxError();
    return false;
  }
  if (cursor.acceptWords('auto') || cursor.acceptWords('none')) {
    attributes.sortStyle = 'auto';
    attributes.sortKeys = [];
    return true;
  }
  attributes.sortStyle = style ?? 'compound';
  attributes.sortKeys = cursor.isSymbol('(') ? cursor.parenthesized(() => keyColumn(cursor)) : [keyColumn(cursor)];
  return true;
}

/** CREATE TABLE AS may count its columns instead of naming them. */
function keyColumn(cursor: Cursor): Identifier {
  const token = cursor.peek();
  if (token.kind !== 'number') return cursor.identifier();
  return { name: String(cursor.expectInteger()), quoted: true, position: token.start };
}

export function oneOf<Word extends string>(cursor: Cursor, ...words: Word[]): Word {
  const word = cursor.acceptOneOf(...words);
  if (word === undefined) throw cursor.syntaxError();
  return word as Word;
}

export function parseAlterTable(cursor: Cursor, position: number): Definition {
  const table = cursor.qualifiedName();
  return { kind: 'alterTable', table, action: parseAlterAction(cursor), position };
}

function parseAlterAction(cursor: Cursor): AlterAction {
  if (cursor.isWords('row', 'level', 'security')) throw cursor.notSupported('ROW LEVEL SECURITY');
  const isExternal = cursor.isWords('set') || cursor.isWords('partition') || cursor.isWords('add', 'partition');
  if (isExternal || cursor.isWords('add', 'if') || cursor.isWords('drop', 'partition'))
    throw cursor.notSupported('ALTER TABLE of an external table');
  if (cursor.acceptWords('rename')) return parseRename(cursor);
  if (cursor.acceptWords('owner', 'to')) return { kind: 'owner', owner: cursor.identifier() };
  if (cursor.acceptWords('append', 'from')) return parseAppend(cursor);
  if (cursor.acceptWords('add')) {
    const constraint = parseTableConstraint(cursor);
    if (constraint) return { kind: 'addConstraint', constraint };
    cursor.acceptWords('column');
    return { kind: 'addColumn', column: parseColumn(cursor) };
  }
  if (cursor.acceptWords('drop')) return parseAlterDrop(cursor);
  cursor.expectWords('alter');
  if (!cursor.isWords('column')) return { kind: 'attributes', attributes: parseAlteredAttributes(cursor) };
  cursor.next();
  const column = cursor.identifier();
  if (cursor.acceptWords('type')) return { kind: 'columnType', column, type: withDefaultLength(parseType(cursor)) };
  cursor.expectWords('encode');
  return { kind: 'encoding', column, encoding: cursor.identifier().name.toLowerCase() };
}

/** `ALTER DISTKEY a, ALTER SORTKEY (b)`: several at once. */
function parseAlteredAttributes(cursor: Cursor): TableAttributes {
  let attributes = parseAttributes(cursor);
  while (cursor.acceptSymbol(',')) {
    cursor.expectWords('alter');
    attributes = { ...attributes, ...parseAttributes(cursor) };
  }
  return attributes;
}

function parseRename(cursor: Cursor): AlterAction {
  if (cursor.acceptWords('to')) return { kind: 'rename', to: cursor.unreserved() };
  cursor.acceptWords('column');
  const from = cursor.identifier();
  cursor.expectWords('to');
  return { kind: 'renameColumn', from, to: cursor.unreserved() };
}

function parseAlterDrop(cursor: Cursor): AlterAction {
  if (cursor.acceptWords('constraint')) {
    const name = cursor.identifier();
    cursor.acceptOneOf('cascade', 'restrict');
    return { kind: 'dropConstraint', name };
  }
  cursor.acceptWords('column');
  const column = cursor.identifier();
  return { kind: 'dropColumn', column, cascade: cursor.acceptOneOf('cascade', 'restrict') === 'cascade' };
}

function parseAppend(cursor: Cursor): AlterAction {
  const source = cursor.qualifiedName();
  const option = cursor.acceptOneOf('ignoreextra', 'filltarget');
  return { kind: 'append', source, ignoreExtra: option === 'ignoreextra', fillTarget: option === 'filltarget' };
}
