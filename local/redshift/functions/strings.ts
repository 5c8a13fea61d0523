import { concatenate } from '../binder/arithmetic.ts';
import { type Bound, combine, type StaticType } from '../binder/bound.ts';
import { cast, settle } from '../binder/casts.ts';
import { INT4, INT8, isText, TEXT, varchar } from '../binder/types.ts';
import { bindOnce, quoteText, raise } from '../rewriter/sql.ts';
import { RedshiftError } from '../types.ts';
import {
  type FunctionCall,
  type FunctionEntry,
  literalText,
  noSuchFunction,
  requireCount,
  scalar,
  signature,
  special,
} from './define.ts';
import { atLeast, repeatedText, replacedText, textOfLength } from './long-texts.ts';

const sameLength = (args: readonly Bound[]): StaticType => varchar(args[0]?.type.length);

const textFunction = (emit: (x: string) => string): FunctionEntry => scalar(signature(['text'], sameLength, emit));

const trims = (duckdb: string): FunctionEntry =>
  scalar(
    signature(['text'], sameLength, (x) => `${duckdb}(${x}, ' ')`),
    signature(['text', 'text'], sameLength, (x, characters) => `${duckdb}(${x}, ${characters})`),
  );

/** How many characters of a substring are left: positions before 1 eat from its length, as in `substring('caterpillar', -2, 6)`. */
const remaining = (start: string, count: string): string =>
  `CASE WHEN ${count} < 0 THEN ${raise('22011', quoteText('negative substring length not allowed'), 'INTEGER')} ELSE ${atLeast(`(CASE WHEN ${start} < 1 THEN ${count} + ${start} - 1 ELSE ${count} END)`, 0)} END`;

function substring(call: FunctionCall): Bound {
  requireCount(call, 2, 3);
  const value = settle(call.arguments[0] as Bound);
  const start = cast(call.arguments[1] as Bound, INT4, 'implicit');
  const count = call.arguments[2] && cast(call.arguments[2], INT4, 'implicit');
  const [from, length] = [atLeast(start.sql, 1), count && remaining(start.sql, count.sql)];
  if (value.type.kind === 'varbyte') {
    const bytes = `hex(${value.sql}), (${from} - 1) * 2 + 1${length ? `, (${length}) * 2` : ''}`;
    return combine(`unhex(substring(${bytes}))`, value.type, [value, start, count]);
  }
  const text = cast(value, TEXT, 'implicit');
  const sql = `substring(${text.sql}, ${from}${length ? `, ${length}` : ''})`;
  return combine(sql, varchar(isText(value.type) ? value.type.length : undefined), [value, start, count]);
}

function length(call: FunctionCall): Bound {
  requireCount(call, 1);
  const value = settle(call.arguments[0] as Bound);
  if (value.type.kind === 'varbyte') return combine(`CAST(octet_length(${value.sql}) AS INTEGER)`, INT4, [value]);
  return combine(`CAST(length(${cast(value, TEXT, 'implicit').sql}) AS INTEGER)`, INT4, [value]);
}

function octetLength(call: FunctionCall): Bound {
  requireCount(call, 1);
  const value = settle(call.arguments[0] as Bound);
  if (value.type.kind === 'varbyte') return combine(`CAST(octet_length(${value.sql}) AS INTEGER)`, INT4, [value]);
  if (value.type.kind === 'char')
    return combine(`CAST(CASE WHEN ${value.sql} IS NOT NULL THEN ${value.type.length ?? 1} END AS INTEGER)`, INT4, [
      value,
    ]);
  return combine(`CAST(strlen(${cast(value, TEXT, 'implicit').sql}) AS INTEGER)`, INT4, [value]);
}

const side = (duckdb: 'left' | 'right'): FunctionEntry =>
  scalar(signature(['text', 'int4'], sameLength, (x, n) => `${duckdb}(${x}, ${atLeast(n, 0)})`));

/** Too long a text is cut by LPAD and RPAD too. A negative length gives the empty text. */
const pads = (duckdb: 'lpad' | 'rpad'): FunctionEntry =>
  scalar(
    signature(['text', 'int4'], TEXT, (x, n) => textOfLength(n, (length) => `${duckdb}(${x}, ${length}, ' ')`)),
    signature(['text', 'int4', 'text'], TEXT, (x, n, fill) =>
      bindOnce(fill, (f) =>
        textOfLength(
          n,
          (length) => `CASE WHEN ${f} = '' THEN left(${x}, ${length}) ELSE ${duckdb}(${x}, ${length}, ${f}) END`,
        ),
      ),
    ),
  );

const repeated = scalar(
  signature(['text', 'int4'], TEXT, (x, n) => repeatedText(x, n, (text, count) => `repeat(${text}, ${count})`)),
);

/** SPLIT_PART counts from 1; a part that is not there is empty. */
const splitPart = scalar(
  signature(
    ['text', 'text', 'int4'],
    sameLength,
    (x, delimiter, part) =>
      `CASE WHEN ${part} < 1 THEN ${raise('22023', quoteText('field position must be greater than zero'), 'VARCHAR')} ELSE split_part(${x}, ${delimiter}, ${part}) END`,
  ),
);

function replace(call: FunctionCall): Bound {
  requireCount(call, 3);
  const args = call.arguments.map((value) => cast(value, TEXT, 'implicit'));
  const [text, part, by] = args as [Bound, Bound, Bound];
  const isShort = typeof by.literal === 'string' && by.literal.length <= 256;
  const sql = isShort ? `replace(${text.sql}, ${part.sql}, ${by.sql})` : replacedText(text.sql, part.sql, by.sql);
  return combine(sql, TEXT, args);
}

const strpos = scalar(
  signature(['text', 'text'], INT4, (text, needle) => `CAST(strpos(${text}, ${needle}) AS INTEGER)`),
);

/** CHARINDEX takes the needle first. */
const charindex = scalar(
  signature(['text', 'text'], INT4, (needle, text) => `CAST(strpos(${text}, ${needle}) AS INTEGER)`),
  signature(
    ['text', 'text', 'int4'],
    INT4,
    (needle, text, from) =>
      `CAST(CASE WHEN strpos(substring(${text}, ${from}), ${needle}) = 0 THEN 0 ELSE strpos(substring(${text}, ${from}), ${needle}) + ${from} - 1 END AS INTEGER)`,
  ),
);

/** Numbers that are no ASCII have no character. */
const character = scalar(
  signature(['int4'], { kind: 'char', length: 1 }, (n) => `CASE WHEN ${n} BETWEEN 0 AND 127 THEN chr(${n}) END`),
);

function concat(call: FunctionCall): Bound {
  requireCount(call, 2);
  return { ...concatenate(call.arguments[0] as Bound, call.arguments[1] as Bound), name: 'concat' };
}

/** COLLATE(text, name) changes how a text is compared, not the text. */
function collate(call: FunctionCall): Bound {
  requireCount(call, 2);
  const name = literalText(call.arguments[1])?.toLowerCase();
  if (name === undefined || !['case_sensitive', 'cs', 'case_insensitive', 'ci'].includes(name))
    throw new RedshiftError(
      '22023',
      `collation "${name ?? '?'}" is not one of case_sensitive, cs, case_insensitive, ci`,
    );
  const value = settle(call.arguments[0] as Bound);
  if (!isText(value.type)) throw noSuchFunction(call);
  const caseInsensitive = name.endsWith('insensitive') || name === 'ci';
  if (caseInsensitive && value.free !== undefined && !call.overTables)
    throw new RedshiftError('0A000', 'Case insensitive collation is not supported in leader node only query.');
  return { ...value, path: undefined, caseInsensitive, name: 'collate' };
}

const runtime =
  (name: string): ((...sql: string[]) => string) =>
  (...sql) =>
    `${name}(${sql.join(', ')})`;

export const STRINGS: Readonly<Record<string, FunctionEntry>> = {
  upper: textFunction((x) => `upper(${x})`),
  lower: textFunction((x) => `lower(${x})`),
  initcap: textFunction(runtime('mr_initcap')),
  reverse: textFunction((x) => `reverse(${x})`),
  btrim: trims('trim'),
  trim: trims('trim'),
  ltrim: trims('ltrim'),
  rtrim: trims('rtrim'),
  substring: special(substring),
  substr: special(substring),
  len: special(length),
  length: special(length),
  char_length: special(length),
  character_length: special(length),
  textlen: special(length),
  octet_length: special(octetLength),
  left: side('left'),
  right: side('right'),
  lpad: pads('lpad'),
  rpad: pads('rpad'),
  repeat: repeated,
  replicate: repeated,
  replace: special(replace),
  split_part: splitPart,
  strpos,
  position: strpos,
  charindex,
  concat: special(concat),
  collate: special(collate),
  ascii: scalar(signature(['text'], INT4, (x) => `CAST(CASE WHEN ${x} = '' THEN 0 ELSE ascii(${x}) END AS INTEGER)`)),
  chr: character,
  char: character,
  translate: scalar(signature(['text', 'text', 'text'], TEXT, (x, from, to) => `translate(${x}, ${from}, ${to})`)),
  soundex: scalar(signature(['text'], varchar(4), runtime('mr_soundex'))),
  difference: scalar(signature(['text', 'text'], INT4, (a, b) => `CAST(mr_difference(${a}, ${b}) AS INTEGER)`)),
  strtol: scalar(
    signature(['text', 'int4'], INT8, (x, base) => `CAST(mr_strtol(${x}, CAST(${base} AS VARCHAR)) AS BIGINT)`),
  ),
  quote_ident: scalar(signature(['text'], TEXT, runtime('mr_quote_ident'))),
  quote_literal: scalar(signature(['text'], TEXT, runtime('mr_quote_literal'))),
  octetindex: scalar(
    signature(['text', 'text'], INT4, (needle, text) => `CAST(mr_octetindex(${needle}, ${text}) AS INTEGER)`),
  ),
  bpcharcmp: scalar(
    signature(
      ['text', 'text'],
      INT4,
      (a, b) =>
        `CAST(CASE WHEN rtrim(${a}, ' ') < rtrim(${b}, ' ') THEN -1 WHEN rtrim(${a}, ' ') > rtrim(${b}, ' ') THEN 1 WHEN ${a} IS NOT NULL AND ${b} IS NOT NULL THEN 0 END AS INTEGER)`,
    ),
  ),
  bttext_pattern_cmp: scalar(
    signature(
      ['text', 'text'],
      INT4,
      (a, b) => `CAST(CASE WHEN ${a} < ${b} THEN -1 WHEN ${a} > ${b} THEN 1 WHEN ${a} = ${b} THEN 0 END AS INTEGER)`,
    ),
  ),
  crc32: scalar(signature(['text'], varchar(8), runtime('mr_crc32'))),
};
