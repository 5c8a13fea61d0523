import { type LandingPorts, landBatch } from '../../lambdas/ingest/land.ts';
import { packBatch } from '../../lib/pipeline/batch.ts';
import { intakeOfExportedItem } from '../../lib/pipeline/dynamodb-export.ts';
import { instantOf, snapshotId, snapshotPosition } from '../../lib/pipeline/snapshot-position.ts';
import type { Write } from '../factories/last-write-wins.ts';
import type { World } from './world.ts';

/** A write to a table as its stream will tell it; what is poison to the stream is an item like any other to the table. */
export interface TableWrite {
  readonly id: string;
  /** Undefined: it was deleted. */
  readonly image: object | undefined;
  readonly payload: string;
}

interface Snapshot {
  readonly asOfMicroseconds: bigint;
  readonly items: ReadonlyMap<string, TableWrite>;
}

const dataset = 'brackets';
/** Before the stream's first record, so that items which were never in it are in the first snapshot too. */
const olderItem: TableWrite = {
  id: 't-0',
  image: { tournamentId: { S: 't-0' }, round: { N: '0.50' } },
  payload: '{"tournamentId":"t-0","round":0.50}',
};

/**
 * Exports of the table, taken at random moments of its history and landed at random moments of the run, by the real core.
 * @returns the rows that must be in the warehouse because of them.
 */
export function playSnapshots(world: World, landing: LandingPorts, history: readonly TableWrite[]): Write[] {
  const { random } = world;
  return Array.from({ length: random.between(0, 2) }, (_none, index) => {
    const moment = random.between(0, history.length);
    const snapshot = stateAfter(history.slice(0, moment), moment, index);
    for (let time = random.between(1, 2); time > 0; time -= 1) {
      world.after(random.between(10, 60_000), `snapshot ${index}`, () => land(landing, snapshot, index));
    }
    return [...snapshot.items.values()].map((item) => writeOf(item, snapshot));
  }).flat();
}

/** The table as it was after so many writes; of two exports at one moment each has an instant of its own. */
function stateAfter(writes: readonly TableWrite[], moment: number, index: number): Snapshot {
  return { asOfMicroseconds: 1_795_176_000_000_000n + BigInt(moment * 10 + index), items: stateOfTable(writes) };
}

/** The items of the table after these writes, by their id. */
export function stateOfTable(writes: readonly TableWrite[]): Map<string, TableWrite> {
  const items = new Map([[olderItem.id, olderItem]]);
  for (const write of writes) {
    if (write.image) items.set(write.id, write);
    else items.delete(write.id);
  }
  return items;
}

function writeOf({ id, payload }: TableWrite, { asOfMicroseconds }: Snapshot): Write {
  const key = JSON.stringify({ tournamentId: id });
  const position = snapshotPosition(asOfMicroseconds);
  return { _id: snapshotId({ dataset, key, position }), _op: 'snapshot', _key: key, _position: position, payload };
}

async function land(landing: LandingPorts, { items, asOfMicroseconds }: Snapshot, index: number): Promise<void> {
  const intakes = [...items.values()].map(({ image }, line) => {
    const bytes = Buffer.from(JSON.stringify({ Item: image }));
    const place = { dataset, exportId: instantOf(asOfMicroseconds), file: `file-${index}`, line: line + 1, bytes };
    return intakeOfExportedItem(place, { keyNames: ['tournamentId'], asOfMicroseconds });
  });
  const batch = packBatch({ dataset, codec: 'zstd', name: `fill-${index}`, intakes });
  await landBatch(batch, landing);
}
