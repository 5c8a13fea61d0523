import type { Expression, FromItem, Select } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import type { QueryContext } from './query.ts';
import { fold } from './scope.ts';

/**
 * Oracle's outer joins, `a.id = b.id(+)`, as LEFT JOINs: a marked table is joined to those before it, on all conditions that mark
 * it. What no mark touches stays in WHERE.
 */
export function withOuterMarks(select: Select, context: QueryContext): Select {
  if (!select.where || !hasMark(select.where)) return select;
  const conditions = conjuncts(select.where);
  const marked = conditions.filter(hasMark);
  let from = [...select.from];
  for (const name of new Set(marked.flatMap((condition) => markedTables(condition, context)))) {
    from = joinMarked(
      from,
      name,
      marked.filter((condition) => markedTables(condition, context).includes(name)),
      context,
    );
  }
  return { ...select, from, where: joinConditions(conditions.filter((condition) => !hasMark(condition))) };
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

function markedTables(condition: Expression, context: QueryContext): string[] {
  const names = new Set<string>();
  walk(condition, (node) => {
    if (node.kind !== 'outerMark') return false;
    const operand = node.operand as Expression;
    if (operand.kind !== 'reference' || operand.steps.length === 0)
      throw new RedshiftError('0A000', 'the outer join operator (+) takes a column with its table', {
        position: operand.position + 1,
      });
    names.add(fold(operand.root, context.environment.settings));
    return false;
  });
  if (names.size > 1)
    throw new RedshiftError('42601', 'a predicate may mark only one table with (+)', {
      position: condition.position + 1,
    });
  return [...names];
}

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

function joinMarked(
  from: readonly FromItem[],
  name: string,
  conditions: readonly Expression[],
  context: QueryContext,
): FromItem[] {
  const target = from.find((item) => nameOf(item, context) === name);
  const [first, ...others] = from.filter((item) => item !== target);
  if (!target || !first)
    throw new RedshiftError('42P01', `the outer join operator (+) stands at an unknown table "${name}"`);
  const position = target.position;
  const left = others.reduce<FromItem>(
    (all, item) => ({ kind: 'join', type: 'cross', natural: false, left: all, right: item, position }),
    first,
  );
  return [
    {
      kind: 'join',
      type: 'left',
      natural: false,
      left,
      right: target,
      on: unmark(joinConditions(conditions)),
      position,
    },
  ];
}
