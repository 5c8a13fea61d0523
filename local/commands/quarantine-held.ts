import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { type GivenUpBatch, givenUpCode, givenUpRecords, readGivenUp } from '../../lib/pipeline/given-up.ts';
import { abandonedPrefix, holdsQuarantineLines, lakePrefixes } from '../../lib/pipeline/names.ts';
import { readQuarantine } from '../../lib/pipeline/quarantine.ts';
import { eachAtOnce, type LakePlace, type LakeView, landingDatasets, withLake } from './operator-lake.ts';

/** A record that has not landed: set aside, or given up with its batch. */
export interface HeldRecord {
  readonly dataset: string;
  readonly id: string;
  readonly code: string;
  /** Completes the sentence "this record …". */
  readonly reason: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly source: Readonly<Record<string, string>>;
  readonly received: Uint8Array;
  /** How many records it stands for, where it is a whole object that said so. */
  readonly records?: number | undefined;
  /** The object that holds it. */
  readonly objectKey: string;
}

/** Which of them are meant; what is absent does not narrow. */
export interface HeldFilter {
  readonly codes?: readonly string[] | undefined;
  /** At or after, ISO-8601 UTC. */
  readonly from?: string | undefined;
  /** Before, ISO-8601 UTC. */
  readonly to?: string | undefined;
}

export function isMeant({ code, at }: Pick<HeldRecord, 'code' | 'at'>, { codes, from, to }: HeldFilter): boolean {
  return (!codes || codes.includes(code)) && (!from || at >= from) && (!to || at < to);
}

/** Everything that is held of a dataset, or of all of them, oldest first. A record that is held twice is there twice. */
export async function heldRecords(place: LakePlace, dataset?: string): Promise<HeldRecord[]> {
  return withLake(place, async (lake) => {
    const held = [...(await quarantined(lake, dataset)), ...(await givenUp(lake, place, dataset))];
    return held.sort((one, other) => compare(one.at, other.at) || compare(one.id, other.id));
  });
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

async function quarantined(lake: LakeView, dataset: string | undefined): Promise<HeldRecord[]> {
  const keys = await lake.keys(lakePrefixes.quarantine + (dataset === undefined ? '' : `${dataset}/`));
  const records = await eachAtOnce(keys.filter(holdsQuarantineLines), async (objectKey) => {
    const stored = await lake.read(objectKey);
    const owner = objectKey.split('/')[1] ?? '';
    return stored ? readQuarantine(stored).map((record) => ({ ...record, dataset: owner, objectKey })) : [];
  });
  return records.flat();
}

async function givenUp(lake: LakeView, place: LakePlace, dataset: string | undefined): Promise<HeldRecord[]> {
  const keys = await lake.keys(abandonedPrefix);
  // Most of the time there are none, and the account's functions need not be listed.
  if (keys.length === 0) return [];
  const owners = await landingDatasets(place.clientOptions);
  const records = await eachAtOnce(keys, async (objectKey) => {
    const stored = await lake.read(objectKey);
    const batch = stored && readGivenUp(stored);
    const owner = batch && owners.get(batch.functionArn);
    if (!batch || !owner || (dataset !== undefined && owner !== dataset)) return [];
    return givenUpRecords(batch).map((record) => ({ ...record, ...whyGivenUp(batch), dataset: owner, objectKey }));
  });
  return records.flat();
}

function whyGivenUp({ condition, invocations, givenUpAt }: GivenUpBatch): { code: string; reason: string } {
  const tries = invocations === undefined ? '' : ` after ${invocations} ${invocations === 1 ? 'try' : 'tries'}`;
  return { code: givenUpCode, reason: `was given up by Lambda with its batch${tries} (${condition}, ${givenUpAt})` };
}

const droppedLine = z.object({ id: z.string(), object: z.string() });

/** Identities of what was dropped of a dataset, as far as the lake remembers, each with the object that it was taken from. */
export async function droppedIds(place: LakePlace, dataset: string): Promise<Map<string, string>> {
  return withLake(place, async (lake) => {
    const keys = await lake.keys(`${lakePrefixes.dropped}${dataset}/`);
    const records = await eachAtOnce(keys, async (key) => {
      const stored = await lake.read(key);
      const lines = stored ? gunzipSync(stored).toString('utf8').split('\n').filter(Boolean) : [];
      return lines.map((line) => droppedLine.parse(JSON.parse(line)));
    });
    return new Map(records.flat().map(({ id, object }) => [id, object]));
  });
}
