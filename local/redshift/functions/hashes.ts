import { type Bound, combine } from '../binder/bound.ts';
import { cast, settle } from '../binder/casts.ts';
import { paddedText } from '../binder/pattern.ts';
import { INT4, INT8, isFloat, isInteger, isText, numericShape, TEXT, typeName, varchar } from '../binder/types.ts';
import { bindOnce, quoteText, raise } from '../rewriter/sql.ts';
import { RedshiftError } from '../types.ts';
import { type FunctionCall, type FunctionEntry, requireCount, special } from './define.ts';

/** The bytes that FNV and FARM hash: integers by their width (little end first), text as UTF-8. */
function bytesHex(value: Bound): string {
  if (value.type.kind === 'varbyte') return `hex(${value.sql})`;
  if (isText(value.type)) return `hex(encode(${paddedText(value)}))`;
  if (isInteger(value.type)) {
    const width = { int2: 2, int4: 4, int8: 8 }[value.type.kind as 'int2'];
    return `mr_reverse_hex(mr_int_hex(CAST(${value.sql} AS VARCHAR), '${width}'))`;
  }
  if (value.type.kind === 'bool') return `CASE ${value.sql} WHEN TRUE THEN '01' WHEN FALSE THEN '00' END`;
  throw new RedshiftError('0A000', `hashing a value of type ${value.type.kind} is not supported`);
}

function fnvHash(call: FunctionCall): Bound {
  requireCount(call, 1, 2);
  const value = settle(call.arguments[0] as Bound);
  const seed = call.arguments[1] ? `CAST(${cast(call.arguments[1], INT8, 'implicit').sql} AS VARCHAR)` : `''`;
  return combine(`CAST(mr_fnv_hash(${bytesHex(value)}, ${seed}) AS BIGINT)`, INT8, call.arguments);
}

function farm(call: FunctionCall): Bound {
  requireCount(call, 1);
  const value = settle(call.arguments[0] as Bound);
  if (!isText(value.type) && value.type.kind !== 'varbyte')
    throw new RedshiftError('42883', `function ${call.name}(${value.type.kind}) does not exist`);
  return combine(`CAST(mr_farm_fingerprint(${bytesHex(value)}) AS BIGINT)`, INT8, [value]);
}

/** SHA2 by its number of bits; 0 means 256. */
function sha2(call: FunctionCall): Bound {
  requireCount(call, 2);
  const given = settle(call.arguments[0] as Bound);
  const value = given.type.kind === 'varbyte' ? given : cast(given, TEXT, 'implicit');
  const bits = cast(call.arguments[1] as Bound, { kind: 'int4' }, 'implicit');
  return combine(`mr_sha2(${bytesHex(value)}, CAST(${bits.sql} AS VARCHAR))`, varchar(128), [value, bits]);
}

/** Hashes of text, or of bytes as they are. */
const digest = (name: 'md5' | 'sha1', length: number): FunctionEntry =>
  special((call) => {
    requireCount(call, 1);
    const given = settle(call.arguments[0] as Bound);
    const value = given.type.kind === 'varbyte' ? given : cast(given, TEXT, 'implicit');
    return combine(`${name}(${value.sql})`, varchar(length), [value]);
  });

const sha1 = digest('sha1', 40);

/** The bytes that Iceberg says Murmur3 takes of each type: whole numbers as 8, moments as microseconds, decimals as the digits without the point. */
function murmurHex(value: Bound): string {
  const { sql, type } = value;
  const whole = (number: string): string => `mr_reverse_hex(mr_int_hex(CAST(${number} AS VARCHAR), '8'))`;
  if (isInteger(type)) return whole(sql);
  if (type.kind === 'bool') return whole(`CAST(${sql} AS INTEGER)`);
  if (type.kind === 'date') return whole(`datediff('day', DATE '1970-01-01', ${sql})`);
  if (type.kind === 'timestamp' || type.kind === 'timestamptz' || type.kind === 'time')
    return whole(`epoch_us(${sql})`);
  if (type.kind === 'decimal') return `mr_decimal_hex(CAST(${sql} AS VARCHAR))`;
  if (isFloat(type)) return `mr_double_hex(printf('%.17g', CAST(${sql} AS DOUBLE)))`;
  if (isText(type) || type.kind === 'varbyte') return bytesHex(value);
  throw new RedshiftError('0A000', `murmur3_32_hash of ${type.kind} is not supported`);
}

function murmur(call: FunctionCall): Bound {
  requireCount(call, 1, 2);
  const value = settle(call.arguments[0] as Bound);
  const seed = call.arguments[1] ? `CAST(${cast(call.arguments[1], INT4, 'implicit').sql} AS VARCHAR)` : `'0'`;
  return combine(`CAST(mr_murmur3(${murmurHex(value)}, ${seed}) AS INTEGER)`, INT4, call.arguments);
}

/** How CHECKSUM folds what it is given is not public; of decimals that fit into an integer without their point, it shows just that. */
function checksum(call: FunctionCall): Bound {
  requireCount(call, 1);
  const value = settle(call.arguments[0] as Bound);
  const { precision, scale } = numericShape(value.type);
  if (value.type.kind !== 'decimal' || precision > 18)
    throw new RedshiftError('0A000', `function checksum(${typeName(value.type)}) is not supported`);
  const units = `CAST(CAST(${value.sql} AS DECIMAL(${precision}, ${scale})) * CAST('1${'0'.repeat(scale)}' AS BIGINT) AS BIGINT)`;
  const refused = raise('0A000', quoteText('checksum of this value is not supported'), 'INTEGER');
  const sql = bindOnce(
    units,
    (u) =>
      `CASE WHEN ${u} BETWEEN 0 AND 2147483647 THEN CAST(${u} AS INTEGER) WHEN ${u} IS NOT NULL THEN ${refused} END`,
  );
  return combine(sql, INT4, [value]);
}

export const HASHES: Readonly<Record<string, FunctionEntry>> = {
  md5: digest('md5', 32),
  func_sha1: sha1,
  sha1,
  sha: sha1,
  sha2: special(sha2),
  fnv_hash: special(fnvHash),
  murmur3_32_hash: special(murmur),
  farmfingerprint64: special(farm),
  farmhash64: special(farm),
  checksum: special(checksum),
};
