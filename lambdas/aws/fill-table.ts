import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type FillFile, type FillState, fillFile, fillState } from '../../lib/pipeline/fill.ts';
import { stateKeys } from '../../lib/pipeline/state-items.ts';
import { tableCalls } from './table-calls.ts';

/** What the pipeline remembers of fills. Failures are ServiceErrors. */
export interface FillTable {
  /** Takes the dataset for a fill; false where another one has it, who is then told. */
  take(dataset: string, id: string): Promise<{ readonly taken: true } | { readonly taken: false; readonly by: string }>;
  /** Lets go of the dataset, if this fill has it. */
  release(dataset: string, id: string): Promise<void>;
  read(dataset: string, id: string): Promise<FillState | undefined>;
  note(dataset: string, id: string, state: FillState): Promise<void>;
  readFile(dataset: string, id: string, index: number): Promise<FillFile | undefined>;
  noteFile(dataset: string, id: string, index: number, file: FillFile): Promise<void>;
  files(dataset: string, id: string): Promise<FillFile[]>;
}

/** More files than an export has. */
const filesAtMost = 1_000_000;
/** As long as the exported objects: after that a fill cannot be taken up again. */
const keptSeconds = 30 * 24 * 60 * 60;

export function dynamodbFillTable(
  table: string,
  client: DynamoDBClient,
  nowMilliseconds: () => number = Date.now,
): FillTable {
  const { get, put, query, remove } = tableCalls(table, client);
  const expiring = () => ({ expiresAtSeconds: Math.floor(nowMilliseconds() / 1000) + keptSeconds });
  return {
    async take(dataset, id) {
      const isFree = { expression: 'attribute_not_exists(pk) OR id = :id', values: { ':id': id } };
      if (await put({ ...stateKeys.fillLock(dataset), id }, isFree)) return { taken: true };
      const holder = await get(stateKeys.fillLock(dataset));
      return { taken: false, by: String(holder?.id ?? 'one that has just ended') };
    },
    async release(dataset, id) {
      await remove(stateKeys.fillLock(dataset), 'id = :id', { ':id': id });
    },
    async read(dataset, id) {
      const item = await get(stateKeys.fill(dataset, id));
      return item && fillState.parse(item);
    },
    async note(dataset, id, state) {
      const known = Object.entries(state).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
      await put({ ...stateKeys.fill(dataset, id), ...Object.fromEntries(known), ...expiring() });
    },
    async readFile(dataset, id, index) {
      const item = await get(stateKeys.fillFile(dataset, id, index));
      return item && fillFile.parse(item);
    },
    async noteFile(dataset, id, index, file) {
      await put({ ...stateKeys.fillFile(dataset, id, index), ...file, ...expiring() });
    },
    async files(dataset, id) {
      const { pk, sk } = stateKeys.fill(dataset, id);
      return (await query(pk, `${sk}#`, filesAtMost)).map((item) => fillFile.parse(item));
    },
  };
}
