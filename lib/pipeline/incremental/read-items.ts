import type { Token } from '../models/sql-tokens.ts';
import { quoteIdentifier } from '../names.ts';
import { columnsOfQuery, type Item, type Source } from './shape.ts';
import { folded, isName, isSymbol, isWord, splitAt, type TokenStream } from './token-stream.ts';

interface Around {
  readonly sources: readonly Source[];
  readonly columnsOfTable: (name: string) => readonly string[] | undefined;
}

/** The columns of a source, or undefined where they are not known. */
export function columnsOfSource({ of }: Source, { columnsOfTable }: Pick<Around, 'columnsOfTable'>) {
  if (of.kind === 'table') return columnsOfTable(of.name);
  return of.kind === 'unnested' ? [] : columnsOfQuery(of.query);
}

/** What stands behind SELECT; stars are written out. */
export function readItems(stream: TokenStream, list: readonly Token[], around: Around): Item[] {
  return splitAt(list, (token) => isSymbol(token, ',')).flatMap((tokens, index) => {
    const starAt = tokens.findIndex((token, at) => isSymbol(token, '*') && (at === 0 || isSymbol(tokens[at - 1], '.')));
    if (starAt >= 0) return star(stream, tokens, around);
    const alias = aliasLength(tokens);
    const written = stream.expression(alias > 0 ? tokens.slice(0, -alias) : tokens);
    const last = tokens.at(-1);
    const name = alias > 0 && last ? folded(last) : (wayName(tokens) ?? `?${index}`);
    return [{ ...written, name }];
  });
}

const neverAlias = new Set('end null true false unknown precision varying zone'.split(' '));
const neverBeforeAlias = new Set(
  'and or not is in like ilike zone between then else when case similar to escape distinct from over with without'.split(
    ' ',
  ),
);

/** How many tokens at the end give the name: two with AS, one without, or none. */
function aliasLength(tokens: readonly Token[]): 0 | 1 | 2 {
  const last = tokens.at(-1);
  const before = tokens.at(-2);
  if (!isName(last) || !before) return 0;
  if (isWord(before, 'as')) return 2;
  if (last.kind === 'word' && neverAlias.has(last.text)) return 0;
  if (before.kind === 'word') return neverBeforeAlias.has(before.text) ? 0 : 1;
  if (before.kind === 'other') return /^(?:[)\]]|[\d.].*)$/.test(before.text) && before.text !== '.' ? 1 : 0;
  return 1;
}

/** The name of `t.payload.id` and of `t.payload.id::INTEGER`: their last word. */
function wayName(tokens: readonly Token[]): string | undefined {
  const cast = tokens.findIndex((token) => isSymbol(token, '::'));
  const way = cast < 0 ? tokens : tokens.slice(0, cast);
  const isWay = way.every((token, index) => (index % 2 === 0 ? isName(token) : isSymbol(token, '.')));
  const last = way.at(-1);
  return isWay && isName(last) ? folded(last) : undefined;
}

function star(stream: TokenStream, tokens: readonly Token[], around: Around): Item[] {
  const [first, dot] = tokens;
  const of = tokens.length === 3 && isName(first) && isSymbol(dot, '.') ? folded(first) : undefined;
  if (tokens.length !== 1 && !of) stream.fail('a star that is not all columns');
  const meant = around.sources.filter(({ alias }) => of === undefined || alias === of);
  return meant.flatMap((source) => {
    const columns = source.of.kind === 'unnested' ? undefined : columnsOfSource(source, around);
    if (!columns) stream.fail(`a star whose columns are not known here: those of ${source.alias}`);
    return columns.map((column) => columnItem(source, column, stream));
  });
}

function columnItem({ alias }: Source, column: string, stream: TokenStream): Item {
  if (column.startsWith('?')) stream.fail('a star over a column without a name');
  const place = { start: 0, end: 0 };
  const tokens: Token[] = [
    { kind: 'quoted', text: alias, ...place },
    { kind: 'other', text: '.', ...place },
    { kind: 'quoted', text: column, ...place },
  ];
  return { name: column, text: `${quoteIdentifier(alias)}.${quoteIdentifier(column)}`, tokens };
}
