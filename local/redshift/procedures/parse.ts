import { Cursor } from '../statements/cursor.ts';
import { type Fragment, fragment, readFragments, readUntil } from '../statements/fragments.ts';
import { withDefaultLength } from '../statements/table-definition.ts';
import { parseType } from '../statements/typename.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';
import { readTarget } from './fragments.ts';
import { parseLoop } from './parse-loops.ts';
import type { Block, Declaration, Step } from './syntax.ts';

const MAXIMUM_BODY_BYTES = 2 * 1024 * 1024;

/** Reads a procedure's body: one block. */
export function parseBody(text: string): Block {
  if (Buffer.byteLength(text) > MAXIMUM_BODY_BYTES)
    throw new RedshiftError('54000', "the procedure's source is larger than 2 MB");
  const cursor = new Cursor(text);
  const block = parseBlock(cursor, parseLabel(cursor));
  cursor.acceptSymbol(';');
  if (cursor.peek().kind !== 'end') throw cursor.syntaxError();
  return block;
}

export const lowerName = (cursor: Cursor): string => {
  const { name, quoted } = cursor.identifier();
  return quoted ? name : name.toLowerCase();
};

/** `<<label>>`. */
function parseLabel(cursor: Cursor): string | undefined {
  if (!cursor.acceptSymbol('<<')) return undefined;
  const label = lowerName(cursor);
  cursor.expectSymbol('>>');
  return label;
}

function parseBlock(cursor: Cursor, label: string | undefined): Block {
  const declarations: Declaration[] = [];
  while (cursor.acceptWords('declare'))
    while (!cursor.isWords('begin') && !cursor.isWords('declare')) declarations.push(parseDeclaration(cursor));
  cursor.expectWords('begin');
  const body = parseSteps(cursor, 'end', 'exception');
  let handler: Step[] | undefined;
  if (cursor.acceptWords('exception')) {
    cursor.expectWords('when');
    if (!cursor.acceptWords('others')) throw cursor.notSupported('an exception condition other than OTHERS');
    cursor.expectWords('then');
    handler = parseSteps(cursor, 'end');
  }
  cursor.expectWords('end');
  if (!cursor.isSymbol(';') && cursor.peek().kind !== 'end') cursor.identifier();
  return { kind: 'block', label, declarations, body, handler };
}

/** `name [CONSTANT] type [NOT NULL] [{DEFAULT | := | =} expression];` and its kin. */
function parseDeclaration(cursor: Cursor): Declaration {
  const name = lowerName(cursor);
  const base = { name, type: { kind: 'varchar' } as RedshiftType, isConstant: false, isNotNull: false };
  if (cursor.acceptWords('alias', 'for')) {
    const token = cursor.next();
    if (token.kind !== 'parameter') throw cursor.syntaxError(token);
    cursor.expectSymbol(';');
    return { ...base, kind: 'alias', argument: Number(token.text) };
  }
  if (cursor.isWords('cursor')) return parseCursor(cursor, base);
  const isConstant = cursor.acceptWords('constant');
  if (cursor.acceptWords('record') || cursor.acceptWords('refcursor')) {
    const kind = cursor.peek(-1).text === 'record' ? 'record' : 'cursor';
    cursor.expectSymbol(';');
    return { ...base, kind };
  }
  const type = declaredType(parseType(cursor));
  const isNotNull = cursor.acceptWords('not', 'null');
  const hasValue = cursor.acceptWords('default') || cursor.acceptSymbol(':=') || cursor.acceptSymbol('=');
  const initial = hasValue ? readUntil(cursor, ';') : undefined;
  cursor.expectSymbol(';');
  return { ...base, kind: 'scalar', type, isConstant, isNotNull, initial };
}

/** A text without a length takes what comes. */
const declaredType = (type: RedshiftType): RedshiftType =>
  type.kind === 'varchar' && type.length === undefined ? type : withDefaultLength(type);

/** `name CURSOR [(argument type, …)] {FOR | IS} query;`. */
function parseCursor(cursor: Cursor, base: Omit<Declaration, 'kind'>): Declaration {
  cursor.next();
  const parameters = cursor.isSymbol('(')
    ? cursor.parenthesized(() => ({ name: lowerName(cursor), type: parseType(cursor) }))
    : [];
  if (!cursor.acceptWords('is')) cursor.expectWords('for');
  const query = readUntil(cursor, ';');
  cursor.expectSymbol(';');
  return { ...base, kind: 'cursor', query, parameters };
}

/** Statements up to one of these words, which stays. */
export function parseSteps(cursor: Cursor, ...ends: readonly string[]): Step[] {
  const steps: Step[] = [];
  while (!ends.some((word) => cursor.isWords(word))) {
    if (cursor.peek().kind === 'end') throw cursor.syntaxError();
    steps.push(parseStep(cursor));
    cursor.expectSymbol(';');
  }
  return steps;
}

type Reader = (cursor: Cursor) => Step;

const READERS: Readonly<Record<string, Reader>> = {
  if: parseIf,
  case: parseCase,
  exit: (cursor) => parseJump(cursor, 'exit'),
  continue: (cursor) => parseJump(cursor, 'continue'),
  return: (cursor) => {
    cursor.next();
    if (!cursor.isSymbol(';')) throw cursor.syntaxError();
    return { kind: 'return' };
  },
  raise: parseRaise,
  execute: parseExecute,
  call: parseCall,
  open: parseOpen,
  fetch: parseFetch,
  close: (cursor) => {
    cursor.next();
    return { kind: 'close', cursor: lowerName(cursor) };
  },
  get: parseDiagnostics,
  perform: (cursor) => {
    cursor.next();
    const rest = readUntil(cursor, ';');
    return { kind: 'perform', sql: { ...rest, text: `SELECT ${rest.text}` } };
  },
  commit: (cursor) => plain(cursor, 'commit'),
  rollback: (cursor) => plain(cursor, 'rollback'),
  null: (cursor) => plain(cursor, 'nothing'),
};

function plain(cursor: Cursor, kind: 'commit' | 'rollback' | 'nothing'): Step {
  cursor.next();
  return { kind };
}

function parseStep(cursor: Cursor): Step {
  const label = parseLabel(cursor);
  if (cursor.isWords('declare') || cursor.isWords('begin')) return parseBlock(cursor, label);
  const loop = parseLoop(cursor, label);
  if (loop) return loop;
  const { kind, text } = cursor.peek();
  const isAssignment = [':=', '='].some((symbol) => cursor.isSymbol(symbol, targetLength(cursor)));
  if (isAssignment) return parseAssignment(cursor);
  if (cursor.acceptWords('start', 'transaction')) return { kind: 'start' };
  const reader = kind === 'word' && Object.hasOwn(READERS, text) ? READERS[text] : undefined;
  return reader ? reader(cursor) : { kind: 'sql', sql: readUntil(cursor, ';'), into: [] };
}

/** How many tokens a name takes here. */
const targetLength = (cursor: Cursor): number => (cursor.isSymbol('.', 1) ? 3 : 1);

function parseAssignment(cursor: Cursor): Step {
  const target = readTarget(cursor);
  cursor.next();
  return { kind: 'assign', target, value: readUntil(cursor, ';') };
}

function parseIf(cursor: Cursor): Step {
  const branches: { condition: Fragment; body: Step[] }[] = [];
  do {
    cursor.next();
    const condition = readUntil(cursor, 'then');
    cursor.next();
    branches.push({ condition, body: parseSteps(cursor, 'elsif', 'elseif', 'else', 'end') });
  } while (cursor.isWords('elsif') || cursor.isWords('elseif'));
  const otherwise = cursor.acceptWords('else') ? parseSteps(cursor, 'end') : [];
  cursor.expectWords('end', 'if');
  return { kind: 'if', branches, otherwise };
}

function parseCase(cursor: Cursor): Step {
  cursor.next();
  const operand = cursor.isWords('when') ? undefined : readUntil(cursor, 'when');
  const branches: { whens: Fragment[]; body: Step[] }[] = [];
  while (cursor.acceptWords('when')) {
    const whens = [readUntil(cursor, 'then', ',')];
    while (cursor.acceptSymbol(',')) whens.push(readUntil(cursor, 'then', ','));
    cursor.expectWords('then');
    branches.push({ whens, body: parseSteps(cursor, 'when', 'else', 'end') });
  }
  const otherwise = cursor.acceptWords('else') ? parseSteps(cursor, 'end') : undefined;
  cursor.expectWords('end', 'case');
  return { kind: 'case', operand, branches, otherwise };
}

function parseJump(cursor: Cursor, kind: 'exit' | 'continue'): Step {
  cursor.next();
  const label = cursor.isSymbol(';') || cursor.isWords('when') ? undefined : lowerName(cursor);
  const condition = cursor.acceptWords('when') ? readUntil(cursor, ';') : undefined;
  return { kind, label, condition };
}

const LEVELS = ['notice', 'info', 'log', 'warning', 'exception', 'debug'];

function parseRaise(cursor: Cursor): Step {
  cursor.next();
  if (cursor.isSymbol(';')) return { kind: 'raiseAgain' };
  const level = cursor.acceptOneOf(...LEVELS);
  if (level === undefined) throw cursor.syntaxError();
  const format = cursor.expectString();
  const values: Fragment[] = [];
  while (cursor.acceptSymbol(',')) values.push(readUntil(cursor, ',', ';'));
  return { kind: 'raise', level: (level === 'debug' ? 'log' : level) as 'log', format, arguments: values };
}

function parseExecute(cursor: Cursor): Step {
  cursor.next();
  const command = readUntil(cursor, 'into', ';');
  const into = cursor.acceptWords('into') ? cursor.separated(() => readTarget(cursor)) : [];
  return { kind: 'execute', command, into };
}

function parseCall(cursor: Cursor): Step {
  const { start } = cursor.next();
  const nameStart = cursor.peek().start;
  cursor.qualifiedName();
  const name = cursor.text.slice(nameStart, cursor.peek().start).trim();
  cursor.expectSymbol('(');
  const values = readFragments(cursor, ')');
  cursor.expectSymbol(')');
  return { kind: 'call', name, arguments: values, sql: fragment(cursor.text, start, cursor.peek().start) };
}

function parseOpen(cursor: Cursor): Step {
  cursor.next();
  const name = lowerName(cursor);
  if (cursor.acceptSymbol('(')) {
    const values = readFragments(cursor, ')');
    cursor.expectSymbol(')');
    return { kind: 'open', cursor: name, arguments: values };
  }
  if (!cursor.acceptWords('for')) return { kind: 'open', cursor: name, arguments: [] };
  if (cursor.acceptWords('execute'))
    return { kind: 'open', cursor: name, command: readUntil(cursor, ';'), arguments: [] };
  return { kind: 'open', cursor: name, query: readUntil(cursor, ';'), arguments: [] };
}

function parseFetch(cursor: Cursor): Step {
  cursor.next();
  const name = lowerName(cursor);
  cursor.expectWords('into');
  return { kind: 'fetch', cursor: name, into: cursor.separated(() => readTarget(cursor)) };
}

/** `GET DIAGNOSTICS variable {:= | =} ROW_COUNT`. */
function parseDiagnostics(cursor: Cursor): Step {
  cursor.expectWords('get', 'diagnostics');
  const target = readTarget(cursor);
  if (!cursor.acceptSymbol(':=')) cursor.expectSymbol('=');
  cursor.expectWords('row_count');
  return { kind: 'rowCount', target };
}
