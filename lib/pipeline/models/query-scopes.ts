import type { Token } from './sql-tokens.ts';

/** The names that one SELECT gives to what is in its FROM, and where each is given. */
interface Frame {
  readonly outer: Frame | undefined;
  /** A query within a FROM sees of the outer names only those before it; one elsewhere sees all. */
  readonly seesOuterUpTo: number;
  readonly names: { readonly name: string; readonly at: number }[];
}

/** A pair of parentheses, or the whole text. */
interface Scope {
  readonly outer: Scope | undefined;
  /** The common table expressions of its WITH, and from where on they are known. */
  readonly expressions: { readonly name: string; readonly from: number }[];
  /** The common table expression that it is the query of. */
  readonly expression: { readonly name: string; readonly at: number } | undefined;
  /** Whether it is an item of a FROM, so that an alias may follow. */
  readonly isItem: boolean;
  readonly startIndex: number;
  frame: Frame;
  hasSelect: boolean;
  inFrom: boolean;
  inWith: boolean;
  isRecursive: boolean;
  expectsItem: boolean;
  /** The common table expression whose query comes next. */
  pending: { readonly name: string; readonly at: number } | undefined;
}

/** A name where a table may stand. */
export interface ItemName {
  readonly parts: readonly Token[];
  readonly start: number;
  readonly end: number;
  readonly aliased: boolean;
  readonly frame: Frame;
  readonly scope: Scope;
}

const setOperations = ['union', 'intersect', 'except', 'minus'];
const endOfFrom = new Set([...'where group having qualify order limit offset fetch'.split(' '), ...setOperations]);
const neverAlias = new Set([
  ...endOfFrom,
  ...'on using join left right full inner outer cross natural pivot unpivot at tablesample connect start'.split(' '),
]);
const beforeItem = new Set(['lateral', 'only', 'unpivot']);

export const isName = (token: Token | undefined): token is Token => token?.kind === 'word' || token?.kind === 'quoted';
export const isSymbol = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'other' && token.text === text;
const isWord = (token: Token | undefined, text: string): boolean => token?.kind === 'word' && token.text === text;
/** Redshift folds quoted names too, unless a session asks for their case. */
export const folded = ({ text }: Token): string => text.toLowerCase();

/** The names of a query that stand where a table may, in the order of the text. Its parentheses are balanced. */
export function itemNames(tokens: readonly Token[]): ItemName[] {
  const found: ItemName[] = [];
  const stack = [newScope(undefined, { isItem: false, startIndex: -1, start: 0 })];
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] as Token;
    const scope = stack.at(-1) as Scope;
    if (isSymbol(token, '(')) {
      stack.push(opened(scope, tokens, index));
    } else if (isSymbol(token, ')')) {
      stack.pop();
      closed(scope, tokens, index);
    } else if (scope.expectsItem && isName(token) && !isKeyword(token)) {
      index = takeItem(scope, { tokens, index, found });
    } else if (!isSymbol(tokens[index - 1], '.')) {
      takeWord(scope, tokens, index);
    }
  }
  return found;
}

function newScope(
  outer: Scope | undefined,
  at: Pick<Scope, 'isItem' | 'startIndex'> & { readonly start: number; readonly expression?: Scope['expression'] },
): Scope {
  const { isItem, startIndex, start, expression } = at;
  return {
    outer,
    expressions: [],
    expression,
    isItem,
    startIndex,
    frame: { outer: outer?.frame, seesOuterUpTo: isItem ? start : Number.POSITIVE_INFINITY, names: [] },
    hasSelect: false,
    inFrom: isItem,
    inWith: false,
    isRecursive: false,
    expectsItem: isItem,
    pending: undefined,
  };
}

function opened(scope: Scope, tokens: readonly Token[], index: number): Scope {
  const start = tokens[index]?.start ?? 0;
  const isItem = scope.expectsItem;
  scope.expectsItem = false;
  if (!scope.pending || !isWord(tokens[index - 1], 'as')) return newScope(scope, { isItem, startIndex: index, start });
  const expression = scope.pending;
  scope.pending = undefined;
  return newScope(scope, { isItem: false, startIndex: index, start, expression });
}

function closed(scope: Scope, tokens: readonly Token[], index: number): void {
  const { outer, expression, isItem } = scope;
  if (!outer) return;
  // Known to itself only where it is RECURSIVE.
  if (expression)
    outer.expressions.push({
      name: expression.name,
      from: outer.isRecursive ? expression.at : (tokens[index]?.end ?? 0),
    });
  if (!isItem) return;
  // A join in parentheses gives its names to the FROM around it; a query keeps them.
  if (!scope.hasSelect) outer.frame.names.push(...scope.frame.names);
  const alias = aliasAt(tokens, index + 1);
  if (alias) outer.frame.names.push({ name: folded(alias), at: alias.start });
}

function aliasAt(tokens: readonly Token[], index: number): Token | undefined {
  const token = tokens[index];
  if (isWord(token, 'as')) return isName(tokens[index + 1]) ? tokens[index + 1] : undefined;
  return isName(token) && !(token.kind === 'word' && neverAlias.has(token.text)) ? token : undefined;
}

const isKeyword = (token: Token): boolean =>
  token.kind === 'word' &&
  (token.text === 'select' || token.text === 'with' || endOfFrom.has(token.text) || beforeItem.has(token.text));

/** Takes a name in a FROM and its alias; answers with the index of the name's last token. */
function takeItem(
  scope: Scope,
  { tokens, index, found }: { readonly tokens: readonly Token[]; readonly index: number; readonly found: ItemName[] },
): number {
  scope.expectsItem = false;
  const parts = [tokens[index] as Token];
  let last = index;
  while (isSymbol(tokens[last + 1], '.') && isName(tokens[last + 2])) {
    last += 2;
    parts.push(tokens[last] as Token);
  }
  // What is called is a function; what goes on in brackets is a way into an array.
  if (isSymbol(tokens[last + 1], '(')) return last;
  const isArray = isSymbol(tokens[last + 1], '[');
  const alias = aliasAt(tokens, isArray ? afterPath(tokens, last + 1) : last + 1);
  const named = alias ?? (tokens[last] as Token);
  scope.frame.names.push({ name: folded(named), at: named.start });
  const { start } = tokens[index] as Token;
  const { end } = tokens[last] as Token;
  if (!isArray) found.push({ parts, start, end, aliased: alias !== undefined, frame: scope.frame, scope });
  return last;
}

/** The index after `[0].scores[1]`. */
function afterPath(tokens: readonly Token[], from: number): number {
  let index = from;
  for (;;) {
    if (isSymbol(tokens[index], '[')) {
      while (index < tokens.length && !isSymbol(tokens[index], ']')) index += 1;
      index += 1;
    } else if (isSymbol(tokens[index], '.')) {
      index += 2;
    } else {
      return index;
    }
  }
}

function takeWord(scope: Scope, tokens: readonly Token[], index: number): void {
  const token = tokens[index] as Token;
  if (isSymbol(token, ',')) {
    if (scope.inFrom) scope.expectsItem = true;
    if (scope.inWith) expectExpression(scope, tokens, index + 1);
  }
  if (token.kind !== 'word') return;
  if (token.text === 'with' && index === scope.startIndex + 1) {
    scope.inWith = true;
    scope.inFrom = false;
    scope.expectsItem = false;
    scope.isRecursive = isWord(tokens[index + 1], 'recursive');
    expectExpression(scope, tokens, index + (scope.isRecursive ? 2 : 1));
  } else if (token.text === 'select') {
    beginSelect(scope);
  } else if (token.text === 'from' && scope.hasSelect && !isDistinctFrom(tokens, index)) {
    scope.inFrom = true;
    scope.expectsItem = true;
  } else if (token.text === 'join' && scope.inFrom) {
    scope.expectsItem = true;
  } else if (endOfFrom.has(token.text)) {
    scope.inFrom = false;
    scope.expectsItem = false;
    if (setOperations.includes(token.text)) forgetNames(scope);
  }
}

function expectExpression(scope: Scope, tokens: readonly Token[], index: number): void {
  const name = tokens[index];
  if (isName(name)) scope.pending = { name: folded(name), at: name.start };
}

/** The SELECTs of a UNION do not see each other's names. */
function forgetNames(scope: Scope): void {
  scope.frame = { ...scope.frame, names: [] };
}

function beginSelect(scope: Scope): void {
  forgetNames(scope);
  scope.hasSelect = true;
  scope.inFrom = false;
  scope.inWith = false;
  scope.expectsItem = false;
}

/** `a IS NOT DISTINCT FROM b` begins no FROM. */
function isDistinctFrom(tokens: readonly Token[], index: number): boolean {
  const [negation, distinct] = tokens.slice(Math.max(0, index - 2), index);
  return isWord(distinct, 'distinct') && (isWord(negation, 'is') || isWord(negation, 'not'));
}

/** Whether a name means something of its query: a common table expression, or a way into a value of a table before it. */
export function isOfQuery({ parts, start, frame, scope }: ItemName): boolean {
  const [first] = parts as readonly [Token, ...Token[]];
  return isVariable(folded(first), start, frame) || (parts.length === 1 && isExpression(folded(first), start, scope));
}

function isExpression(name: string, start: number, scope: Scope): boolean {
  for (let around: Scope | undefined = scope; around; around = around.outer) {
    if (around.expressions.some((one) => one.name === name && one.from < start)) return true;
  }
  return false;
}

function isVariable(name: string, start: number, frame: Frame): boolean {
  let upTo = start;
  for (let around: Frame | undefined = frame; around; around = around.outer) {
    const limit = upTo;
    if (around.names.some((one) => one.name === name && one.at < limit)) return true;
    upTo = around.seesOuterUpTo;
  }
  return false;
}
