/** What intrinsic functions are resolved against. `reference` and `attribute` throw for what is not there. */
export interface Scope {
  readonly mappings: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly conditions: Readonly<Record<string, unknown>>;
  /** Parameters, pseudo parameters and resources alike. */
  reference(name: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  /** The text of a secret, or of one of its JSON keys: what `{{resolve:secretsmanager:…}}` stands for. */
  secret(secretId: string, jsonKey: string | undefined): string;
}

/** `Ref: AWS::NoValue`: the property is as if it were not written. */
export const noValue = Symbol('AWS::NoValue');

/** An intrinsic that cannot be resolved, with what is wrong about it. */
export class IntrinsicError extends Error {}

type Resolver = (argument: unknown, scope: Scope) => unknown;

const fail = (message: string): never => {
  throw new IntrinsicError(message);
};

function list(name: string, argument: unknown, length?: number): unknown[] {
  if (!Array.isArray(argument) || (length !== undefined && argument.length !== length)) {
    return fail(`${name} takes a list${length === undefined ? '' : ` of ${length}`}, not ${JSON.stringify(argument)}`);
  }
  return argument;
}

const text = (name: string, value: unknown): string =>
  typeof value === 'string' ? value : fail(`${name} needs text, not ${JSON.stringify(value)}`);

const plainText = (name: string, value: unknown): string =>
  ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : text(name, value);

function getAtt(argument: unknown, scope: Scope): unknown {
  const parts = typeof argument === 'string' ? splitAttribute(argument) : list('Fn::GetAtt', argument, 2);
  return scope.attribute(text('Fn::GetAtt', parts[0]), text('Fn::GetAtt', resolve(parts[1], scope)));
}

export function splitAttribute(path: string): [string, string] {
  const dot = path.indexOf('.');
  return dot < 0 ? fail(`${JSON.stringify(path)} names no attribute`) : [path.slice(0, dot), path.slice(dot + 1)];
}

/** What `${…}` in a Fn::Sub names; `${!Literal}` stands for itself. */
export const substitutionPattern = /\$\{(!?)([^}]+)\}/g;

function substitute(argument: unknown, scope: Scope): string {
  const [template, variables] = Array.isArray(argument) ? list('Fn::Sub', argument, 2) : [argument, {}];
  const values = resolve(variables, scope) as Record<string, unknown>;
  return text('Fn::Sub', template).replace(substitutionPattern, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in values) return plainText('Fn::Sub', values[name]);
    const value = name.includes('.') ? scope.attribute(...splitAttribute(name)) : scope.reference(name);
    return plainText('Fn::Sub', value);
  });
}

function select(argument: unknown, scope: Scope): unknown {
  const [index, rawValues] = list('Fn::Select', argument, 2);
  const values = list('Fn::Select', resolve(rawValues, scope));
  const position = Number(resolve(index, scope));
  return position in values ? values[position] : fail(`Fn::Select ${position} of ${JSON.stringify(values)}`);
}

function findInMap(argument: unknown, scope: Scope): unknown {
  const [map = '', top = '', second = ''] = list('Fn::FindInMap', argument, 3).map((part) =>
    String(resolve(part, scope)),
  );
  const value = scope.mappings[map]?.[top]?.[second];
  return value === undefined ? fail(`Fn::FindInMap: nothing at ${map}.${top}.${second}`) : value;
}

function join(argument: unknown, scope: Scope): string {
  const [separator, rawParts] = list('Fn::Join', argument, 2);
  const parts = list('Fn::Join', resolve(rawParts, scope));
  return parts.map((part) => plainText('Fn::Join', part)).join(text('Fn::Join', separator));
}

function split(argument: unknown, scope: Scope): string[] {
  const [separator, source] = list('Fn::Split', argument, 2);
  return text('Fn::Split', resolve(source, scope)).split(text('Fn::Split', separator));
}

function choose(argument: unknown, scope: Scope): unknown {
  const [condition, yes, no] = list('Fn::If', argument, 3);
  return resolve(evaluate({ Condition: condition }, scope) ? yes : no, scope);
}

const resolvers: Readonly<Record<string, Resolver>> = {
  Ref: (argument, scope) => scope.reference(text('Ref', argument)),
  'Fn::GetAtt': getAtt,
  'Fn::Sub': substitute,
  'Fn::Join': join,
  'Fn::Select': select,
  'Fn::Split': split,
  'Fn::FindInMap': findInMap,
  'Fn::If': choose,
  'Fn::Equals': (argument, scope) => evaluate({ 'Fn::Equals': argument }, scope),
  'Fn::Not': (argument, scope) => evaluate({ 'Fn::Not': argument }, scope),
  'Fn::And': (argument, scope) => evaluate({ 'Fn::And': argument }, scope),
  'Fn::Or': (argument, scope) => evaluate({ 'Fn::Or': argument }, scope),
};

/** The name and argument of an intrinsic, or undefined for a plain value. */
export function intrinsicOf(value: unknown): { name: string; argument: unknown } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length !== 1 || name === undefined) return undefined;
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument } : undefined;
}

const secretReference = /\{\{resolve:secretsmanager:(.+?):SecretString(?::([^:}]*))?(?::[^:}]*){0,2}\}\}/g;

/** Dynamic references, once Join and Sub have put their parts together. Only Secrets Manager's are known. */
function resolveDynamic(value: string, scope: Scope): string {
  if (!value.includes('{{resolve:')) return value;
  const resolved = value.replace(secretReference, (_, secretId: string, jsonKey?: string) =>
    scope.secret(secretId, jsonKey || undefined),
  );
  // Half of a reference is a part of a Join that is not put together yet.
  return /\{\{resolve:[^{}]*\}\}/.test(resolved) ? fail(`the dynamic reference ${value} is not known`) : resolved;
}

/** Replaces every intrinsic in a value; one that is not known is an error naming it. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return resolveDynamic(value, scope);
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== noValue);
  if (typeof value !== 'object' || value === null) return value;
  const intrinsic = intrinsicOf(value);
  if (intrinsic) {
    const resolver = resolvers[intrinsic.name] ?? fail(`the intrinsic function ${intrinsic.name} is not known`);
    const resolved = resolver(intrinsic.argument, scope);
    return typeof resolved === 'string' ? resolveDynamic(resolved, scope) : resolved;
  }
  const entries = Object.entries(value).map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== noValue));
}

/** A condition's truth: by name, or as an expression of the four condition functions. */
export function evaluate(expression: unknown, scope: Scope): boolean {
  const [name = '', argument] = Object.entries((expression ?? {}) as Record<string, unknown>)[0] ?? [];
  const all = () => list(name, argument).map((part) => evaluate(part, scope));
  if (name === 'Condition') {
    const key = text('Condition', argument);
    return key in scope.conditions ? evaluate(scope.conditions[key], scope) : fail(`there is no condition ${key}`);
  }
  if (name === 'Fn::Equals') {
    const [left, right] = list(name, argument, 2).map((part) => JSON.stringify(resolve(part, scope)));
    return left === right;
  }
  if (name === 'Fn::Not') return !all()[0];
  if (name === 'Fn::And') return all().every(Boolean);
  if (name === 'Fn::Or') return all().some(Boolean);
  return fail(`the condition function ${name} is not known`);
}
