import type { SourceRow, WarehouseRow } from '../../lib/pipeline/repair.ts';
import { attributesOfKey, type KeyTypes, keyOfItem, readItems, type WireItem } from '../../lib/pipeline/source-item.ts';
import { pagesOf, presentRows, presentStatement } from '../../lib/pipeline/statements/present.ts';
import type { SourceTable } from '../aws/source-table.ts';
import type { Warehouse } from '../aws/warehouse.ts';

/** What `latest` and the tombstones have of some keys. */
export async function warehouseRows(
  dataset: string,
  keys: readonly string[],
  warehouse: Warehouse,
): Promise<WarehouseRow[]> {
  const rows: WarehouseRow[] = [];
  for (const page of pagesOf(keys.map((key) => ({ key })))) {
    const parameters = { keys: JSON.stringify(page.map(({ key }) => key)) };
    rows.push(...presentRows(await warehouse.query({ sql: presentStatement(dataset), parameters })));
  }
  return rows;
}

/** Where keys of `latest` are looked up. */
export interface KeyedSource {
  readonly table: SourceTable;
  readonly types: KeyTypes;
  /** When the looking up began, or before. */
  readonly asOfMicroseconds: bigint;
}

/** Rows without a payload for those of the keys that the source does not have. */
export async function absentRows(keys: readonly string[], source: KeyedSource): Promise<SourceRow[]> {
  const found = await source.table.byKeys(askable(keys, source.types), 'keys');
  const known = new Set(found.map((item) => keyOfItem(item, source.types)));
  return [...new Set(keys)].filter((key) => !known.has(key)).map((key) => absent(key, source));
}

/** What the source has of some keys now; items that the warehouse does not take are left out. */
export async function sourceRows(keys: readonly string[], source: KeyedSource): Promise<SourceRow[]> {
  const found = await source.table.byKeys(askable(keys, source.types), 'items');
  const known = new Set(found.map((item) => keyOfItem(item, source.types)));
  const { rows } = readItems(found, source.types, source.asOfMicroseconds);
  return [...rows, ...keys.filter((key) => !known.has(key)).map((key) => absent(key, source))];
}

function askable(keys: readonly string[], types: KeyTypes): WireItem[] {
  return [...new Set(keys)].map((key) => attributesOfKey(key, types)).filter((key) => key !== undefined);
}

const absent = (key: string, { asOfMicroseconds }: KeyedSource): SourceRow => ({
  key,
  payload: undefined,
  asOfMicroseconds,
});
