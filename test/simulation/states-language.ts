import type { AslState } from '../factories/local-machine.ts';

/** Names and values; a name that ends in `.$` has a path, or a sum, for its value. */
type Template = Readonly<Record<string, unknown>>;

/** A condition of a choice. */
interface Rule {
  readonly And?: readonly Rule[];
  readonly Variable: string;
  readonly Next: string;
  readonly IsPresent?: boolean;
  readonly BooleanEquals?: boolean;
  readonly StringEquals?: string;
  readonly NumericGreaterThanEquals?: number;
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly MaxAttempts: number;
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds: number;
}

interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly ResultPath: string;
  readonly Next: string;
}

export type States = Readonly<Record<string, AslState>>;

/** A state with the fields that the refresh machine uses; each belongs to some of the types. */
export interface State {
  readonly Type: 'Task' | 'Map' | 'Choice' | 'Wait' | 'Pass' | 'Succeed' | 'Fail';
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default: string;
  readonly Choices: readonly Rule[];
  readonly SecondsPath: string;
  readonly ErrorPath: string;
  readonly Resource: string;
  readonly Parameters?: Template;
  readonly Result?: unknown;
  readonly ResultSelector?: Template;
  readonly ResultPath?: string | null;
  readonly InputPath?: string;
  readonly OutputPath?: string;
  readonly ItemsPath: string;
  readonly ItemProcessor: { readonly States: States; readonly StartAt: string };
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export function matches(codes: readonly string[], code: string): boolean {
  return codes.some(
    (one) => one === code || one === 'States.ALL' || (one === 'States.TaskFailed' && code !== 'States.Timeout'),
  );
}

/** `$`, `$.a.b`, `$.a[0]`. */
export function pathOf(data: unknown, path: string): unknown {
  const parts = path.slice(1).match(/[^.[\]]+/g) ?? [];
  return parts.reduce<unknown>((value, part) => (value as Readonly<Record<string, unknown>> | undefined)?.[part], data);
}

/** The data with the value where the path says; null: the value is dropped. */
export function placed(data: unknown, path: string | null, value: unknown): unknown {
  if (path === null) return data;
  if (path === '$') return value;
  const [first = '', ...rest] = path.slice(2).split('.');
  const before = data as Template | undefined;
  const inner = rest.length === 0 ? value : placed(before?.[first], `$.${rest.join('.')}`, value);
  return { ...before, [first]: inner };
}

export function filled(template: Template, data: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith('.$') ? [name.slice(0, -2), evaluated(String(value), data)] : [name, value],
    ),
  );
}

function evaluated(expression: string, data: unknown): unknown {
  const sum = /^States\.MathAdd\((\$[^,]*), (\d+)\)$/.exec(expression);
  return sum ? Number(pathOf(data, sum[1] as string)) + Number(sum[2]) : pathOf(data, expression);
}

export function passed(state: State, data: unknown): unknown {
  const input = state.InputPath ? pathOf(data, state.InputPath) : data;
  const result = state.Result ?? (state.Parameters ? filled(state.Parameters, input) : input);
  return state.ResultPath ? placed(data, state.ResultPath, result) : result;
}

export function holds(rule: Rule, data: unknown): boolean {
  if (rule.And) return rule.And.every((one) => holds(one, data));
  const value = pathOf(data, rule.Variable);
  if (rule.IsPresent !== undefined) return (value !== undefined) === rule.IsPresent;
  if (rule.BooleanEquals !== undefined) return value === rule.BooleanEquals;
  if (rule.StringEquals !== undefined) return value === rule.StringEquals;
  if (rule.NumericGreaterThanEquals !== undefined) return Number(value) >= rule.NumericGreaterThanEquals;
  throw new Error(`this rule is not known here: ${JSON.stringify(rule)}`);
}
