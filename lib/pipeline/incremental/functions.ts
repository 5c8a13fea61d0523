import type { Token } from '../models/sql-tokens.ts';
import type { Expression } from './shape.ts';
import { isSymbol, isWord, splitAt } from './token-stream.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Redshift's aggregate functions. */
const aggregates = words(
  `any_value approximate avg bit_and bit_or bool_and bool_or count every hll hll_cardinality hll_combine hll_create_sketch
  listagg max median min percentile_cont percentile_disc stddev stddev_pop stddev_samp sum var_pop var_samp variance`,
);

/** What answers otherwise the next time, or to another user, called and not called. */
const volatileFunctions = words(
  `age clock_timestamp current_database current_namespace current_schema current_schemas current_setting getdate now
  pg_backend_pid pg_last_copy_count random set_config statement_timestamp timeofday transaction_timestamp txid_current`,
);
const volatileWords = words(
  'current_date current_time current_timestamp current_user localtime localtimestamp session_user sysdate user',
);

/** The first word of a query whose value another run would not find again. */
export function volatileWord(tokens: readonly Token[]): Token | undefined {
  return tokens.find((token, index) => {
    if (token.kind !== 'word' || isSymbol(tokens[index - 1], '.')) return false;
    const isCalled = isSymbol(tokens[index + 1], '(');
    return volatileWords.has(token.text) || (isCalled && volatileFunctions.has(token.text));
  });
}

/** The index of the parenthesis that closes the one at the index. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    if (isSymbol(tokens[index], '(')) depth += 1;
    if (isSymbol(tokens[index], ')')) depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length;
}

export function callsAggregate(tokens: readonly Token[]): boolean {
  return tokens.some((token, index) => {
    if (token.kind !== 'word' || !aggregates.has(token.text) || isSymbol(tokens[index - 1], '.')) return false;
    if (token.text === 'approximate') return true;
    if (!isSymbol(tokens[index + 1], '(')) return false;
    return !isWindow(tokens, closing(tokens, index + 1) + 1);
  });
}

/** LISTAGG and PERCENTILE_CONT may have WITHIN GROUP (…) between their arguments and OVER; LAG and its kin say what NULL is to them. */
function isWindow(tokens: readonly Token[], index: number): boolean {
  if (isWord(tokens[index], 'over')) return true;
  return isWord(tokens[index], 'within') && isWord(tokens[closing(tokens, index + 2) + 1], 'over');
}

/** What each window function partitions by. */
export function partitionsOf(tokens: readonly Token[], expression: (tokens: Token[]) => Expression): Expression[][] {
  return tokens.flatMap((token, index) => {
    if (!isWord(token, 'over') || !isSymbol(tokens[index + 1], '(')) return [];
    const inside = tokens.slice(index + 2, closing(tokens, index + 1));
    if (!isWord(inside[0], 'partition') || !isWord(inside[1], 'by')) return [[]];
    const [list = []] = splitAt(inside.slice(2), (one) => ['order', 'rows', 'range'].some((word) => isWord(one, word)));
    return [splitAt(list, (one) => isSymbol(one, ',')).map(expression)];
  });
}

/** Whether a query stands within. */
export const hasSubquery = ({ tokens }: Expression): boolean => tokens.some((token) => isWord(token, 'select'));
