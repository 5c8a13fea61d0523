/**
 * What Redshift takes into a SUPER value; anything beyond is set aside at ingest, because in a COPY it would fail the load or
 * be altered. Source: Amazon Redshift Database Developer Guide, "Limitations" of SUPER, "DECIMAL or NUMERIC type", "COPY from JSON".
 */
export const jsonLimits = {
  /** Objects and arrays within one another. */
  depth: 1_000,
  /** A string or an attribute's name, in bytes of UTF-8 after its escapes are resolved: a VARCHAR's most. */
  stringBytes: 65_535,
  /** Digits of a number written without exponent: DECIMAL(38). */
  numberDigits: 38,
  /** Digits after the point: DECIMAL(38, 37). */
  fractionDigits: 37,
  /** Smallest and largest magnitude of DOUBLE PRECISION. */
  smallestDouble: 1e-307,
  /** One line of NDJSON with its envelope. "4 MB" is taken as the smaller of its two readings. */
  lineBytes: 4_000_000,
} as const;

/** Why a value is refused; stable, because alarms, replays and tests name it. */
export const jsonRefusalCodes = [
  'NOT_UTF8',
  'BYTE_ORDER_MARK',
  'NOT_JSON',
  'TOO_DEEP',
  'DUPLICATE_KEY',
  'STRING_TOO_LONG',
  'LONE_SURROGATE',
  'NUL_CHARACTER',
  'NUMBER_OUT_OF_RANGE',
] as const;
export type JsonRefusalCode = (typeof jsonRefusalCodes)[number];
