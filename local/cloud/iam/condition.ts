import type { ConditionContext } from '../service.ts';
import { matchesArn, matchesPattern } from './pattern.ts';

type Test = (policyValue: string, requestValue: string) => boolean;

const equalsIgnoringCase: Test = (policy, request) => policy.toLowerCase() === request.toLowerCase();
const numeric =
  (compare: (request: number, policy: number) => boolean): Test =>
  (policy, request) =>
    compare(Number(request), Number(policy));

/** Operators by name; the negated ones are written `Not…` and hold when the positive one holds for no value. */
const positive: Readonly<Record<string, Test>> = {
  StringEquals: (policy, request) => policy === request,
  StringEqualsIgnoreCase: equalsIgnoringCase,
  StringLike: matchesPattern,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: equalsIgnoringCase,
  NumericEquals: numeric((request, policy) => request === policy),
  NumericLessThan: numeric((request, policy) => request < policy),
  NumericLessThanEquals: numeric((request, policy) => request <= policy),
  NumericGreaterThan: numeric((request, policy) => request > policy),
  NumericGreaterThanEquals: numeric((request, policy) => request >= policy),
};
const negative: Readonly<Record<string, Test | undefined>> = {
  StringNotEquals: positive.StringEquals,
  StringNotEqualsIgnoreCase: positive.StringEqualsIgnoreCase,
  StringNotLike: positive.StringLike,
  ArnNotEquals: positive.ArnEquals,
  ArnNotLike: positive.ArnLike,
  NumericNotEquals: positive.NumericEquals,
};

interface Operator {
  readonly quantifier?: 'ForAnyValue' | 'ForAllValues';
  readonly test: Test;
  readonly negated: boolean;
  readonly ifExists: boolean;
}

function parseOperator(text: string): Operator | 'Null' | undefined {
  if (text === 'Null') return 'Null';
  const match = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(text);
  const name = match?.[2] ?? '';
  const test = positive[name] ?? negative[name];
  if (!match || !test) return undefined;
  return {
    quantifier: match[1] as Operator['quantifier'],
    test,
    negated: name in negative,
    ifExists: match[3] !== undefined,
  };
}

/** Says why an operator cannot be evaluated, or undefined where it can. */
export function checkConditionOperator(text: string): string | undefined {
  return parseOperator(text) ? undefined : `the condition operator ${text} is not supported by the local evaluator`;
}

function valuesOf(context: ConditionContext, key: string): readonly string[] | undefined {
  const found = Object.keys(context).find((candidate) => candidate.toLowerCase() === key.toLowerCase());
  const value = found === undefined ? undefined : context[found];
  return value === undefined ? undefined : [value].flat();
}

function holds(operator: Operator, policyValues: readonly string[], values: readonly string[] | undefined): boolean {
  const { test, negated, quantifier } = operator;
  const one = (value: string) => policyValues.some((policyValue) => test(policyValue, value)) !== negated;
  if (quantifier === 'ForAllValues') return (values ?? []).every(one);
  if (values === undefined) return quantifier === 'ForAnyValue' ? false : operator.ifExists || negated;
  if (quantifier === 'ForAnyValue' || !negated) return values.some(one);
  return values.every(one);
}

/** True when every operator of a Condition block holds for the request. */
export function conditionHolds(
  condition: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> | undefined,
  context: ConditionContext,
): boolean {
  return Object.entries(condition ?? {}).every(([name, keys]) => {
    const operator = parseOperator(name);
    if (!operator) throw new Error(`condition operator ${name} was not checked when its policy was read`);
    return Object.entries(keys).every(([key, policyValues]) => {
      const values = valuesOf(context, key);
      if (operator === 'Null') return policyValues.some((text) => (text === 'true') === (values === undefined));
      return holds(operator, policyValues, values);
    });
  });
}
