import type { Token } from '../models/sql-tokens.ts';
import { columnsOfSource } from './read-items.ts';
import type { Block, Expression, Source } from './shape.ts';
import { folded, isName, isSymbol, isWord } from './token-stream.ts';

/** A column of a source that an expression uses; without a name it may be any. */
export interface Use {
  readonly source: Source;
  readonly column: string | undefined;
}

type Columns = (name: string) => readonly string[] | undefined;

/** Words that are never columns, for where it is not known which columns there are. */
const keywords = new Set(
  `all and any as at between both case cast coalesce collate distinct else end escape exists false filter following for from
  ilike in interval is isnull leading like not notnull null or order over partition preceding range rows similar some then to
  trailing true unbounded unknown using when where within with zone current row group by asc desc nulls first last ignore
  respect select`.split(/\s+/),
);

/**
 * The columns that an expression uses. Whatever may be a column of a source counts as one: of a bare name whose source cannot be
 * told, every source that may have it.
 */
export function usesOf({ tokens }: Expression, { sources }: Pick<Block, 'sources'>, columnsOfTable: Columns): Use[] {
  return tokens.flatMap((token, index) => {
    const before = tokens[index - 1];
    if (!isName(token) || isSymbol(before, '.') || isSymbol(before, '::')) return [];
    const isDotted = isSymbol(tokens[index + 1], '.');
    const next = isDotted ? tokens[index + 2] : undefined;
    const name = folded(token);
    const isCalled = isSymbol(isDotted ? tokens[index + 3] : tokens[index + 1], '(');
    if (isCalled && token.kind === 'word') return [];
    const named = sources.find(({ alias, index: place }) => alias === name || place === name);
    const bare = token.kind === 'word' && keywords.has(name) ? [] : bareUses(name, sources, columnsOfTable);
    if (!named) return isWord(before, 'as') ? [] : bare;
    const isValue = named.of.kind === 'unnested' || named.index === name || !isName(next);
    const own = { source: named, column: isValue ? undefined : folded(next) };
    return isValue && !isDotted ? [own, ...bare] : [own];
  });
}

function bareUses(name: string, sources: readonly Source[], columnsOfTable: Columns): Use[] {
  return sources.flatMap((source) => {
    if (source.of.kind === 'unnested') return [];
    const columns = columnsOfSource(source, { columnsOfTable });
    return !columns || columns.includes(name) ? [{ source, column: name }] : [];
  });
}

/** The source whose value another one unnests, and so on up to a table. */
export function unnestedFrom(source: Source, sources: readonly Source[]): Source | undefined {
  const { of } = source;
  if (of.kind !== 'unnested') return undefined;
  return sources.find(({ alias }) => alias === of.from);
}

/** The same expression has the same text, whatever its blanks, its qualifiers and the case of its names; the keys of a document keep theirs. */
export function canonical(expression: Expression, block: Pick<Block, 'sources'>, columnsOfTable: Columns): string {
  const { tokens } = expression;
  return tokens
    .map((token, index) => {
      if (token.kind === 'text') return JSON.stringify(token.text);
      if (token.kind === 'other') return token.text;
      if (isSymbol(tokens[index - 1], '.')) {
        const isColumn = !isSymbol(tokens[index - 3], '.') && isTable(tokens[index - 2], block);
        return isColumn ? folded(token) : written(expression, index);
      }
      const isCalled = isSymbol(tokens[index + 1], '(');
      if (isCalled || isSymbol(tokens[index - 1], '::') || isTable(token, block)) return folded(token);
      const [owner, another] = bareUses(folded(token), block.sources, columnsOfTable);
      return owner && !another ? `${owner.source.alias}.${folded(token)}` : folded(token);
    })
    .join(' ')
    .replaceAll(' . ', '.');
}

const isTable = (token: Token | undefined, { sources }: Pick<Block, 'sources'>): boolean =>
  isName(token) && sources.some(({ alias, of }) => alias === folded(token) && of.kind !== 'unnested');

function written({ text, tokens }: Expression, index: number): string {
  const [first] = tokens;
  const token = tokens[index];
  if (!first || !token) return '';
  if (token.kind === 'quoted') return token.text;
  return text.slice(token.start - first.start, token.end - first.start);
}
