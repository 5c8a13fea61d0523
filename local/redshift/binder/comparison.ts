import { bindOnce, quoteText } from '../rewriter/sql.ts';
import { noSuchOperator } from './arithmetic.ts';
import { type Bound, combine, type StaticType } from './bound.ts';
import { cast, settle } from './casts.ts';
import { sharedCollation } from './collation.ts';
import { castToSuper, isNumberSql, isTextSql, superKey } from './super.ts';
import { BOOL, commonType, isFloat, isInteger, isMoment, isNumeric, isText, isTime } from './types.ts';

/** `= <> < <= > >=`. */
export function compare(operator: string, left: Bound, right: Bound): Bound {
  const sign = operator === '!=' ? '<>' : operator;
  if (left.type.kind === 'super' || right.type.kind === 'super') return compareSuper(sign, left, right);
  const [a, b] = meet(sign, left, right);
  if (isText(a.type)) return compareText(sign, a, b);
  return combine(`(${a.sql} ${sign} ${b.sql})`, BOOL, [left, right], { sides: { left: a.sql, right: b.sql } });
}

/** Brings both sides to one type, as comparisons, IN and BETWEEN do. */
export function meet(operator: string, left: Bound, right: Bound): [Bound, Bound] {
  const type = meetingType(left.type, right.type);
  if (!type) throw noSuchOperator(operator, left.type, right.type);
  if (type.kind === 'unknown') return [settle(left), settle(right)];
  const target: StaticType = isText(type) ? { kind: 'varchar' } : type;
  const convert = (value: Bound): Bound => {
    if (isText(value.type) && isText(target)) return value;
    return cast(value, target, target.kind === 'bool' && isInteger(value.type) ? 'explicit' : 'implicit');
  };
  return [convert(left), convert(right)];
}

/** Text compares with decimals, dates and booleans as they do: it becomes one of them. Other numbers compare as text. */
function meetingType(a: StaticType, b: StaticType): StaticType | undefined {
  const common = commonType(a, b);
  if (common) return common;
  if (isText(a)) return besideText(b);
  if (isText(b)) return besideText(a);
  if ((a.kind === 'bool' && isInteger(b)) || (b.kind === 'bool' && isInteger(a))) return BOOL;
  return undefined;
}

function besideText(type: StaticType): StaticType | undefined {
  if (isInteger(type) || isFloat(type)) return { kind: 'varchar' };
  return type.kind === 'decimal' || isMoment(type) || isTime(type) || type.kind === 'bool' ? type : undefined;
}

/** Blanks at the end of a text do not count when it is compared. */
export function comparable(value: Bound): string {
  const sql = value.trimmed || value.type.kind === 'char' ? value.sql : `rtrim(${value.sql}, ' ')`;
  return sql;
}

function compareText(sign: string, a: Bound, b: Bound): Bound {
  const fold = sharedCollation([a, b]);
  const [x, y] = [comparable(a), comparable(b)].map((sql) => (fold ? `lower(${sql})` : sql));
  const sql = `(${x} ${sign} ${y})`;
  // A text is never less than without its blanks: said of the column itself, DuckDB leaves out the blocks that it knows to be too small.
  const isConstant = /^'(?:[^']|'')*'$/.test(y ?? '');
  const isBound = (sign === '>=' || sign === '>') && !fold && isConstant && /^r\d+\.c\d+$/.test(a.sql);
  const bounded = isBound ? `(${a.sql} >= ${y} AND ${sql})` : sql;
  return combine(bounded, BOOL, [a, b], { sides: { left: x as string, right: y as string } });
}

/**
 * SUPER compares by the values' own types. Equality of different types is false, order between them is NULL. With a
 * known text or number at one side it is a plain comparison of JSON text.
 */
function compareSuper(sign: string, left: Bound, right: Bound): Bound {
  const known = knownText(right) ?? (sign === '=' || sign === '<>' ? knownText(left) : undefined);
  const path = knownText(right) !== undefined ? left : right;
  if (known !== undefined && (sign === '=' || sign === '<>')) {
    return combine(
      nullAware(path.sql, (s) => (sign === '=' ? isTextSql(s, known) : `(NOT ${isTextSql(s, known)})`)),
      BOOL,
      [left, right],
    );
  }
  const isEquality = sign === '=' || sign === '<>';
  if (isNumeric(right.type) && !(isEquality && right.free !== undefined) && left.type.kind === 'super')
    return compareNumber(sign, left, right);
  const [a, b] = [castToSuper(left), castToSuper(right)];
  if (isEquality) {
    const [x, y] = [superIdentity(a.sql), superIdentity(b.sql)];
    return combine(`(${x} ${sign} ${y})`, BOOL, [left, right], { sides: { left: x, right: y } });
  }
  return combine(`CAST(mr_super_compare(${quoteText(sign)}, ${a.sql}, ${b.sql}) AS BOOLEAN)`, BOOL, [left, right]);
}

const knownText = (value: Bound): string | undefined => (typeof value.literal === 'string' ? value.literal : undefined);

/** A JSON null compares like NULL. */
const nullAware = (sql: string, body: (value: string) => string): string =>
  bindOnce(sql, (s) => `CASE WHEN ${s} <> 'null' THEN ${body(s)} END`);

/** What equality compares, so that joins on SUPER can hash; a JSON null is NULL. */
const superIdentity = (sql: string): string => `nullif(${superKey(sql)}, 'null')`;

/** With a number at the right: numbers of up to 15 digits compare as doubles, longer ones digit by digit. */
function compareNumber(sign: string, left: Bound, right: Bound): Bound {
  const other = castToSuper(right).sql;
  const whenOther = sign === '=' ? 'FALSE' : sign === '<>' ? 'TRUE' : 'NULL';
  const literal = /^CAST\(-?\d{1,9} AS (?:SMALLINT|INTEGER|BIGINT)\)$/.test(right.sql);
  const number = literal ? right.sql : `CAST(${right.sql} AS DOUBLE)`;
  const quick = (s: string): string => `TRY_CAST(${s} AS DOUBLE) ${sign} ${number}`;
  const exact = (s: string): string => `CAST(mr_super_compare(${quoteText(sign)}, ${s}, ${other}) AS BOOLEAN)`;
  const body = (s: string): string =>
    `CASE WHEN NOT ${isNumberSql(s)} THEN ${whenOther} WHEN strlen(${s}) <= 15 AND NOT contains(${s}, 'e9999') THEN ${literal || isInteger(right.type) ? quick(s) : exact(s)} ELSE ${exact(s)} END`;
  return combine(nullAware(left.sql, body), BOOL, [left, right]);
}
