import { everyType, type TypeFacts, typeFacts } from '../type-facts.ts';
import type { CatalogTypeName, RedshiftType } from '../types.ts';

type WireType = Pick<TypeFacts, 'oid' | 'sizeBytes'>;

/** The types that only PostgreSQL's catalogs have. */
const catalogTypes: Record<CatalogTypeName, WireType> = {
  char: { oid: 18, sizeBytes: 1 },
  name: { oid: 19, sizeBytes: 128 },
  regproc: { oid: 24, sizeBytes: 4 },
  text: { oid: 25, sizeBytes: -1 },
  oid: { oid: 26, sizeBytes: 4 },
  _int2: { oid: 1005, sizeBytes: -1 },
  _text: { oid: 1009, sizeBytes: -1 },
  regclass: { oid: 2205, sizeBytes: 4 },
  regtype: { oid: 2206, sizeBytes: 4 },
};

const wireTypeOf = (type: RedshiftType): WireType =>
  type.catalogName === undefined ? typeFacts[type.kind] : catalogTypes[type.catalogName];

export const oidOf = (type: RedshiftType): number => wireTypeOf(type).oid;

export const sizeOf = (type: RedshiftType): number => wireTypeOf(type).sizeBytes;

/** The type modifier of RowDescription and pg_attribute: length or precision and scale, offset by 4; −1 for none. */
export function modifierOf(type: RedshiftType): number {
  if (type.catalogName !== undefined) return -1;
  if (type.kind === 'decimal' && type.precision !== undefined) {
    return ((type.precision << 16) | (type.scale ?? 0)) + 4;
  }
  const sized = type.kind === 'varchar' || type.kind === 'char' || type.kind === 'varbyte';
  return sized && type.length !== undefined ? type.length + 4 : -1;
}

const kindByOid = new Map<number, RedshiftType['kind']>(everyType.map(([kind, { oid }]) => [oid, kind]));
for (const oid of [18, 19, 24, 25, 705, 1005, 1009, 2205, 2206]) kindByOid.set(oid, 'varchar');
kindByOid.set(17, 'varbyte');
kindByOid.set(26, 'int8');

/** The type that a client declares for a parameter; undefined where it leaves that to the server. */
export function kindOfOid(oid: number): RedshiftType['kind'] | undefined {
  return kindByOid.get(oid);
}
