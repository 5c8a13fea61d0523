import { compilePattern } from '../functions/runtime/regexp.ts';
import { quoteText } from '../rewriter/sql.ts';
import type { Expression } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { type Bound, combine } from './bound.ts';
import { cast } from './casts.ts';
import { BOOL, TEXT } from './types.ts';

/** LIKE, ILIKE and SIMILAR TO. A backslash escapes unless ESCAPE says otherwise. */
export function bindLike(
  expression: Expression & { kind: 'like' },
  operand: Bound,
  pattern: Bound,
  escape: Bound | undefined,
): Bound {
  const [text, form] = [cast(operand, TEXT, 'implicit'), cast(pattern, TEXT, 'implicit')];
  const character = escape === undefined ? '\\' : escape.literal;
  if (typeof character !== 'string' || character.length > 1) throw new RedshiftError('22025', 'invalid escape string');
  const sql =
    expression.style === 'similar'
      ? similar(text, form, pattern, character)
      : like(text, form, expression, operand, character);
  return combine(expression.not ? `(NOT ${sql})` : sql, BOOL, [operand, pattern], { name: '?column?' });
}

function like(text: Bound, form: Bound, expression: { style: string }, operand: Bound, escape: string): string {
  const operator = expression.style === 'ilike' || operand.caseInsensitive ? 'ILIKE' : 'LIKE';
  const clause = escape === '' ? '' : ` ESCAPE ${quoteText(escape)}`;
  return `(${text.sql} ${operator} ${form.sql}${clause})`;
}

/** SIMILAR TO as a regular expression: known patterns are rewritten here, computed ones at run time. */
function similar(text: Bound, form: Bound, pattern: Bound, escape: string): string {
  if (typeof pattern.literal === 'string') {
    return regularMatch(text.sql, quoteText(similarToRegularExpression(pattern.literal, escape)), pattern.literal, 'c');
  }
  return `CAST(mr_regexp_match(${text.sql}, mr_similar(${form.sql}, ${quoteText(escape)}), 'c') AS BOOLEAN)`;
}

/** `%` and `_` become `.*` and `.`; the whole text must match. */
export function similarToRegularExpression(pattern: string, escape: string): string {
  let out = '';
  let inClass = false;
  for (let i = 0; i < pattern.length; i += 1) {
    const character = pattern[i] as string;
    if (character === escape && escape !== '') {
      i += 1;
      out += (pattern[i] ?? '').replace(/[.^$*+?()[\]{}|\\]/g, '\\$&');
    } else if (inClass) {
      inClass = character !== ']';
      out += character;
    } else {
      inClass = character === '[';
      out += { '%': '.*', _: '.', '.': '\\.', '^': '\\^', $: '\\$' }[character] ?? character;
    }
  }
  return `^(${out})$`;
}

/** What RE2 reads as POSIX does; the rest (look-around, back references) runs in JavaScript. */
const NATIVE = /^(?:[^\\(]|\\[.\\[\](){}|^$*+?/"'\-dwsDWS]|\((?!\?))*$/;

export function regularMatch(text: string, pattern: string, known: string | undefined, options: string): string {
  if (known !== undefined) compilePattern(known, `${options}m`);
  const isNative = known !== undefined && NATIVE.test(known);
  if (isNative) return `regexp_matches(${text}, ${pattern}, '${options.includes('i') ? 'i' : 'c'}s')`;
  return `CAST(mr_regexp_match(${text}, ${pattern}, ${quoteText(options)}) AS BOOLEAN)`;
}

/** `~ !~ ~* !~*`. */
export function bindPattern(operator: string, operand: Bound, pattern: Bound): Bound {
  const [text, form] = [cast(operand, TEXT, 'implicit'), cast(pattern, TEXT, 'implicit')];
  const options = operator.endsWith('*') || operand.caseInsensitive ? 'i' : 'c';
  const sql = regularMatch(
    text.sql,
    form.sql,
    typeof pattern.literal === 'string' ? pattern.literal : undefined,
    options,
  );
  return combine(operator.startsWith('!') ? `(NOT ${sql})` : sql, BOOL, [operand, pattern]);
}
