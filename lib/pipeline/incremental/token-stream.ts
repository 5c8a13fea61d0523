import { sqlTokens, type Token } from '../models/sql-tokens.ts';
import { type Expression, UnknownShape } from './shape.ts';

/** Tokens of a query, taken one after the other. */
export class TokenStream {
  readonly sql: string;
  readonly tokens: readonly Token[];
  #at = 0;

  constructor(sql: string) {
    const read = sqlTokens(sql);
    if (read.kind === 'invalid') throw new UnknownShape(read.message, read.offset);
    this.sql = sql;
    this.tokens = read.tokens;
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.#at + ahead];
  }

  /** The token taken last. */
  get before(): Token | undefined {
    return this.tokens[this.#at - 1];
  }

  take(): Token {
    const token = this.tokens[this.#at];
    if (!token) throw new UnknownShape('the query ends too early', this.sql.length);
    this.#at += 1;
    return token;
  }

  isWord(...words: readonly string[]): boolean {
    return words.every((word, ahead) => isWord(this.peek(ahead), word));
  }

  isSymbol(text: string): boolean {
    return isSymbol(this.peek(), text);
  }

  /** Takes the words if they are next, all of them. */
  takeWords(...words: readonly string[]): boolean {
    if (!this.isWord(...words)) return false;
    this.#at += words.length;
    return true;
  }

  takeSymbol(text: string): boolean {
    if (!this.isSymbol(text)) return false;
    this.#at += 1;
    return true;
  }

  expectSymbol(text: string): Token {
    if (!this.isSymbol(text)) this.fail(`${text} is expected`);
    return this.take();
  }

  fail(message: string): never {
    throw new UnknownShape(message, this.peek()?.start ?? this.sql.length);
  }

  /** Takes tokens up to the first, outside of parentheses, that ends the stretch; that one stays. */
  takeUntil(ends: (token: Token, before: Token | undefined) => boolean): Token[] {
    const taken: Token[] = [];
    let depth = 0;
    for (let token = this.peek(); token; token = this.peek()) {
      if (depth === 0 && (isSymbol(token, ')') || ends(token, taken.at(-1)))) break;
      if (isSymbol(token, '(') || isSymbol(token, '[')) depth += 1;
      if (isSymbol(token, ')') || isSymbol(token, ']')) depth -= 1;
      taken.push(this.take());
    }
    return taken;
  }

  /** The parts of a condition that all must hold. */
  conjuncts(tokens: readonly Token[]): Expression[] {
    return conjuncts(tokens).map((part) => this.expression(part));
  }

  expression(tokens: readonly Token[]): Expression {
    const [first] = tokens;
    const last = tokens.at(-1);
    if (!first || !last) this.fail('an expression is expected');
    return { text: this.sql.slice(first.start, last.end), tokens };
  }
}

export const isWord = (token: Token | undefined, word: string): boolean =>
  token?.kind === 'word' && token.text === word;
export const isSymbol = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'other' && token.text === text;
export const isName = (token: Token | undefined): token is Token => token?.kind === 'word' || token?.kind === 'quoted';
/** Redshift folds quoted names too, unless a session asks for their case. */
export const folded = ({ text }: Token): string => text.toLowerCase();

const clauses = 'from where group having qualify order limit offset fetch union intersect except minus'.split(' ');
/** Whether a token begins the next clause of a SELECT. `IS DISTINCT FROM` and `WITHIN GROUP` begin none. */
export const endsClause = (token: Token, before: Token | undefined): boolean =>
  clauses.some((word) => isWord(token, word)) && !isWord(before, 'distinct') && !isWord(before, 'within');

/** Splits a stretch at what stands outside of parentheses. */
export function splitAt(tokens: readonly Token[], isCut: (token: Token, index: number) => boolean): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (isSymbol(token, '(') || isSymbol(token, '[')) depth += 1;
    if (isSymbol(token, ')') || isSymbol(token, ']')) depth -= 1;
    if (depth === 0 && isCut(token, index)) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** The parts of a condition that all must hold: what AND joins outside of parentheses, but for that of BETWEEN; one, if there is an OR. */
function conjuncts(tokens: readonly Token[]): Token[][] {
  if (splitAt(tokens, (token) => isWord(token, 'or')).length > 1) return [[...tokens]];
  let betweens = 0;
  let cases = 0;
  return splitAt(tokens, (token) => {
    if (isWord(token, 'case')) cases += 1;
    if (isWord(token, 'end')) cases -= 1;
    if (isWord(token, 'between')) betweens += 1;
    if (!isWord(token, 'and') || cases > 0) return false;
    if (betweens === 0) return true;
    betweens -= 1;
    return false;
  });
}
