import type { RedshiftType } from '../types.ts';

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

export function oidOf(type: RedshiftType): number {
  return wireTypes[type.kind].oid;
}

export function sizeOf(type: RedshiftType): number {
  return wireTypes[type.kind].size;
}

/** The type modifier of RowDescription and pg_attribute: length or precision and scale, offset by 4; −1 for none. */
export function modifierOf(type: RedshiftType): number {
  if (type.kind === 'decimal' && type.precision !== undefined) {
    return ((type.precision << 16) | (type.scale ?? 0)) + 4;
  }
  const sized = type.kind === 'varchar' || type.kind === 'char' || type.kind === 'varbyte';
  return sized && type.length !== undefined ? type.length + 4 : -1;
}

const kindByOid = new Map<number, RedshiftType['kind']>(
  Object.entries(wireTypes).map(([kind, wireType]) => [wireType.oid, kind as RedshiftType['kind']]),
);
kindByOid.set(17, 'varbyte');
kindByOid.set(19, 'varchar');
kindByOid.set(25, 'varchar');
kindByOid.set(26, 'int8');
kindByOid.set(705, 'varchar');

/** The type that a client declares for a parameter; undefined where it leaves that to the server. */
export function kindOfOid(oid: number): RedshiftType['kind'] | undefined {
  return kindByOid.get(oid);
}
