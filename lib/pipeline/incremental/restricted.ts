import { quoteIdentifier } from '../names.ts';
import { canonical, type Use, usesOf } from './column-use.ts';
import { type Edit, edited } from './edits.ts';
import { hasSubquery } from './functions.ts';
import { type Columns, keepsGroups } from './paths.ts';
import { type Block, columnsOfQuery, type Expression, type Query, type QueryShape, type Source } from './shape.ts';
import { spanOf, type TimeSpan } from './time-span.ts';
import { isName, isSymbol, isWord, splitAt } from './token-stream.ts';

/** Of an expression, that its value is among those of a column of the changed keys. */
interface Restriction {
  readonly expression: Expression;
  readonly key: string;
}

/** How the keys that a change reaches are asked about. */
export interface ChangedKeys {
  /** A query of the values of one column of the key. */
  readonly values: (key: string) => string;
  /** Where `_at` lies, if its span is a value of that column; undefined where that is not known. */
  readonly range?:
    | ((key: string, span: TimeSpan) => { readonly from: string; readonly until: string } | undefined)
    | undefined;
}

/**
 * The query, its tables restricted to what may make rows of the changed keys: a condition on a column of the key goes down
 * through selections, groups by it, joins on it, and common table expressions, which get a copy for each. The text of the query
 * stays as it is where nothing is known; the rows of other keys that are left are for the caller.
 */
export function restricted(
  shape: QueryShape,
  key: readonly string[],
  around: { columnsOfTable: Columns; keys: ChangedKeys },
): string {
  const restricting = new Restricting(shape, around.columnsOfTable, around.keys);
  const wanted = new Map(key.map((column) => [column, column]));
  const edits = restricting.editsOf(shape, wanted);
  const { sql } = shape;
  const body = { start: shape.branches[0]?.start ?? 0, end: sql.length };
  const list = [sql.slice(shape.with.start, shape.with.end), ...restricting.copies].filter(Boolean).join(',\n');
  return `${list}${list ? '\n' : ''}${edited(sql, body, edits)}`;
}

class Restricting {
  /** Common table expressions, in the order in which they may stand. */
  readonly copies: string[] = [];
  readonly #shape: QueryShape;
  readonly #columns: Columns;
  readonly #keys: ChangedKeys;
  readonly #names = new Map<string, string>();

  constructor(shape: QueryShape, columns: Columns, keys: ChangedKeys) {
    this.#shape = shape;
    this.#columns = columns;
    this.#keys = keys;
  }

  /** @param wanted columns of the query, and the column of the key whose values they must have. */
  editsOf(query: Query, wanted: ReadonlyMap<string, string>): Edit[] {
    const names = columnsOfQuery(query);
    return query.branches.flatMap((block) => {
      const restrictions = names.flatMap((name, index): Restriction[] => {
        const key = wanted.get(name);
        const expression = block.items[index];
        return key && expression && keepsGroups(expression, block, this.#columns) ? [{ expression, key }] : [];
      });
      const known = new BlockRestrictions(block, this.#columns, restrictions);
      return block.sources.flatMap((source) => this.#editsOfSource(source, known.of(source)));
    });
  }

  #editsOfSource(source: Source, restrictions: readonly Restriction[]): Edit[] {
    if (restrictions.length === 0 || source.of.kind === 'unnested') return [];
    const alias = quoteIdentifier(source.alias);
    const { start, end } = source;
    if (source.of.kind === 'table')
      return [{ start, end, text: this.#selected(source, this.#written(source), restrictions) }];
    const inner = new Map<string, string>();
    const outer: Restriction[] = [];
    for (const restriction of restrictions) {
      const column = columnOf(restriction.expression, source);
      if (column !== undefined && !inner.has(column)) inner.set(column, restriction.key);
      else outer.push(restriction);
    }
    const { query } = source.of;
    if (source.of.kind === 'expression') {
      const name = this.#copy(query, inner);
      return [
        {
          start,
          end,
          text: this.#selected(source, name ? `${quoteIdentifier(name)} AS ${alias}` : this.#written(source), outer),
        },
      ];
    }
    const first = query.branches[0]?.start ?? start;
    const body = edited(
      this.#shape.sql,
      { start: first, end: query.branches.at(-1)?.end ?? end },
      this.editsOf(query, inner),
    );
    return [{ start, end, text: this.#selected(source, `(${body}\n) AS ${alias}`, outer) }];
  }

  #written(source: Source): string {
    return this.#shape.sql.slice(source.start, source.end);
  }

  #selected(source: Source, text: string, restrictions: readonly Restriction[]): string {
    if (restrictions.length === 0) return text;
    const conditions = restrictions.flatMap(({ expression, key }) => [
      `${expression.text} IN (${this.#keys.values(key)})`,
      ...this.#ranges(source, expression, key),
    ]);
    return `(SELECT * FROM ${text} WHERE ${conditions.join(' AND ')}) AS ${quoteIdentifier(source.alias)}`;
  }

  /** The tables are sorted by time: what lies outside of a constant range is not even read. */
  #ranges(source: Source, expression: Expression, key: string): string[] {
    const span = source.of.kind === 'table' ? spanOf(expression, source, this.#columns) : undefined;
    const range = span && this.#keys.range?.(key, span);
    const at = `${quoteIdentifier(source.alias)}."_at"`;
    return range ? [`${at} >= ${range.from}`, `${at} < ${range.until}`] : [];
  }

  #copy(query: Query, inner: ReadonlyMap<string, string>): string | undefined {
    const original = this.#shape.expressions.find((one) => one.query === query);
    if (!original || inner.size === 0) return undefined;
    const identity = JSON.stringify([original.name, ...inner]);
    const known = this.#names.get(identity);
    if (known) return known;
    const edits = this.editsOf(query, inner);
    if (edits.length === 0) return undefined;
    const name = `${original.name.slice(0, 90)}__changed_${this.#names.size + 1}`;
    this.#names.set(identity, name);
    const range = { start: query.branches[0]?.start ?? 0, end: query.branches.at(-1)?.end ?? 0 };
    this.copies.push(`${quoteIdentifier(name)} AS (${edited(this.#shape.sql, range, edits)}\n)`);
    return name;
  }
}

/** The column, if the expression is nothing else. */
function columnOf({ tokens }: Expression, { alias }: Source): string | undefined {
  const names = tokens.filter(isName).map(({ text }) => text.toLowerCase());
  if (tokens.length === 1 && names.length === 1) return names[0];
  return tokens.length === 3 && names.length === 2 && names[0] === alias && isSymbol(tokens[1], '.')
    ? names[1]
    : undefined;
}

/** What is known of the sources of one SELECT when something is known of its rows. */
class BlockRestrictions {
  readonly #block: Block;
  readonly #columns: Columns;
  readonly #found = new Map<string, Restriction & { readonly source: Source }>();

  constructor(block: Block, columns: Columns, ofRows: readonly Restriction[]) {
    this.#block = block;
    this.#columns = columns;
    for (const { expression, key } of ofRows) this.#note(expression, key, () => true);
    const equalities = equalitiesOf(block);
    for (let size = -1; size < this.#found.size; ) {
      size = this.#found.size;
      for (const equality of equalities) this.#follow(equality);
    }
  }

  of(source: Source): Restriction[] {
    return [...this.#found.values()].filter((one) => one.source === source);
  }

  #text(expression: Expression): string {
    return canonical(expression, this.#block, this.#columns);
  }

  #uses(expression: Expression): Use[] {
    return usesOf(expression, this.#block, this.#columns);
  }

  /** Rows that a left join adds are not restricted by their own values. */
  #note(expression: Expression, key: string, isAllowed: (source: Source) => boolean): void {
    const [source, another] = new Set(this.#uses(expression).map((use) => use.source));
    if (!source || another || hasSubquery(expression) || source.of.kind === 'unnested') return;
    if (!isAllowed(source)) return;
    const identity = JSON.stringify([this.#text(expression), key]);
    if (!this.#found.has(identity)) this.#found.set(identity, { expression, key, source });
  }

  #follow({ sides, of }: Equality): void {
    for (const [here, there] of [sides, sides.toReversed()] as const) {
      if (!here || !there) continue;
      const text = this.#text(here);
      for (const { expression, key, source } of [...this.#found.values()]) {
        if (this.#text(expression) !== text || source === of) continue;
        this.#note(there, key, (other) => (of ? other === of : other.join !== 'left'));
      }
    }
  }
}

/** What a condition holds to be equal; of a left join's, the source that it adds: only that one may be restricted by it. */
interface Equality {
  readonly sides: readonly Expression[];
  readonly of: Source | undefined;
}

function equalitiesOf({ sources, where }: Block): Equality[] {
  const parts = [
    ...where.map((part) => ({ part, of: undefined })),
    ...sources.flatMap((source) =>
      source.on.map((part) => ({ part, of: source.join === 'left' ? source : undefined })),
    ),
  ];
  return parts.flatMap(({ part, of }) => {
    const sides = sidesOf(part);
    return sides ? [{ sides, of }] : [];
  });
}

const otherComparisons = 'not is in like ilike between or and similar any all some case isnull notnull'.split(' ');

function sidesOf({ text, tokens }: Expression): Expression[] | undefined {
  const sides = splitAt(tokens, (token) => isSymbol(token, '='));
  const isOther = tokens.some(
    (token) =>
      ['<', '>', '!', '~'].some((one) => isSymbol(token, one)) || otherComparisons.some((word) => isWord(token, word)),
  );
  const base = tokens[0]?.start ?? 0;
  if (isOther || sides.length !== 2) return undefined;
  return sides.flatMap((side) => {
    const [first] = side;
    const last = side.at(-1);
    return first && last ? [{ text: text.slice(first.start - base, last.end - base), tokens: side }] : [];
  });
}
