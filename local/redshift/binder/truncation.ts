import type { Bound, StaticType } from './bound.ts';
import type { Settings } from './scope.ts';
import { decimal, duckdbType, isInteger, numericShape } from './types.ts';

/** A decimal on its way into a narrower type: where the session does not round, the digits that do not fit are cut off. */
export function withoutRounding(value: Bound, type: StaticType, { numericRounding }: Settings): Bound {
  if (numericRounding || value.type.kind !== 'decimal') return value;
  const scale = isInteger(type) ? 0 : type.kind === 'decimal' ? (type.scale ?? 0) : undefined;
  const shape = numericShape(value.type);
  if (scale === undefined || shape.scale <= scale) return value;
  const kept = decimal(shape.precision, scale);
  const sql = `CAST(mr_places('trunc', CAST(${value.sql} AS VARCHAR), '${scale}') AS ${duckdbType(kept)})`;
  return { ...value, sql, type: kept };
}
