import type { CatalogTypeName, RedshiftType } from '../types.ts';

interface WireType {
  /** As in Redshift's pg_type; 4000 SUPER, 6551 VARBYTE, 1188/1189→1190 intervals are Redshift's own. */
  readonly oid: number;
  /** Bytes of the value, −1 where it varies. */
  readonly size: number;
}

const wireTypes: Record<RedshiftType['kind'], WireType> = {
  bool: { oid: 16, size: 1 },
  int8: { oid: 20, size: 8 },
  int2: { oid: 21, size: 2 },
  int4: { oid: 23, size: 4 },
  float4: { oid: 700, size: 4 },
  float8: { oid: 701, size: 8 },
  char: { oid: 1042, size: -1 },
  varchar: { oid: 1043, size: -1 },
  date: { oid: 1082, size: 4 },
  time: { oid: 1083, size: 8 },
  timestamp: { oid: 1114, size: 8 },
  timestamptz: { oid: 1184, size: 8 },
  interval_year_to_month: { oid: 1188, size: 4 },
  interval_day_to_second: { oid: 1190, size: 8 },
  timetz: { oid: 1266, size: 12 },
  decimal: { oid: 1700, size: -1 },
  super: { oid: 4000, size: -1 },
  varbyte: { oid: 6551, size: -1 },
};

/** The types that only PostgreSQL's catalogs have. */
const catalogTypes: Record<CatalogTypeName, WireType> = {
  char: { oid: 18, size: 1 },
  name: { oid: 19, size: 128 },
  regproc: { oid: 24, size: 4 },
  text: { oid: 25, size: -1 },
  oid: { oid: 26, size: 4 },
  _int2: { oid: 1005, size: -1 },
  _text: { oid: 1009, size: -1 },
  regclass: { oid: 2205, size: 4 },
  regtype: { oid: 2206, size: 4 },
};

const wireTypeOf = (type: RedshiftType): WireType =>
  type.catalogName === undefined ? wireTypes[type.kind] : catalogTypes[type.catalogName];

export const oidOf = (type: RedshiftType): number => wireTypeOf(type).oid;

export const sizeOf = (type: RedshiftType): number => wireTypeOf(type).size;

/** The type modifier of RowDescription and pg_attribute: length or precision and scale, offset by 4; −1 for none. */
export function modifierOf(type: RedshiftType): number {
  if (type.catalogName !== undefined) return -1;
  if (type.kind === 'decimal' && type.precision !== undefined) {
    return ((type.precision << 16) | (type.scale ?? 0)) + 4;
  }
  const sized = type.kind === 'varchar' || type.kind === 'char' || type.kind === 'varbyte';
  return sized && type.length !== undefined ? type.length + 4 : -1;
}

const kindByOid = new Map<number, RedshiftType['kind']>(
  Object.entries(wireTypes).map(([kind, wireType]) => [wireType.oid, kind as RedshiftType['kind']]),
);
for (const oid of [18, 19, 24, 25, 705, 1005, 1009, 2205, 2206]) kindByOid.set(oid, 'varchar');
kindByOid.set(17, 'varbyte');
kindByOid.set(26, 'int8');

/** The type that a client declares for a parameter; undefined where it leaves that to the server. */
export function kindOfOid(oid: number): RedshiftType['kind'] | undefined {
  return kindByOid.get(oid);
}
