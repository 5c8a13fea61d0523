import { canonical, type Use, unnestedFrom, usesOf } from './column-use.ts';
import { callsAggregate, hasSubquery } from './functions.ts';
import { type Block, columnsOfQuery, type Expression, type Item, type Query, type Source } from './shape.ts';

export type Columns = (table: string) => readonly string[] | undefined;

/** A SELECT on the way from a model to a table that it reads, and the source that leads on. */
export interface PathStep {
  readonly query: Query;
  readonly block: Block;
  readonly source: Source;
}

/** One of the ways on which a table's rows get into a model; the first step is the model's own SELECT. */
export interface Path {
  readonly table: string;
  readonly steps: readonly PathStep[];
}

/** Every way into a query: a common table expression that is read twice is two. */
export function pathsOf(query: Query): Path[] {
  return query.branches.flatMap((block) =>
    block.sources.flatMap((source): Path[] => {
      const step = { query, block, source };
      if (source.of.kind === 'table') return [{ table: source.of.name, steps: [step] }];
      if (source.of.kind === 'unnested') return [];
      return pathsOf(source.of.query).map(({ table, steps }) => ({ table, steps: [step, ...steps] }));
    }),
  );
}

/** A change of the table on this path cannot be followed to keys. */
export class NotFollowed extends Error {}

/**
 * A SELECT as it looks when the source on the path holds nothing but rows that have changed. A column of it is *certain* where
 * every row of the SELECT that comes, goes or changes agrees in it with some row that is seen then: what is computed from a
 * whole group is not, nor is what a left join adds. Conditions over what is not certain are left out; that makes more keys, never fewer.
 */
export class ChangedBlock {
  readonly step: PathStep;
  readonly columnsOfTable: Columns;
  /** The certain columns of the source on the path; undefined where all are. */
  readonly #inner: ReadonlySet<string> | undefined;

  constructor(step: PathStep, inner: ReadonlySet<string> | undefined, columnsOfTable: Columns) {
    this.step = step;
    this.#inner = inner;
    this.columnsOfTable = columnsOfTable;
  }

  uses(expression: Expression): Use[] {
    return usesOf(expression, this.step.block, this.columnsOfTable);
  }

  isCertain(expression: Expression): boolean {
    return !hasSubquery(expression) && this.uses(expression).every((use) => this.#isCertainUse(use));
  }

  /** Of a part of the changed source's own ON: while rows are joined, those of a left join are as they are. */
  isCertainWithin(expression: Expression): boolean {
    const isCertain = (use: Use) =>
      use.source === this.step.source ? this.#isCertainInside(use) : this.#isCertainUse(use);
    return !hasSubquery(expression) && this.uses(expression).every(isCertain);
  }

  /** Of a part of the ON of a left join: whether what it joins is found for the same rows. */
  #isCertainBeside(expression: Expression, joined: Source): boolean {
    const isCertain = (use: Use) => use.source === joined || this.#isCertainUse(use);
    return !hasSubquery(expression) && this.uses(expression).every(isCertain);
  }

  #isCertainInside({ column }: Use): boolean {
    return this.#inner === undefined || (column !== undefined && this.#inner.has(column));
  }

  #isCertainUse(use: Use): boolean {
    const { source } = use;
    const { block, source: changed } = this.step;
    if (source === changed) return source.join !== 'left' && this.#isCertainInside(use);
    if (source.join === 'left' && !source.on.every((part) => this.#isCertainBeside(part, source))) return false;
    const of = unnestedFrom(source, block.sources);
    if (!of || source.of.kind !== 'unnested') return true;
    // As it is written it begins with the source that it unnests: no circle.
    return this.isCertain(source.of.way);
  }

  /** The columns of the query that are certain, by the names of its first SELECT. */
  certainColumns(): ReadonlySet<string> {
    const { query, block } = this.step;
    if (block.isCut) throw new NotFollowed('LIMIT takes rows by their number');
    if (block.hasAggregates && !block.group)
      throw new NotFollowed('it is aggregated without GROUP BY: every change reaches all rows');
    return new Set(columnsOfQuery(query).filter((_, index) => this.#isCertainItem(block.items[index])));
  }

  #isCertainItem(item: Item | undefined): boolean {
    if (!item) throw new NotFollowed('the SELECTs of a UNION have different columns');
    return keepsGroups(item, this.step.block, this.columnsOfTable) && this.isCertain(item);
  }
}

/** Whether rows that differ in the item never meet: neither in a group nor in the partition of a window. */
export function keepsGroups(item: Expression, block: Block, columnsOfTable: Columns): boolean {
  const text = canonical(item, block, columnsOfTable);
  const isAmong = (list: readonly Expression[]) => list.some((one) => canonical(one, block, columnsOfTable) === text);
  if (block.isCut || callsAggregate(item.tokens)) return false;
  if (block.group ? !isAmong(block.group) && !isConstant(item) : block.hasAggregates) return false;
  return block.windows.every(isAmong);
}

/** A number or a text. */
const isConstant = ({ tokens: [token, ...rest] }: Expression): boolean =>
  rest.length === 0 && (token?.kind === 'text' || /^\d/.test(token?.text ?? ''));

/** The blocks of a path, each as it looks when the table's rows are those that have changed. */
export function changedBlocks({ steps }: Path, columnsOfTable: Columns): ChangedBlock[] {
  let inner: ReadonlySet<string> | undefined;
  return steps
    .toReversed()
    .map((step) => {
      const block = new ChangedBlock(step, inner, columnsOfTable);
      inner = block.certainColumns();
      return block;
    })
    .toReversed();
}
