import type { Token } from '../models/sql-tokens.ts';
import type { Expression, Query, Source } from './shape.ts';
import { endsClause, folded, isName, isSymbol, isWord, type TokenStream } from './token-stream.ts';

/** What is known while a query is read. */
export interface Known {
  readonly expressions: ReadonlyMap<string, Query>;
  readonly columnsOfTable: (name: string) => readonly string[] | undefined;
  readonly readQuery: (stream: TokenStream) => Query;
}

type Join = Pick<Source, 'join'>['join'];

const joinWords = 'join inner left right full cross natural'.split(' ');
/** LEFT and RIGHT are functions too. */
const startsJoin = (token: Token, after: Token | undefined): boolean =>
  isSymbol(token, ',') || (joinWords.some((word) => isWord(token, word)) && !isSymbol(after, '('));
const noAlias = new Set([
  ...joinWords,
  ...'on using where group having qualify order limit offset fetch union intersect except minus at pivot unpivot tablesample connect start'.split(
    ' ',
  ),
]);

/** What stands behind FROM. */
export function readFrom(stream: TokenStream, known: Known): Source[] {
  const sources: Source[] = [];
  for (let join: Join | undefined = 'first'; join; join = takeJoin(stream)) {
    const { start } = stream.peek() ?? { start: 0 };
    const named = readSource(stream, sources, known);
    const end = stream.before?.end ?? start;
    if (stream.isWord('using')) stream.fail('a join by USING; write it with ON');
    const on = stream.takeWords('on') ? onOf(stream) : [];
    if (sources.some(({ alias, index }) => alias === named.alias || index === named.alias)) {
      stream.fail(`${named.alias} is the name of two tables`);
    }
    sources.push({ start, end, join, on, ...named });
  }
  return sources;
}

function onOf(stream: TokenStream): Expression[] {
  const tokens = stream.takeUntil((token, before) => startsJoin(token, stream.peek(1)) || endsClause(token, before));
  return stream.conjuncts(tokens);
}

function takeJoin(stream: TokenStream): Join | undefined {
  if (stream.takeSymbol(',')) return 'comma';
  if (stream.takeWords('join') || stream.takeWords('inner', 'join') || stream.takeWords('cross', 'join'))
    return 'inner';
  if (stream.takeWords('left', 'join') || stream.takeWords('left', 'outer', 'join')) return 'left';
  const refused = ['right', 'full', 'natural'].find((word) => stream.isWord(word));
  return refused ? stream.fail(`a ${refused.toUpperCase()} JOIN`) : undefined;
}

type Named = Pick<Source, 'alias' | 'index' | 'of'>;

function readSource(stream: TokenStream, before: readonly Source[], known: Known): Named {
  if (stream.takeSymbol('(')) {
    const query = known.readQuery(stream);
    stream.expectSymbol(')');
    const alias = takeAlias(stream) ?? stream.fail('a subquery without an alias');
    if (stream.isSymbol('(')) stream.fail('columns named behind an alias');
    return { alias, index: undefined, of: { kind: 'subquery', query } };
  }
  const isUnpivot = stream.takeWords('unpivot');
  const way = readWay(stream);
  const names = way.filter(isName);
  const alias = takeAlias(stream) ?? folded(names.at(-1) ?? stream.fail('a table is expected'));
  const index = stream.takeWords('at') ? folded(stream.take()) : undefined;
  if (['pivot', 'unpivot', 'tablesample', 'connect', 'start'].some((word) => stream.isWord(word))) {
    stream.fail(`${stream.peek()?.text.toUpperCase()} behind a table`);
  }
  const first = folded(names[0] as Token);
  const isWay = way.length > 1 && before.some((source) => source.alias === first);
  if (isWay) return { alias, index, of: { kind: 'unnested', from: first, way: stream.expression(way) } };
  if (isUnpivot || way.length !== names.length * 2 - 1) stream.fail('what is unnested does not begin with a table');
  const query = names.length === 1 ? known.expressions.get(first) : undefined;
  if (query) return { alias, index, of: { kind: 'expression', query } };
  return { alias, index, of: { kind: 'table', name: names.map(folded).join('.') } };
}

/** `schema.table`, or `t.payload.matches[0]`. */
function readWay(stream: TokenStream): Token[] {
  const way = [stream.take()];
  if (!isName(way[0])) stream.fail('a table is expected');
  for (;;) {
    if (stream.isSymbol('.')) way.push(stream.take(), stream.take());
    else if (stream.isSymbol('[')) way.push(stream.take(), stream.take(), stream.expectSymbol(']'));
    else if (stream.isSymbol('(')) stream.fail('a function in place of a table');
    else return way;
  }
}

function takeAlias(stream: TokenStream): string | undefined {
  if (stream.takeWords('as')) return folded(stream.take());
  const next = stream.peek();
  if (!isName(next) || (next.kind === 'word' && noAlias.has(next.text))) return undefined;
  return folded(stream.take());
}
