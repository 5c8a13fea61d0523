import { RedshiftError } from '../types.ts';
import { RESERVED_NAMES } from './keywords.ts';
import type { Identifier } from './syntax.ts';
import { type Token, tokenize } from './tokens.ts';

/** A place in the tokens of one text, with the questions a parser asks. */
export class Cursor {
  readonly text: string;
  readonly tokens: readonly Token[];
  private index: number;

  constructor(text: string, tokens: readonly Token[] = tokenize(text), index = 0) {
    this.text = text;
    this.tokens = tokens;
    this.index = index;
  }

  get offset(): number {
    return this.index;
  }

  /** Goes back to (or on to) a token, for the few places that must look far ahead. */
  seek(index: number): void {
    this.index = index;
  }

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)] as Token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.index += 1;
    return token;
  }

  /** Whether the next tokens are these words. */
  isWords(...words: readonly string[]): boolean {
    for (let i = 0; i < words.length; i += 1) {
      const token = this.peek(i);
      if (token.text !== words[i] || token.kind !== 'word') return false;
    }
    return true;
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'symbol' && token.text === symbol;
  }

  acceptWords(...words: readonly string[]): boolean {
    if (!this.isWords(...words)) return false;
    this.index += words.length;
    return true;
  }

  /** Takes the next word when it is one of these. */
  acceptOneOf(...words: readonly string[]): string | undefined {
    const token = this.peek();
    if (token.kind !== 'word' || !words.includes(token.text)) return undefined;
    this.index += 1;
    return token.text;
  }

  acceptSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.index += 1;
    return true;
  }

  expectWords(...words: readonly string[]): void {
    for (const word of words) if (!this.acceptWords(word)) throw this.syntaxError();
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) throw this.syntaxError();
  }

  expectString(): string {
    if (this.peek().kind !== 'string') throw this.syntaxError();
    return this.next().text;
  }

  expectInteger(): number {
    const sign = this.acceptSymbol('-') ? -1 : 1;
    const token = this.peek();
    if (token.kind !== 'number' || !/^\d+$/.test(token.text)) throw this.syntaxError();
    this.next();
    return sign * Number(token.text);
  }

  identifier(): Identifier {
    const token = this.peek();
    if (token.kind !== 'word' && token.kind !== 'quoted') throw this.syntaxError();
    this.next();
    const name = token.kind === 'quoted' ? token.text : this.text.slice(token.start, token.end);
    return { name, quoted: token.kind === 'quoted', position: token.start };
  }

  /** A name where only names can stand: reserved words need quotes. */
  unreserved(): Identifier {
    const token = this.peek();
    if (token.kind === 'word' && RESERVED_NAMES.has(token.text)) throw this.syntaxError();
    return this.identifier();
  }

  /** `a`, `a.b`, `a.b.c`; behind a dot any word is a name. */
  qualifiedName(): Identifier[] {
    const parts = [this.unreserved()];
    while (this.acceptSymbol('.')) parts.push(this.identifier());
    return parts;
  }

  identifierList(): Identifier[] {
    return this.parenthesized(() => this.identifier());
  }

  /** `( item, item … )`. */
  parenthesized<Item>(item: () => Item): Item[] {
    this.expectSymbol('(');
    const items = this.separated(item);
    this.expectSymbol(')');
    return items;
  }

  /** `item, item …`. */
  separated<Item>(item: () => Item): Item[] {
    const items = [item()];
    while (this.acceptSymbol(',')) items.push(item());
    return items;
  }

  atEnd(): boolean {
    return this.peek().kind === 'end' || this.isSymbol(';');
  }

  expectEnd(): void {
    if (!this.atEnd()) throw this.syntaxError();
  }

  syntaxError(token: Token = this.peek()): RedshiftError {
    if (token.kind === 'end') {
      return new RedshiftError('42601', 'syntax error at end of input', { position: token.start + 1 });
    }
    const near = this.text.slice(token.start, token.end);
    return new RedshiftError('42601', `syntax error at or near "${near}"`, { position: token.start + 1 });
  }

  notSupported(what: string, token: Token = this.peek()): RedshiftError {
    return new RedshiftError('0A000', `${what} is not supported`, { position: token.start + 1 });
  }
}
