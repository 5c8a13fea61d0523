import { compilePattern } from '../functions/runtime/regexp.ts';
import { quoteText } from '../rewriter/sql.ts';
import type { Expression } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { type Bound, combine } from './bound.ts';
import { cast } from './casts.ts';
import { sharedCollation } from './collation.ts';
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
      : like(text, form, expression, operand, character, pattern);
  return combine(expression.not ? `(NOT ${sql})` : sql, BOOL, [operand, pattern], { name: '?column?' });
}

/** A pattern that only fixes a text's beginning: blanks at the end do not matter to it. */
const PREFIX = /^[^_%\\]*%$/;
const ASCII_ONLY = /^[\0-\x7f]*$/;

function like(
  text: Bound,
  form: Bound,
  expression: { style: string },
  operand: Bound,
  escape: string,
  pattern: Bound,
): string {
  sharedCollation([operand, pattern]);
  const clause = escape === '' ? '' : ` ESCAPE ${quoteText(escape)}`;
  const known = pattern.literal ?? undefined;
  const isFilled = operand.type.kind === 'char' && !(known !== undefined && PREFIX.test(known));
  const value = isFilled ? paddedText(operand) : text.sql;
  if (expression.style !== 'ilike' && !operand.caseInsensitive) return `(${value} LIKE ${form.sql}${clause})`;
  if (operand.caseInsensitive || (known !== undefined && ASCII_ONLY.test(known)) || /[A-Za-z]/.test(escape))
    return `(${value} ILIKE ${form.sql}${clause})`;
  return `(${lowerAscii(value)} LIKE ${lowerAscii(form.sql)}${clause})`;
}

/** ILIKE knows the case of ASCII letters only. */
const lowerAscii = (sql: string): string =>
  `translate(${sql}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')`;

/** CHAR as it is stored, with the blanks that fill it up: LIKE and hashes see them. */
export function paddedText({ sql, type }: Bound): string {
  if (type.kind !== 'char' || type.length === undefined) return sql;
  return `rpad(${sql}, CAST(greatest(${type.length} - strlen(${sql}) + length(${sql}), 0) AS INTEGER), ' ')`;
}

/** SIMILAR TO as a regular expression: known patterns are rewritten here, computed ones at run time. */
function similar(text: Bound, form: Bound, pattern: Bound, escape: string): string {
  if (typeof pattern.literal === 'string') {
    const expression = similarToRegularExpression(pattern.literal, escape);
    return regularMatch(text.sql, quoteText(expression), expression, 'c');
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

function regularMatch(text: string, pattern: string, known: string | undefined, options: string): string {
  if (known !== undefined) compilePattern(known, `${options}m`);
  const isNative = known !== undefined && NATIVE.test(known);
  if (isNative) return `regexp_matches(${text}, ${pattern}, '${options.includes('i') ? 'i' : 'c'}s')`;
  return `CAST(mr_regexp_match(${text}, ${pattern}, ${quoteText(options)}) AS BOOLEAN)`;
}

/** `~ !~ ~* !~*`. */
export function bindPattern(operator: string, operand: Bound, pattern: Bound): Bound {
  const [text, form] = [cast(operand, TEXT, 'implicit'), cast(pattern, TEXT, 'implicit')];
  sharedCollation([operand, pattern]);
  const options = operator.endsWith('*') || operand.caseInsensitive ? 'i' : 'c';
  const sql = regularMatch(
    text.sql,
    form.sql,
    typeof pattern.literal === 'string' ? pattern.literal : undefined,
    options,
  );
  return combine(operator.startsWith('!') ? `(NOT ${sql})` : sql, BOOL, [operand, pattern]);
}
