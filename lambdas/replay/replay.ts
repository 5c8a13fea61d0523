import { type LakeObject, linesObject } from '../../lib/pipeline/batch.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { droppedName, givenUpCode, givenUpRecords, readGivenUp } from '../../lib/pipeline/given-up.ts';
import { abandonedPrefix, type Codec, droppedObjectKey, lakePrefixes } from '../../lib/pipeline/names.ts';
import { type QuarantinedRecord, readQuarantine } from '../../lib/pipeline/quarantine.ts';
import { planReplay, type ReplaySource } from '../../lib/pipeline/replay.ts';
import type { ReplayAnswer, ReplayRequest } from '../../lib/pipeline/replay-request.ts';
import type { ReadObject, RewritableStore } from '../aws/rewritable-store.ts';
import { ingestDynamodb, ingestKinesis } from '../ingest/ingest.ts';
import { type LandingPorts, landObject } from '../ingest/land.ts';

/** What a replay works with. */
export interface ReplayPorts extends LandingPorts {
  readonly sources: Readonly<Record<string, ReplaySource>>;
  readonly codec: Codec;
  readonly lake: RewritableStore;
}

/** What a request came to, and what it adds to the metrics. */
export interface ReplayOutcome {
  readonly answer: ReplayAnswer;
  readonly recordsLanded: number;
  readonly bytesLanded: number;
}

const nothing: ReplayOutcome = { answer: { done: [], still: [] }, recordsLanded: 0, bytesLanded: 0 };
/** Others who change the same object at the same time are people: more than a few in a row is no coincidence. */
const triesAtMost = 8;

/**
 * Does with the records of an object what was decided. Each write may be the last: what lands is written before it leaves the
 * quarantine, and landing it again changes nothing, so a request that was cut off is simply made again.
 */
export async function replay(request: ReplayRequest, ports: ReplayPorts): Promise<ReplayOutcome> {
  const source = ports.sources[request.dataset];
  if (!source) throw new MillraceError('UNKNOWN_DATASET', `the stack has no dataset ${request.dataset}`);
  const attempt = attemptOf(request);
  let before = nothing;
  for (let tries = 0; tries < triesAtMost; tries += 1) {
    const object = await ports.lake.read(request.objectKey);
    if (!object) return before;
    const { write, outcome } = await attempt(request, object, { ...ports, source });
    before = together(before, outcome);
    if (write === 'done') return before;
  }
  const message = `${request.objectKey} was changed by others ${triesAtMost} times in a row`;
  throw new MillraceError('OBJECT_CONTENDED', message, { retryable: true });
}

/** What an attempt did, and whether its last write found the object as it had read it. */
interface Attempted {
  readonly write: 'done' | 'changed';
  readonly outcome: ReplayOutcome;
}
type Attempt = (
  request: ReplayRequest,
  object: ReadObject,
  ports: ReplayPorts & { readonly source: ReplaySource },
) => Promise<Attempted>;

/** What landed at an attempt whose last write came too late has landed all the same. */
function together(before: ReplayOutcome, { answer, recordsLanded, bytesLanded }: ReplayOutcome): ReplayOutcome {
  return {
    answer: { done: [...new Set([...before.answer.done, ...answer.done])], still: answer.still },
    recordsLanded: Math.max(before.recordsLanded, recordsLanded),
    bytesLanded: Math.max(before.bytesLanded, bytesLanded),
  };
}

/** The role may read more than one dataset: the key must be of the one that is named. */
function attemptOf({ action, dataset, objectKey }: ReplayRequest): Attempt {
  if (objectKey.startsWith(abandonedPrefix)) return action === 'drop' ? dropBatch : replayBatch;
  if (objectKey.startsWith(`${lakePrefixes.quarantine}${dataset}/`)) return action === 'drop' ? drop : tryAgain;
  throw new MillraceError('FOREIGN_OBJECT', `${objectKey} is no object of the quarantine of ${dataset}`);
}

const tryAgain: Attempt = async (request, object, ports) => {
  const { source, codec, lake } = ports;
  const { dataset, ids, objectKey } = request;
  const records = readQuarantine(object.bytes);
  const mended = request.mended === undefined ? undefined : Buffer.from(request.mended, 'base64');
  if (mended && ids?.length !== 1)
    throw new MillraceError('MENDED_NEEDS_ONE', 'a mended record stands for exactly one that is in quarantine');
  const plan = planReplay({ dataset, source, codec, records, ids, mended });
  if (plan.batch.raw) await landObject(plan.batch.raw, ports);
  const write = plan.isChanged ? await rewrite(lake, objectKey, plan.lines, object) : 'done';
  const { landed: recordsLanded, raw } = plan.batch;
  const answer = { done: [...plan.replayed], still: [...plan.still] };
  return { write, outcome: { answer, recordsLanded, bytesLanded: raw?.body.length ?? 0 } };
};

const drop: Attempt = async ({ dataset, ids, objectKey }, object, { lake }) => {
  const records = readQuarantine(object.bytes);
  const chosen = ids && new Set(ids);
  const dropped = records.filter(({ id }) => !chosen || chosen.has(id));
  if (dropped.length === 0) return { write: 'done', outcome: nothing };
  await lake.put(droppedObject(dataset, objectKey, dropped));
  const left = records.filter((record) => !dropped.includes(record)).map(({ line }) => line);
  const write = await rewrite(lake, objectKey, left, object);
  return { write, outcome: { ...nothing, answer: { done: dropped.map(({ id }) => id), still: [] } } };
};

/** The records of a batch that was given up go the ordinary way: the same objects, the same names. */
const replayBatch: Attempt = async ({ dataset, objectKey }, object, { source, ...ports }) => {
  const batch = givenUp(object, source, objectKey);
  const ingest = batch.kind === 'kinesis' ? ingestKinesis : ingestDynamodb;
  const outcome = await ingest(batch.event, { ...ports, dataset });
  if (outcome.kind === 'retry') throw outcome.error;
  const done = givenUpRecords(batch).map(({ id }) => id);
  const { RecordsLanded: recordsLanded, BytesLanded: bytesLanded } = outcome.counts;
  const write = await ports.lake.remove(objectKey, object.eTag);
  return { write, outcome: { answer: { done, still: [] }, recordsLanded, bytesLanded } };
};

const dropBatch: Attempt = async ({ dataset, objectKey }, object, { source, lake }) => {
  const records = givenUpRecords(givenUp(object, source, objectKey)).map((one) => ({ ...one, code: givenUpCode }));
  await lake.put(droppedObject(dataset, objectKey, records));
  const write = await lake.remove(objectKey, object.eTag);
  return { write, outcome: { ...nothing, answer: { done: records.map(({ id }) => id), still: [] } } };
};

function givenUp(object: ReadObject, source: ReplaySource, objectKey: string) {
  const batch = readGivenUp(object.bytes);
  if (batch && batch.kind === source.kind) return batch;
  throw new MillraceError('FOREIGN_OBJECT', `${objectKey} is no batch of a ${source.kind} stream that was given up`);
}

/** An object of which nothing is left goes. */
function rewrite(lake: RewritableStore, key: string, lines: readonly string[], { eTag }: ReadObject) {
  return lines.length > 0 ? lake.replace(linesObject(key, lines), eTag) : lake.remove(key, eTag);
}

/** What notes a drop, so that it stays counted: everything but the payload, which somebody wanted gone. */
function droppedObject(
  dataset: string,
  objectKey: string,
  records: readonly Pick<QuarantinedRecord, 'id' | 'code' | 'at' | 'source'>[],
): LakeObject {
  const lines = records.map(({ id, code, at, source }) => JSON.stringify({ id, code, at, source, object: objectKey }));
  const ids = records.map(({ id }) => id);
  return linesObject(droppedObjectKey({ dataset, at: records[0]?.at ?? '', name: droppedName(objectKey, ids) }), lines);
}
