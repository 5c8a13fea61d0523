import { callsAggregate, partitionsOf, volatileWord } from './functions.ts';
import { type Known, readFrom } from './read-from.ts';
import { readItems } from './read-items.ts';
import { type Block, type Expression, type Item, type Query, type QueryShape, UnknownShape } from './shape.ts';
import { endsClause, folded, isName, isSymbol, isWord, splitAt, TokenStream } from './token-stream.ts';

/**
 * Takes a query apart, if it is one of the shapes whose changes can be followed: SELECTs over tables, common table expressions,
 * subqueries and what is unnested, joined by inner and left joins, grouped, and united.
 * @param columnsOfTable the columns of a `schema.table`, where they are known.
 * @throws {UnknownShape} with what it does not know, and where.
 */
export function readQuery(sql: string, columnsOfTable: Known['columnsOfTable']): QueryShape {
  const stream = new TokenStream(sql);
  const moving = volatileWord(stream.tokens);
  if (moving) throw new UnknownShape(`${moving.text.toUpperCase()} has another value each time`, moving.start);
  const expressions: { name: string; query: Query }[] = [];
  const known: Known = { expressions: new Map(), columnsOfTable, readQuery: (inner) => readUnited(inner, known) };
  const start = stream.peek()?.start ?? 0;
  let end = start;
  if (stream.takeWords('with')) {
    if (stream.isWord('recursive')) stream.fail('WITH RECURSIVE builds on its own rows');
    do {
      const [name, query] = readExpression(stream, known);
      expressions.push({ name, query });
      (known.expressions as Map<string, Query>).set(name, query);
      end = stream.before?.end ?? end;
    } while (stream.takeSymbol(','));
  }
  const united = readUnited(stream, known);
  if (stream.peek()) stream.fail('this is no part of a query that is known here');
  return { sql, with: { start, end }, expressions, ...united };
}

function readExpression(stream: TokenStream, known: Known): [string, Query] {
  const name = stream.take();
  if (!isName(name)) stream.fail('a name is expected');
  if (stream.isSymbol('(')) stream.fail('columns named behind the name of a common table expression');
  if (!stream.takeWords('as')) stream.fail('AS is expected');
  stream.expectSymbol('(');
  const query = readUnited(stream, known);
  stream.expectSymbol(')');
  return [folded(name), query];
}

function readUnited(stream: TokenStream, known: Known): Query {
  const branches = [readBlock(stream, known)];
  let unitedBy: Query['unitedBy'];
  while (stream.takeWords('union')) {
    const isAll = stream.takeWords('all');
    unitedBy = isAll && unitedBy !== 'distinct' ? 'all' : 'distinct';
    branches.push(readBlock(stream, known));
  }
  for (const word of ['intersect', 'except', 'minus']) {
    if (stream.isWord(word)) stream.fail(`${word.toUpperCase()} takes rows away`);
  }
  return { branches, unitedBy };
}

function readBlock(stream: TokenStream, known: Known): Block {
  const { start } = stream.peek() ?? { start: 0 };
  if (!stream.takeWords('select')) stream.fail(stream.isWord('with') ? 'WITH inside of a query' : 'SELECT is expected');
  const isTop = stream.isWord('top') && stream.peek(1)?.kind === 'other';
  if (isTop) stream.fail('TOP takes rows by their number');
  const isDistinct = stream.takeWords('distinct');
  stream.takeWords('all');
  const list = stream.takeUntil(endsClause);
  const sources = stream.takeWords('from') ? readFrom(stream, known) : [];
  const where = stream.takeWords('where') ? stream.conjuncts(stream.takeUntil(endsClause)) : [];
  const items = readItems(stream, list, { sources, columnsOfTable: known.columnsOfTable });
  const group = stream.takeWords('group', 'by') ? readGroup(stream, items) : undefined;
  const having = stream.takeWords('having') ? stream.takeUntil(endsClause) : [];
  const qualify = stream.takeWords('qualify') ? stream.takeUntil(endsClause) : [];
  const order = stream.takeWords('order', 'by') ? stream.takeUntil(endsClause) : [];
  const isCut = takeLimits(stream);
  const computed = [...list, ...having, ...qualify, ...order];
  return {
    start,
    end: stream.before?.end ?? start,
    items,
    isDistinct,
    sources,
    where,
    group,
    hasAggregates: callsAggregate(computed),
    windows: partitionsOf(computed, (tokens) => stream.expression(tokens)),
    isCut,
  };
}

function takeLimits(stream: TokenStream): boolean {
  let isCut = false;
  while (['limit', 'offset', 'fetch'].some((word) => stream.isWord(word))) {
    stream.take();
    stream.takeUntil(endsClause);
    isCut = true;
  }
  return isCut;
}

/** A number means the item there; a name that only an item has means that item. */
function readGroup(stream: TokenStream, items: readonly Item[]): Expression[] {
  const list = splitAt(stream.takeUntil(endsClause), (token) => isSymbol(token, ','));
  return list.map((tokens) => {
    const [first] = tokens;
    if (!first || ['rollup', 'cube', 'grouping', 'all'].some((word) => isWord(first, word))) {
      stream.fail('GROUP BY of anything but expressions');
    }
    const ordinal = tokens.length === 1 && /^\d+$/.test(first.text) ? items[Number(first.text) - 1] : undefined;
    const named = tokens.length === 1 && isName(first) ? items.find(({ name }) => name === folded(first)) : undefined;
    return ordinal ?? named ?? stream.expression(tokens);
  });
}
