import type { Expression, Query } from '../statements/syntax.ts';
import { callValue } from './call.ts';
import { computed, either, influence, NOTHING, type Value, withInfluence } from './flow.ts';
import { queryLineage } from './query.ts';
import { type Place, referenceValue, walkSteps } from './scope.ts';

/** What an expression's value comes from. */
export function valueOf(expression: Expression, place: Place): Value {
  const one = (part: Expression): Value => valueOf(part, place);
  switch (expression.kind) {
    case 'reference':
      return referenceValue(expression, expression.position, place, (step) => one(step.index));
    case 'navigate':
      return walkSteps(one(expression.base), expression.steps, place, (step) => one(step.index));
    case 'cast':
      return computed([one(expression.operand)], { open: 'kept' });
    case 'outerMark':
      return one(expression.operand);
    case 'unary':
      return expression.operator === 'prior' || expression.operator === '+'
        ? one(expression.operand)
        : computed([one(expression.operand)]);
    case 'case':
      return caseValue(expression, one);
    case 'parameter':
      return place.argumentValues?.[expression.index - 1] ?? NOTHING;
    case 'call':
      return callValue(expression, place);
    default:
      return queryValue(expression, place) ?? computed(partsOf(expression).map(one));
  }
}

function caseValue(expression: Expression & { kind: 'case' }, one: (part: Expression) => Value): Value {
  const conditions = [
    ...(expression.operand ? [expression.operand] : []),
    ...expression.branches.map(({ when }) => when),
  ];
  const results = [
    ...expression.branches.map(({ then }) => then),
    ...(expression.otherwise ? [expression.otherwise] : []),
  ];
  return withInfluence(either(results.map(one)), influence(conditions.map(one), 'CONDITIONAL'));
}

/** Expressions that hold a query: its value, and what decides which row gives it. */
function queryValue(expression: Expression, place: Place): Value | undefined {
  switch (expression.kind) {
    case 'subquery':
      return singleValue(expression.query, place);
    case 'exists':
      return { flows: influence([{ flows: inner(expression.query, place).rows }], 'FILTER') };
    case 'inQuery':
    case 'quantified':
      return computed([valueOf(expression.operand, place), singleValue(expression.query, place)]);
    default:
      return undefined;
  }
}

/** A query inside sees the query around it, but not the select items of that one. */
const inner = (query: Query, place: Place): ReturnType<typeof queryLineage> =>
  queryLineage(query, { ...place, parent: place.scope });

function singleValue(query: Query, place: Place): Value {
  const { columns, rows } = inner(query, place);
  return withInfluence(either(columns.map((column) => column.value)), rows);
}

/** The expressions right below one that only computes. */
function partsOf(expression: Expression): Expression[] {
  switch (expression.kind) {
    case 'binary':
      return [expression.left, expression.right];
    case 'is':
      return [expression.operand];
    case 'between':
      return [expression.operand, expression.low, expression.high];
    case 'inList':
      return [expression.operand, ...expression.items];
    case 'like':
      return [expression.operand, expression.pattern, ...(expression.escape ? [expression.escape] : [])];
    case 'row':
      return [...expression.items];
    default:
      return [];
  }
}
