import { MillraceError } from '../../../lib/pipeline/error.ts';

/** Decides whether an event matches. */
export type Matcher = (event: unknown) => boolean;
/** Decides for one value; `undefined` is a field that is not there. */
type LeafMatcher = (value: unknown) => boolean;

/**
 * Compiles an event pattern. What EventBridge knows and this does not (`cidr`, or a typing error) is refused at once.
 * (EventBridge user guide, "Comparison operators for use in event patterns".)
 */
export function compilePattern(pattern: unknown, where = 'EventPattern'): Matcher {
  if (!isObject(pattern)) throw refused(where, pattern, 'a pattern is an object of field names');
  const { $or: alternatives, ...fields } = pattern;
  const matchers = Object.entries(fields).map(([name, inner]) => fieldMatcher(name, inner, `${where}.${name}`));
  if (alternatives !== undefined) matchers.push(anyOf(alternatives, `${where}.$or`));
  if (matchers.length === 0) throw refused(where, pattern, 'an empty pattern matches nothing that could be meant');
  return (event) => matchers.every((matches) => matches(event));
}

function anyOf(alternatives: unknown, where: string): Matcher {
  if (!Array.isArray(alternatives) || alternatives.length < 2) {
    throw refused(where, alternatives, '$or takes at least two patterns');
  }
  const matchers = alternatives.map((alternative, index) => compilePattern(alternative, `${where}[${index}]`));
  return (event) => matchers.some((matches) => matches(event));
}

function fieldMatcher(name: string, inner: unknown, where: string): Matcher {
  if (Array.isArray(inner)) {
    if (inner.length === 0) throw refused(where, inner, 'an empty list matches nothing');
    const leaves = inner.map((leaf: unknown) => leafMatcher(leaf, where));
    return (event) => valuesOf(event, name).some((value) => leaves.some((matches) => matches(value)));
  }
  const nested = compilePattern(inner, where);
  return (event) => valuesOf(event, name).some((value) => nested(value));
}

/** The value of a field; of an array each element, as EventBridge matches when any element does. Absent is `[undefined]`. */
function valuesOf(event: unknown, name: string): unknown[] {
  const value = isObject(event) && Object.hasOwn(event, name) ? event[name] : undefined;
  return Array.isArray(value) && value.length > 0 ? value : [value];
}

function leafMatcher(leaf: unknown, where: string): LeafMatcher {
  if (!isObject(leaf)) return (value) => value === leaf;
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(leaf);
  const compile = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (!compile || more.length > 0) {
    throw refused(where, leaf, `the local EventBridge knows ${Object.keys(operators).join(', ')}, one at a time`);
  }
  return compile(operand, where);
}

const operators: Readonly<Record<string, (operand: unknown, where: string) => LeafMatcher>> = {
  exists(operand, where) {
    if (typeof operand !== 'boolean') throw refused(where, operand, 'exists takes true or false');
    return (value) => !isObject(value) && (value !== undefined) === operand;
  },
  prefix: (operand, where) => onText(operand, where, (value, part) => value.startsWith(part)),
  suffix: (operand, where) => onText(operand, where, (value, part) => value.endsWith(part)),
  'equals-ignore-case': (operand, where) => onPlainText(operand, where, sameIgnoringCase),
  wildcard(operand, where) {
    const pattern = wildcard(operand, where);
    return (value) => typeof value === 'string' && pattern.test(value);
  },
  numeric,
  'anything-but': anythingBut,
};

type TextTest = (value: string, part: string) => boolean;
const sameIgnoringCase: TextTest = (value, part) => value.toLowerCase() === part.toLowerCase();

function onPlainText(operand: unknown, where: string, test: TextTest): LeafMatcher {
  if (typeof operand !== 'string') throw refused(where, operand, 'text is expected here');
  return (value) => typeof value === 'string' && test(value, operand);
}

/** A prefix or suffix, as text or as `{"equals-ignore-case": "…"}`. */
function onText(operand: unknown, where: string, test: TextTest): LeafMatcher {
  const loose = isObject(operand) && Object.keys(operand).length === 1 ? operand['equals-ignore-case'] : undefined;
  if (typeof loose === 'string')
    return (value) => typeof value === 'string' && test(value.toLowerCase(), loose.toLowerCase());
  return onPlainText(operand, where, test);
}

function wildcard(operand: unknown, where: string): RegExp {
  if (typeof operand !== 'string') throw refused(where, operand, 'wildcard takes text');
  if (operand.includes('**')) throw refused(where, operand, 'two * in a row are not allowed');
  const parts = operand.match(/\\[\\*]|\*|[^*\\]+|\\/g) ?? [];
  const source = parts.map((part) => (part === '*' ? '[^]*' : escaped(part.replace(/^\\([\\*])$/, '$1'))));
  return new RegExp(`^${source.join('')}$`);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function numeric(operand: unknown, where: string): LeafMatcher {
  const parts = Array.isArray(operand) ? (operand as unknown[]) : [];
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const compare = comparisons[String(parts[index])];
    const bound = parts[index + 1];
    if (!compare || typeof bound !== 'number') throw refused(where, operand, 'numeric takes [operator, number, …]');
    tests.push((value) => compare(value, bound));
  }
  if (tests.length === 0) throw refused(where, operand, 'numeric takes [operator, number, …]');
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

/** Text, numbers, a list of them, or one of prefix, suffix, equals-ignore-case and wildcard, each with text or a list. */
function anythingBut(operand: unknown, where: string): LeafMatcher {
  const none = (matchers: readonly LeafMatcher[]): LeafMatcher => {
    return (value) => value !== undefined && !isObject(value) && !matchers.some((matches) => matches(value));
  };
  if (!isObject(operand)) {
    const values: unknown[] = [operand].flat();
    if (values.length === 0 || values.some((value) => typeof value !== 'string' && typeof value !== 'number')) {
      throw refused(where, operand, 'anything-but takes text or numbers');
    }
    return none(values.map((unwanted) => (value: unknown) => value === unwanted));
  }
  const [[operator, inner] = ['', undefined], ...more] = Object.entries(operand);
  const known = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator);
  const compile = operators[operator];
  if (!known || !compile || more.length > 0)
    throw refused(where, operand, 'anything-but knows prefix, suffix, equals-ignore-case and wildcard');
  return none([inner].flat().map((one: unknown) => compile(one, where)));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function refused(where: string, what: unknown, why: string): MillraceError {
  return new MillraceError('BAD_EVENT_PATTERN', `${where}: ${JSON.stringify(what)} is not understood: ${why}`);
}
