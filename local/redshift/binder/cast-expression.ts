import type { RedshiftType } from '../types.ts';
import { type Bound, combine } from './bound.ts';
import { cast, settle } from './casts.ts';
import { daysOffInUtc, writtenTime } from './literals.ts';
import { superToText } from './super.ts';
import { duckdbType, isInteger, isNumeric, isText, noSuchCast, SUPER } from './types.ts';

/** `value::type`, CAST, TRY_CAST. */
export function bindCast(operand: Bound, type: RedshiftType, lax: boolean): Bound {
  const name = operand.name === '?column?' ? typeLabel(type) : operand.name;
  if (lax) return bindTryCast(operand, type);
  if (operand.type.kind === 'super' && isText(type) && type.length === undefined) {
    return combine(superToText(operand.sql), { kind: 'varchar' }, [operand], { name });
  }
  if (operand.literal !== undefined && type.kind === 'varbyte' && typeof operand.literal === 'string') {
    return { ...cast(operand, type, 'explicit'), name };
  }
  const value = { ...cast(sourceOf(operand, type), type, 'explicit'), name };
  if (type.kind !== 'timetz' || !operand.literal) return value;
  return { ...value, daysOff: daysOffInUtc(operand.literal), written: writtenTime(operand.literal) };
}

/** CHAR becomes VARBYTE with the blanks that fill it. */
function sourceOf(operand: Bound, type: RedshiftType): Bound {
  if (operand.type.kind !== 'char' || type.kind !== 'varbyte') return operand;
  return { ...operand, sql: `rpad(${operand.sql}, ${operand.type.length ?? 1}, ' ')`, type: { kind: 'varchar' } };
}

const typeLabel = (type: RedshiftType): string =>
  ({ decimal: 'numeric', char: 'bpchar' })[type.kind as 'decimal'] ?? type.kind;

/** What TRY_CAST fails at is NULL, but for types that it does not bring together at all. */
function bindTryCast(operand: Bound, type: RedshiftType): Bound {
  const value = settle(operand);
  const isTruth = value.type.kind === 'bool' ? isText(type) : type.kind === 'bool' && isText(value.type);
  if (isTruth && operand.literal !== null) throw noSuchCast(value.type, type);
  if (isText(value.type) && isInteger(type)) return wholeNumberOrNull(value, type, operand.name);
  if (value.type.kind === 'super') return cast(value, type, 'explicit');
  if (isNumeric(value.type) && isNumeric(type)) {
    const target = cast({ ...value, sql: 'x' }, type, 'explicit').sql.replace('CAST(x', () => `TRY_CAST(${value.sql}`);
    return combine(target, type, [operand]);
  }
  if (isText(value.type) && !isText(type)) {
    const asSuper = { ...value, sql: `CAST(to_json(${value.sql}) AS VARCHAR)`, type: SUPER, literal: undefined };
    return { ...cast(asSuper, type, 'explicit'), name: operand.name };
  }
  return cast(value, type, 'explicit');
}

/** SUPER would read '2.5' and '1e3' as whole numbers: CAST does not. */
function wholeNumberOrNull(value: Bound, type: RedshiftType, name: string | undefined): Bound {
  const sql = `CASE WHEN regexp_full_match(${value.sql}, '\\s*[-+]?[0-9]+\\s*') THEN TRY_CAST(trim(${value.sql}) AS ${duckdbType(type)}) END`;
  return combine(sql, type, [value], { name });
}
