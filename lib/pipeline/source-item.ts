import { AttributeRefusal, writeCanonicalItem, writeItem } from './dynamodb-json.ts';
import { scanJson } from './json-scan.ts';
import { membersOf, scalarText } from './json-slice.ts';
import type { SourceRow } from './repair.ts';

/** An item of a DynamoDB table as the wire has it: attribute values, binary in base64. */
export type WireItem = Readonly<Record<string, unknown>>;

/** The attributes of a table's primary key and their types. */
export type KeyTypes = Readonly<Record<string, 'S' | 'N' | 'B'>>;

/** What of a page can be compared, and how many items the warehouse does not take: they were set aside when they came. */
export interface ReadItems {
  readonly rows: readonly SourceRow[];
  readonly refused: number;
}

/** The key of an item, as its envelope has it. */
export function keyOfItem(item: WireItem, types: KeyTypes): string {
  return writeCanonicalItem(Object.fromEntries(Object.keys(types).map((name) => [name, item[name]])));
}

/** Items as rows, in the text that the stream's intake makes of them. */
export function readItems(items: readonly WireItem[], types: KeyTypes, asOfMicroseconds: bigint): ReadItems {
  const rows = items.flatMap((item): SourceRow[] => {
    try {
      const payload = writeItem(item);
      if (scanJson(Buffer.from(payload)).kind === 'refused') return [];
      return [{ key: keyOfItem(item, types), payload, asOfMicroseconds }];
    } catch (error) {
      if (error instanceof AttributeRefusal) return [];
      throw error;
    }
  });
  return { rows, refused: items.length - rows.length };
}

const quote = 0x22;

/** The attribute values of a key, to ask the table for it; undefined for a key that the table cannot have. */
export function attributesOfKey(key: string, types: KeyTypes): WireItem | undefined {
  const bytes = Buffer.from(key);
  const entries: [string, object][] = [];
  for (const [name, type] of Object.entries(types)) {
    const [value] = membersOf(bytes, name);
    const text = value && scalarText(value);
    if (!text || (value[0] === quote) !== (type !== 'N')) return undefined;
    entries.push([name, { [type]: text }]);
  }
  return Object.fromEntries(entries);
}
