import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import { parseFrom } from './from.ts';
import { RESERVED } from './keywords.ts';
import type {
  CommonTable,
  Expression,
  GroupBy,
  GroupItem,
  Identifier,
  OrderItem,
  Query,
  QueryBody,
  Select,
  SelectItem,
} from './syntax.ts';

/** Whether a query begins here; with `parenthesis`, whether what the parentheses that open here hold is a query. */
export function startsQuery(cursor: Cursor, parenthesis = false): boolean {
  let ahead = 0;
  if (parenthesis) while (cursor.isSymbol('(', ahead)) ahead += 1;
  if (parenthesis && ahead === 0) return false;
  const token = cursor.peek(ahead);
  if (token.kind !== 'word' || (token.text !== 'select' && token.text !== 'with')) return false;
  return ahead < 2 || isQueryOnly(cursor, ahead);
}

/** `((SELECT 1) UNION …)` is a query, `((SELECT 1) + 1)` a value: what stands behind the inner parentheses tells. */
function isQueryOnly(cursor: Cursor, opened: number): boolean {
  let [depth, least] = [opened, opened];
  for (let ahead = opened; cursor.peek(ahead).kind !== 'end'; ahead += 1) {
    if (cursor.isSymbol('(', ahead)) depth += 1;
    if (!cursor.isSymbol(')', ahead)) continue;
    depth -= 1;
    if (depth === 0) return true;
    const behind = cursor.peek(ahead + 1);
    const goesOn = cursor.isSymbol(')', ahead + 1) || (behind.kind === 'word' && BEHIND_QUERY.has(behind.text));
    if (depth < least && !goesOn) return false;
    least = Math.min(least, depth);
  }
  return true;
}

const BEHIND_QUERY = new Set(['union', 'except', 'minus', 'intersect', 'order', 'limit', 'offset']);

/** `[WITH …] body [ORDER BY] [LIMIT] [OFFSET]`. */
export function parseQuery(cursor: Cursor): Query {
  const position = cursor.peek().start;
  const recursive = cursor.isWords('with', 'recursive');
  const tables = parseWith(cursor);
  const body = parseSetOperations(cursor, 0);
  const orderBy = cursor.isWords('order', 'by') ? parseOrderBy(cursor) : [];
  return { kind: 'query', position, recursive, with: tables, body, orderBy, ...parseLimit(cursor) };
}

export function parseWith(cursor: Cursor): CommonTable[] {
  if (!cursor.acceptWords('with')) return [];
  cursor.acceptWords('recursive');
  return cursor.separated(() => {
    const name = cursor.unreserved();
    const columns = cursor.isSymbol('(') ? cursor.identifierList() : [];
    cursor.expectWords('as');
    cursor.expectSymbol('(');
    const query = parseQuery(cursor);
    cursor.expectSymbol(')');
    return { name, columns, query };
  });
}

function parseLimit(cursor: Cursor): Pick<Query, 'limit' | 'offset'> {
  let limit: Expression | undefined;
  let offset: Expression | undefined;
  for (;;) {
    if (limit === undefined && cursor.acceptWords('limit')) {
      if (cursor.acceptWords('all')) continue;
      limit = parseExpression(cursor);
    } else if (offset === undefined && cursor.acceptWords('offset')) {
      offset = parseExpression(cursor);
    } else if (cursor.isWords('fetch') || (cursor.isWords('for') && cursor.peek(1).text === 'update')) {
      throw cursor.syntaxError();
    } else {
      return { limit, offset };
    }
  }
}

/** INTERSECT binds tighter than UNION and EXCEPT. */
function parseSetOperations(cursor: Cursor, minimum: number): QueryBody {
  let left = parseBody(cursor);
  for (;;) {
    const word = cursor.peek().kind === 'word' ? cursor.peek().text : '';
    const level = { union: 1, except: 1, minus: 1, intersect: 2 }[word];
    if (level === undefined || level <= minimum) return left;
    cursor.next();
    const all = cursor.acceptWords('all');
    if (!all) cursor.acceptWords('distinct');
    const operator = word === 'minus' ? 'except' : (word as 'union' | 'except' | 'intersect');
    left = { kind: 'setOperation', operator, all, left, right: parseSetOperations(cursor, level) };
  }
}

function parseBody(cursor: Cursor): QueryBody {
  if (cursor.acceptSymbol('(')) {
    const query = parseQuery(cursor);
    cursor.expectSymbol(')');
    return { kind: 'nested', query };
  }
  return parseSelect(cursor);
}

function parseSelect(cursor: Cursor): Select {
  const position = cursor.peek().start;
  cursor.expectWords('select');
  const top = parseTop(cursor);
  const distinct = cursor.acceptWords('distinct');
  if (!distinct) cursor.acceptWords('all');
  if (distinct && cursor.isWords('on')) throw cursor.notSupported('DISTINCT ON');
  const limited = top ?? parseTop(cursor);
  const items = cursor.separated(() => parseSelectItem(cursor));
  const into = parseInto(cursor);
  const from = cursor.acceptWords('from') ? cursor.separated(() => parseFrom(cursor)) : [];
  const where = cursor.acceptWords('where') ? parseExpression(cursor) : undefined;
  const connect = parseConnect(cursor);
  const groupBy = cursor.acceptWords('group', 'by') ? parseGroupBy(cursor) : undefined;
  const having = cursor.acceptWords('having') ? parseExpression(cursor) : undefined;
  const qualify = cursor.acceptWords('qualify') ? parseExpression(cursor) : undefined;
  return {
    kind: 'select',
    position,
    distinct,
    top: limited,
    items,
    into,
    from,
    where,
    connect,
    groupBy,
    having,
    qualify,
  };
}

function parseTop(cursor: Cursor): Expression | undefined {
  if (!cursor.isWords('top')) return undefined;
  const following = cursor.peek(1);
  if (following.kind !== 'number' && following.kind !== 'parameter' && !cursor.isSymbol('(', 1)) return undefined;
  cursor.next();
  return parseExpression(cursor, 13);
}

function parseInto(cursor: Cursor): Select['into'] {
  if (!cursor.acceptWords('into')) return undefined;
  const temporary = cursor.acceptOneOf('temp', 'temporary') !== undefined;
  cursor.acceptWords('table');
  const name = cursor.qualifiedName();
  return { name, temporary: temporary || (name[0] as Identifier).name.startsWith('#') };
}

export function parseSelectItem(cursor: Cursor): SelectItem {
  const expression = parseExpression(cursor);
  return { expression, alias: parseAlias(cursor) };
}

/** `AS name`, or a bare name that is no reserved word. Behind AS any word is a name. */
export function parseAlias(cursor: Cursor): Identifier | undefined {
  if (cursor.acceptWords('as')) return cursor.identifier();
  const token = cursor.peek();
  if (token.kind === 'quoted') return cursor.identifier();
  return token.kind === 'word' && !RESERVED.has(token.text) ? cursor.identifier() : undefined;
}

function parseConnect(cursor: Cursor): Select['connect'] {
  if (!cursor.isWords('start', 'with') && !cursor.isWords('connect', 'by')) return undefined;
  let startWith = cursor.acceptWords('start', 'with') ? parseExpression(cursor) : undefined;
  cursor.expectWords('connect', 'by');
  if (cursor.isWords('nocycle')) throw cursor.notSupported('NOCYCLE');
  const by = parseExpression(cursor);
  if (startWith === undefined && cursor.acceptWords('start', 'with')) startWith = parseExpression(cursor);
  return { startWith, by };
}

function parseGroupBy(cursor: Cursor): GroupBy {
  if (cursor.acceptWords('all')) return { kind: 'all' };
  return { kind: 'items', items: cursor.separated(() => parseGroupItem(cursor)) };
}

function parseGroupItem(cursor: Cursor): GroupItem {
  if (cursor.isSymbol('(', 1)) {
    const kind = cursor.acceptOneOf('rollup', 'cube') as 'rollup' | 'cube' | undefined;
    if (kind) return { kind, items: cursor.parenthesized(() => parseGroupTuple(cursor)) };
  }
  if (cursor.isWords('grouping', 'sets')) {
    cursor.next();
    cursor.next();
    return { kind: 'sets', sets: cursor.parenthesized(() => parseGroupSet(cursor)) };
  }
  if (cursor.isSymbol('(') && cursor.isSymbol(')', 1)) {
    cursor.next();
    cursor.next();
    return { kind: 'set', items: [] };
  }
  return { kind: 'expression', expression: parseExpression(cursor) };
}

function parseGroupSet(cursor: Cursor): GroupItem {
  const item = parseGroupItem(cursor);
  if (item.kind !== 'expression') return item;
  return { kind: 'set', items: item.expression.kind === 'row' ? item.expression.items : [item.expression] };
}

function parseGroupTuple(cursor: Cursor): readonly Expression[] {
  const expression = parseExpression(cursor);
  return expression.kind === 'row' ? expression.items : [expression];
}

export function parseOrderBy(cursor: Cursor): OrderItem[] {
  cursor.expectWords('order', 'by');
  return cursor.separated(() => {
    const expression = parseExpression(cursor);
    const descending = cursor.acceptOneOf('asc', 'desc') === 'desc';
    const nulls = cursor.acceptWords('nulls')
      ? (cursor.acceptOneOf('first', 'last') as 'first' | 'last' | undefined)
      : undefined;
    return { expression, descending, nulls };
  });
}
