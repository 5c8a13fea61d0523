import type { Cursor } from './cursor.ts';
import { parseLimit } from './principal.ts';
import type { DatabaseOptions, Definition } from './statement.ts';

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

/** `CREATE DATABASE name [WITH] [OWNER [=] user] [CONNECTION LIMIT …] [COLLATE …] [ISOLATION LEVEL …]`. */
export function parseCreateDatabase(cursor: Cursor, position: number): Definition {
  const name = cursor.identifier();
  if (cursor.isWords('from')) throw cursor.notSupported('CREATE DATABASE FROM');
  cursor.acceptWords('with');
  return { kind: 'createDatabase', name, options: parseOptions(cursor), position };
}

export function parseAlterDatabase(cursor: Cursor, position: number): Definition {
  const name = cursor.identifier();
  if (cursor.acceptWords('rename', 'to'))
    return { kind: 'alterDatabase', name, rename: cursor.identifier(), options: {}, position };
  if (cursor.acceptWords('owner', 'to'))
    return { kind: 'alterDatabase', name, options: { owner: cursor.identifier() }, position };
  const options = parseOptions(cursor);
  if (Object.keys(options).length === 0) throw cursor.syntaxError();
  return { kind: 'alterDatabase', name, options, position };
}

function parseOptions(cursor: Cursor): DatabaseOptions {
  const options: Mutable<DatabaseOptions> = {};
  while (!cursor.atEnd()) {
    if (cursor.acceptWords('owner')) {
      cursor.acceptSymbol('=');
      options.owner = cursor.identifier();
    } else if (cursor.acceptWords('connection', 'limit')) options.connectionLimit = parseLimit(cursor);
    else if (cursor.acceptWords('collate')) options.caseInsensitive = parseCollation(cursor);
    else if (cursor.acceptWords('isolation', 'level')) options.isolation = parseIsolation(cursor);
    else throw cursor.syntaxError();
  }
  return options;
}

/** Whether case does not count. */
export function parseCollation(cursor: Cursor): boolean {
  const name = cursor.acceptOneOf('case_insensitive', 'ci', 'case_sensitive', 'cs');
  if (name === undefined) throw cursor.syntaxError();
  return name === 'case_insensitive' || name === 'ci';
}

function parseIsolation(cursor: Cursor): 'serializable' | 'snapshot' {
  const level = cursor.acceptOneOf('serializable', 'snapshot');
  if (level === undefined) throw cursor.syntaxError();
  return level as 'serializable' | 'snapshot';
}
