import type { Workspace } from '../engine/workspace.ts';
import { RUNTIME_FUNCTIONS } from '../functions/runtime/all.ts';
import type { Call, Expression, Query } from '../statements/syntax.ts';
import type { RedshiftType } from '../types.ts';

/**
 * What most expressions of procedures come to without asking DuckDB: it plans a query for longer than all else takes together. Texts are
 * put together and quoted, whole numbers compared, NULL looked for; whatever is anything else is not known here.
 */
export interface Immediate {
  readonly text: string | null;
  readonly kind: 'text' | 'integer' | 'boolean';
}

/** The greatest whole numbers of each type. */
const greatest: Readonly<Record<string, bigint>> = { int2: 32_767n, int4: 2_147_483_647n, int8: 2n ** 63n - 1n };
/** Longer texts meet limits that only the query knows. */
const longestText = 16_000;

/** The one expression of a query without tables, where it can be told at once. */
export function immediateAnswer(workspace: Workspace, query: Query): { readonly text: string | null } | undefined {
  const { body } = query;
  const isBare = query.with.length === 0 && query.orderBy.length === 0 && !query.limit && !query.offset;
  if (!isBare || body.kind !== 'select' || body.from.length > 0 || body.items.length !== 1) return undefined;
  const { items, from: _, kind: __, position: ___, distinct, ...others } = body;
  const isPlain = !distinct && Object.values(others).every((part) => part === undefined || isEmpty(part));
  const expression = isPlain ? items[0]?.expression : undefined;
  return expression && immediate(workspace, expression);
}

const isEmpty = (part: unknown): boolean => Array.isArray(part) && part.length === 0;

function immediate(workspace: Workspace, expression: Expression): Immediate | undefined {
  switch (expression.kind) {
    case 'string':
      return textOf(expression.value);
    case 'number':
      return /^\d{1,9}$/.test(expression.text) ? integerOf(expression.text, 'int4') : undefined;
    case 'cast':
      return expression.lax ? undefined : immediateCast(workspace, expression.operand, expression.type);
    case 'is':
      return expression.test === 'null' ? isNull(workspace, expression.operand, expression.not) : undefined;
    case 'binary':
      return immediateBinary(workspace, expression);
    case 'call':
      return quoted(workspace, expression);
    default:
      return undefined;
  }
}

const textOf = (text: string | null): Immediate | undefined =>
  text === null || text.length <= longestText ? { text, kind: 'text' } : undefined;

/** A whole number as its type shows it; none where it does not fit. */
function integerOf(text: string, type: string): Immediate | undefined {
  if (!/^-?\d{1,19}$/.test(text)) return undefined;
  const number = BigInt(text);
  const most = greatest[type] ?? 0n;
  return number <= most && number >= -most - 1n ? { text: String(number), kind: 'integer' } : undefined;
}

function immediateCast(workspace: Workspace, operand: Expression, type: RedshiftType): Immediate | undefined {
  const isInteger = Object.hasOwn(greatest, type.kind);
  if (operand.kind === 'null') {
    if (isInteger) return { text: null, kind: 'integer' };
    return type.kind === 'varchar' ? textOf(null) : undefined;
  }
  const value = immediate(workspace, operand);
  if (value?.text === undefined || value.text === null || value.kind === 'boolean') return undefined;
  if (isInteger) return integerOf(value.text, type.kind);
  if (type.kind !== 'varchar') return undefined;
  const isWhole = type.length === undefined || Buffer.byteLength(value.text) <= type.length;
  return isWhole ? textOf(value.text) : undefined;
}

function isNull(workspace: Workspace, operand: Expression, not: boolean): Immediate | undefined {
  const value = immediate(workspace, operand);
  return value && booleanOf((value.text === null) !== not);
}

const booleanOf = (is: boolean): Immediate => ({ text: is ? 't' : 'f', kind: 'boolean' });

const comparisons: Readonly<Record<string, (left: bigint, right: bigint) => boolean>> = {
  '=': (left, right) => left === right,
  '<>': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function immediateBinary(workspace: Workspace, expression: Expression & { kind: 'binary' }): Immediate | undefined {
  const { operator } = expression;
  const compare = Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
  if (!compare && operator !== '||') return undefined;
  const left = immediate(workspace, expression.left);
  const right = left && immediate(workspace, expression.right);
  if (!left || !right || left.kind === 'boolean' || right.kind === 'boolean') return undefined;
  const isUnknown = left.text === null || right.text === null;
  if (!compare) return textOf(isUnknown ? null : `${left.text}${right.text}`);
  if (left.kind !== 'integer' || right.kind !== 'integer') return undefined;
  if (isUnknown) return { text: null, kind: 'boolean' };
  return booleanOf(compare(BigInt(left.text as string), BigInt(right.text as string)));
}

const quotes = new Map(
  ['quote_ident', 'quote_literal'].map((name) => [name, RUNTIME_FUNCTIONS.find((one) => one.name === `mr_${name}`)]),
);

/** QUOTE_IDENT and QUOTE_LITERAL, where nobody has made a function of that name. */
function quoted(workspace: Workspace, call: Call): Immediate | undefined {
  const [name, ...path] = call.name;
  const [argument, ...more] = call.arguments;
  const fn = path.length === 0 && name ? quotes.get(name.name.toLowerCase()) : undefined;
  const isPlain = more.length === 0 && !call.distinct && !call.star && !call.over && !call.withinGroup && !call.nulls;
  if (!fn || !name || !argument || !isPlain || isMadeByUser(workspace, name.name.toLowerCase())) return undefined;
  const value = immediate(workspace, argument);
  if (value?.kind !== 'text') return undefined;
  return textOf(fn.body(value.text) as string | null);
}

const isMadeByUser = (workspace: Workspace, name: string): boolean =>
  [...workspace.transaction.catalog.functions.keys()].some((key) => key.toLowerCase().endsWith(name));
