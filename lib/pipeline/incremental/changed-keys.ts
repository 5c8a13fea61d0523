import { quoteIdentifier } from '../names.ts';
import { unnestedFrom } from './column-use.ts';
import { type Edit, edited } from './edits.ts';
import { type Link, reachable, withoutLeaves } from './join-graph.ts';
import { type ChangedBlock, type Columns, changedBlocks, NotFollowed, type Path } from './paths.ts';
import { columnsOfQuery, type Expression, type QueryShape, type Source } from './shape.ts';

/** How the rows of a table that have changed are asked for. */
export interface Slices {
  /** A SELECT: each such row as it is, and as it was. */
  readonly changed: (table: string) => string;
  /** A SELECT: all rows as they are, and those that have changed as they were; undefined where that is the table itself. */
  readonly ever: (table: string) => string | undefined;
}

/**
 * A SELECT of the keys that a change of the table on the path may reach: never too few, perhaps too many.
 * @throws {NotFollowed} where that would be all, or cannot be told.
 */
export function changedKeys(shape: QueryShape, path: Path, key: readonly string[], around: Around): string {
  const blocks = changedBlocks(path, around.columnsOfTable);
  const certain = blocks[0]?.certainColumns();
  const missing = key.find((column) => !certain?.has(column));
  if (missing)
    throw new NotFollowed(`which ${missing} a change reaches cannot be told from the rows that have changed`);
  const edits = everEdits(shape, path, around.slices);
  const select = selectKeys(blocks, new Set(key), { ...around, sql: shape.sql, edits });
  const { start, end } = shape.with;
  return end > start ? `${edited(shape.sql, { start, end }, edits)}\n${select}` : select;
}

export interface Around {
  readonly columnsOfTable: Columns;
  readonly slices: Slices;
}

/** In what is not on the path, rows count as they are and as they were: both sides of a join may have changed at once. */
function everEdits(shape: QueryShape, path: Path, { ever }: Slices): Edit[] {
  const onPath = new Set(path.steps.map(({ source }) => source));
  const queries = [shape, ...shape.expressions.map(({ query }) => query)];
  return queries.flatMap(tablesOf).flatMap((source) => {
    const select = source.of.kind === 'table' ? ever(source.of.name) : undefined;
    if (!select || onPath.has(source)) return [];
    return [{ start: source.start, end: source.end, text: `(${select}) AS ${quoteIdentifier(source.alias)}` }];
  });
}

/** The tables of a query, those of its subqueries too; its common table expressions are queries of their own. */
function tablesOf({ branches }: Pick<QueryShape, 'branches'>): Source[] {
  return branches
    .flatMap(({ sources }) => sources)
    .flatMap((source) => (source.of.kind === 'subquery' ? tablesOf(source.of.query) : [source]));
}

interface Rendering extends Around {
  readonly sql: string;
  readonly edits: readonly Edit[];
}

function selectKeys(
  [block, ...inner]: readonly ChangedBlock[],
  wanted: ReadonlySet<string>,
  rendering: Rendering,
): string {
  if (!block) throw new NotFollowed('the path has no end');
  const { query, source: changed } = block.step;
  const items = columnsOfQuery(query).flatMap((name, index) => {
    const item = block.step.block.items[index];
    return item && wanted.has(name) ? [{ name, item }] : [];
  });
  const joined = neededSources(
    block,
    items.map(({ item }) => item),
  );
  const { conditions, sources } = joined;
  const used = [...items.map(({ item }) => item), ...conditions, ...sources.flatMap(waysAndOns)];
  const columns = used
    .flatMap((one) => block.uses(one))
    .flatMap(({ source, column }) => (source === changed && column ? [column] : []));
  const changedText =
    changed.of.kind === 'table'
      ? rendering.slices.changed(changed.of.name)
      : selectKeys(inner, new Set(columns), rendering);
  const from = sources.map((source, index) => {
    const text =
      source === changed
        ? `(${changedText}) AS ${quoteIdentifier(source.alias)}`
        : edited(rendering.sql, source, rendering.edits);
    if (index === 0) return text;
    if (source.join === 'left' && source !== changed) return `LEFT JOIN ${text} ON ${allOf(source.on)}`;
    if (source.join === 'comma') return `, ${text}`;
    return source.of.kind === 'unnested' ? `JOIN ${text} ON TRUE` : `CROSS JOIN ${text}`;
  });
  const list = items.map(({ name, item }) => `${item.text} AS ${quoteIdentifier(name)}`);
  const where = conditions.length > 0 ? `\nWHERE ${allOf(conditions)}` : '';
  return `SELECT DISTINCT ${list.length > 0 ? list.join(', ') : '1 AS "any"'}\nFROM ${from.join('\n')}${where}`;
}

const allOf = (parts: readonly Expression[]): string =>
  parts.length > 0 ? parts.map(({ text }) => `(${text})`).join(' AND ') : 'TRUE';

const waysAndOns = (source: Source): Expression[] => [
  ...(source.of.kind === 'unnested' ? [source.of.way] : []),
  ...(source.join === 'left' ? source.on : []),
];

/**
 * The sources that lead from what has changed to the items, and the conditions that join them: what only adds columns or
 * takes rows away is left out, so that no table is read for it.
 */
function neededSources(block: ChangedBlock, items: readonly Expression[]): Joined {
  const { block: select, source: changed } = block.step;
  const conditions = conditionsOf(block);
  const sourcesOf = (parts: readonly Expression[]) =>
    parts.flatMap((part) => block.uses(part)).map(({ source }) => source);
  const links = [
    ...conditions.map((one): Link => ({ sources: sourcesOf([one]) })),
    ...select.sources
      .filter((source) => isOuter(block, source) || source.of.kind === 'unnested')
      .map((source): Link => {
        const base = unnestedFrom(source, select.sources);
        const others = [...(base ? [base] : []), ...(isOuter(block, source) ? sourcesOf(source.on) : [])];
        return { sources: [...new Set([source, ...others])], dependent: source };
      }),
  ];
  const kept = withoutLeaves(select.sources, links, new Set([changed, ...sourcesOf(items)]));
  const reached = reachable(changed, links, kept);
  const apart = [...kept].find((source) => !reached.has(source));
  if (apart) throw new NotFollowed(`nothing that is known of the changed rows joins them with ${apart.alias}`);
  return {
    sources: select.sources.filter((source) => kept.has(source)),
    conditions: conditions.filter((one) => sourcesOf([one]).every((source) => kept.has(source))),
  };
}

interface Joined {
  readonly sources: Source[];
  readonly conditions: Expression[];
}

/** Joined by a left join, and not what has changed: it adds columns and takes no row away. */
const isOuter = (block: ChangedBlock, source: Source): boolean =>
  source.join === 'left' && source !== block.step.source;

/** What must hold of joined rows and can be asked of those that have changed. */
function conditionsOf(block: ChangedBlock): Expression[] {
  const { block: select, source: changed } = block.step;
  const inner = select.sources
    .filter((source) => source !== changed && !isOuter(block, source))
    .flatMap(({ on }) => on);
  return [
    ...[...inner, ...select.where].filter((one) => block.isCertain(one)),
    ...changed.on.filter((one) => block.isCertainWithin(one)),
  ];
}
