import type { Expression, FromItem, Select } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { bindFromList } from './from.ts';
import type { QueryContext } from './query.ts';
import { fold, type ScopeSource } from './scope.ts';

/** A condition with marks: which table they stand at, and which others it reads. */
interface Marked {
  readonly condition: Expression;
  readonly table: string;
  readonly others: readonly string[];
}

/** Finds the table of a column that stands without it. */
type Owner = (reference: Expression & { kind: 'reference' }) => string | undefined;

/**
 * Oracle's outer joins, `a.id = b.id(+)`, as LEFT JOINs: a marked table is joined to those before it, on all conditions that mark
 * it. What no mark touches stays in WHERE.
 */
export function withOuterMarks(select: Select, context: QueryContext): Select {
  if (!select.where || !hasMark(select.where)) return select;
  if (select.from.some((item) => item.kind === 'join'))
    throw new RedshiftError('42601', 'Outer join operator (+) is not allowed with join syntax in FROM clause');
  const owner = ownerOf(select.from, context);
  const conditions = conjuncts(select.where);
  const marked = conditions.filter(hasMark).map((condition) => markedBy(condition, owner));
  for (const table of new Set(marked.map((each) => each.table))) requireOnePartner(marked, table);
  return {
    ...select,
    from: joinAll(select.from, marked, context),
    where: joinConditions(conditions.filter((condition) => !hasMark(condition))),
  };
}

function requireOnePartner(marked: readonly Marked[], table: string): void {
  const partners = new Set(marked.filter((each) => each.table === table).flatMap((each) => each.others));
  if (partners.size > 1) throw new RedshiftError('42601', 'A table may be outer joined to at most one other table.');
}

function ownerOf(from: readonly FromItem[], context: QueryContext): Owner {
  const { settings } = context.environment;
  let sources: readonly ScopeSource[] | undefined;
  return (reference) => {
    const name = fold(reference.root, settings);
    if (reference.steps.length > 0) return name;
    sources ??= bindFromList(from, context).sources;
    return sources.find((source) => source.columns.some((column) => column.name === name))?.name;
  };
}

function walk(node: unknown, visit: (node: Record<string, unknown>) => boolean): boolean {
  if (Array.isArray(node)) return node.some((item) => walk(item, visit));
  if (node === null || typeof node !== 'object') return false;
  return visit(node as Record<string, unknown>) || Object.values(node).some((child) => walk(child, visit));
}

const hasMark = (expression: Expression): boolean => walk(expression, (node) => node.kind === 'outerMark');

function conjuncts(expression: Expression): Expression[] {
  if (expression.kind !== 'binary' || expression.operator !== 'and') return [expression];
  return [...conjuncts(expression.left), ...conjuncts(expression.right)];
}

function joinConditions(conditions: readonly Expression[]): Expression | undefined {
  return conditions.reduce<Expression | undefined>(
    (all, condition) =>
      all ? { kind: 'binary', operator: 'and', left: all, right: condition, position: condition.position } : condition,
    undefined,
  );
}

function markedBy(condition: Expression, owner: Owner): Marked {
  if (condition.kind === 'binary' && condition.operator === 'or') throw notInListsOrOr();
  const [tables, others] = [new Set<string>(), new Set<string>()];
  walk(condition, (node) => {
    if (node.kind === 'inList' || node.kind === 'inQuery') throw notInListsOrOr();
    const isMark = node.kind === 'outerMark';
    const operand = (isMark ? node.operand : node) as Expression;
    if (isMark && operand.kind !== 'reference')
      throw new RedshiftError('42601', 'syntax error at or near "(+)"', { position: operand.position + 1 });
    if (operand.kind !== 'reference') return false;
    const table = owner(operand);
    if (table !== undefined) (isMark ? tables : others).add(table);
    return false;
  });
  const [table] = tables;
  if (table === undefined || tables.size > 1)
    throw new RedshiftError('42601', 'a predicate may mark only one table with (+)', {
      position: condition.position + 1,
    });
  others.delete(table);
  return { condition, table, others: [...others] };
}

const notInListsOrOr = (): RedshiftError =>
  new RedshiftError('0A000', 'Outer join operator (+) not allowed in operand of OR or IN.');

const unmark = <Node>(node: Node): Node => {
  if (Array.isArray(node)) return node.map(unmark) as Node;
  if (node === null || typeof node !== 'object') return node;
  if ((node as { kind?: string }).kind === 'outerMark') return (node as unknown as { operand: Node }).operand;
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, unmark(value)])) as Node;
};

function nameOf(item: FromItem, context: QueryContext): string | undefined {
  const { settings } = context.environment;
  if (item.kind === 'derived') return item.alias && fold(item.alias, settings);
  if (item.kind !== 'named' || item.expression.kind !== 'reference') return undefined;
  if (item.alias) return fold(item.alias, settings);
  const last = item.expression.steps.at(-1);
  return fold(last?.kind === 'attribute' ? last.name : item.expression.root, settings);
}

/** The tables without marks first, then each marked one as soon as the one that it hangs on is there. */
function joinAll(from: readonly FromItem[], marked: readonly Marked[], context: QueryContext): FromItem[] {
  const waiting = new Set(marked.map((each) => each.table));
  const items = new Map(from.map((item) => [nameOf(item, context) ?? '', item] as const));
  const plain = from.filter((item) => !waiting.has(nameOf(item, context) ?? ''));
  const [first, ...rest] = plain;
  if (!first) throw new RedshiftError('42601', 'every table is marked with (+)');
  const { position } = first;
  let left = rest.reduce<FromItem>(
    (all, item) => ({ kind: 'join', type: 'cross', natural: false, left: all, right: item, position }),
    first,
  );
  while (waiting.size > 0) {
    const next = [...waiting].find((table) =>
      marked.every((each) => each.table !== table || !each.others.some((other) => waiting.has(other))),
    );
    const right = next === undefined ? undefined : items.get(next);
    if (next === undefined || !right)
      throw new RedshiftError('42P01', 'the outer join operator (+) stands at an unknown table');
    const on = unmark(joinConditions(marked.filter((each) => each.table === next).map((each) => each.condition)));
    left = { kind: 'join', type: 'left', natural: false, left, right, on, position };
    waiting.delete(next);
  }
  return [left];
}
