import { functionSchema } from '../tables.ts';
import { folded, isName, isOfQuery, isSymbol, itemNames } from './query-scopes.ts';
import { type SqlProblem, sqlTokens, type Token } from './sql-tokens.ts';

/** A table that a query reads. */
export interface TableReference {
  /** `schema.table`, or what else is written. */
  readonly table: string;
  readonly schema: string | undefined;
  readonly name: string;
  /** Where the whole name stands: UTF-16 offsets in the text, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Whether the query gives it an alias. */
  readonly aliased: boolean;
}

/** A function of the project that is called. */
export interface FunctionCall {
  readonly name: string;
  readonly start: number;
}

/** What a query reads and calls, and where it ends, without semicolon and what comments follow; or why it cannot be said. */
export type References =
  | {
      readonly kind: 'references';
      readonly tables: TableReference[];
      readonly calls: FunctionCall[];
      readonly end: number;
    }
  | ({ readonly kind: 'invalid' } & SqlProblem);

/** Deeper than people write, and no deeper than recursive readers behind us can take. */
const deepestParentheses = 100;

/**
 * The tables of one SELECT: not its common table expressions, and not what it unnests (`t.payload.matches AS m` looks like a
 * table, but begins with the name of another one of the query). That takes no grammar, only where each FROM begins and ends: a
 * list of tokens and a stack, so that no nesting overflows anything (docs/decisions/the-graph-is-read-from-tokens.md).
 */
export function tableReferences(sql: string): References {
  const read = sqlTokens(sql);
  if (read.kind === 'invalid') return read;
  const problem = notOneSelect(read.tokens) ?? unbalanced(read.tokens);
  if (problem) return { kind: 'invalid', ...problem };
  const tables = itemNames(read.tokens).flatMap((item) => (isOfQuery(item) ? [] : [reference(item)]));
  return { kind: 'references', tables, calls: functionCalls(read.tokens), end: endOf(read.tokens) };
}

/** Every `functions.<name>(`. */
export function functionCalls(tokens: readonly Token[]): FunctionCall[] {
  return tokens.flatMap((token, index) => {
    if (!isName(token) || folded(token) !== functionSchema || isSymbol(tokens[index - 1], '.')) return [];
    const [dot, name, open] = tokens.slice(index + 1, index + 4);
    const isCall = isSymbol(dot, '.') && isName(name) && isSymbol(open, '(');
    return isCall ? [{ name: folded(name), start: token.start }] : [];
  });
}

function notOneSelect(tokens: readonly Token[]): SqlProblem | undefined {
  const message = 'one SELECT and nothing else may stand here';
  const first = tokens.find((token) => !isSymbol(token, '('));
  if (first?.kind !== 'word' || !['select', 'with'].includes(first.text)) return { offset: first?.start ?? 0, message };
  const stop = tokens.find((token) => isSymbol(token, ';'));
  return stop && stop !== tokens.at(-1) ? { offset: stop.start, message } : undefined;
}

const endOf = (tokens: readonly Token[]): number => tokens.findLast((token) => !isSymbol(token, ';'))?.end ?? 0;

function unbalanced(tokens: readonly Token[]): SqlProblem | undefined {
  const open: Token[] = [];
  for (const token of tokens) {
    if (isSymbol(token, '(')) open.push(token);
    if (isSymbol(token, ')') && !open.pop()) return { offset: token.start, message: 'this ) closes nothing' };
    if (open.length > deepestParentheses)
      return { offset: token.start, message: `its parentheses are nested more than ${deepestParentheses} deep here` };
  }
  const last = open.at(-1);
  return last && { offset: last.start, message: 'this ( is never closed' };
}

function reference({ parts, start, end, aliased }: ReturnType<typeof itemNames>[number]): TableReference {
  const names = parts.map(folded);
  return {
    table: names.join('.'),
    schema: names.length > 1 ? names.slice(0, -1).join('.') : undefined,
    name: names.at(-1) ?? '',
    start,
    end,
    aliased,
  };
}
