import { createHash } from 'node:crypto';
import * as z from 'zod';
import { codecOfKey, lakePrefixes } from './names.ts';
import { executionName, type PendingObject, pendingObject } from './state-items.ts';
import type { LoadWork } from './work.ts';

/** Objects of one dataset that a run takes; the rest is for the next run, which follows at once. */
export const objectsOfARun = 1000;
/** Loads of a run: with a few hundred bytes each they stay far below the 256 KiB of Step Functions' state. */
const loadsOfARun = 120;

/** Touched sources that a run takes: they travel in its state, with two hundred bytes or so each. The rest is for the next run. */
export const touchesOfARun = 200;

/** A load and the objects it is made of. */
export interface PlannedLoad {
  readonly work: LoadWork;
  readonly objects: readonly PendingObject[];
}

/** The lane, as the run that has it knows it. */
export interface RunName {
  readonly lane: string;
  readonly generation: number;
}

/**
 * Loads of what is pending in a dataset: one codec a load, because COPY takes one a manifest, and what failed apart from
 * what is new. With each failure the loads get smaller, so that an object that cannot be loaded ends up alone; so they do
 * when a load was refused and nobody can say for which of its objects.
 */
export function planLoads(run: RunName, dataset: string, pending: readonly PendingObject[]): PlannedLoad[] {
  const groups = Map.groupBy(pending, (object) => `${object.attempts} ${loadSize(object)} ${codecOfKey(object.key)}`);
  return [...groups.values()].flatMap((objects) =>
    chunks(objects, loadSize(objects[0])).map((chunk) => plannedLoad(run, dataset, chunk)),
  );
}

/**
 * The loads that a run has room for: what has failed least comes first, so that a dataset whose objects fail one by one never
 * keeps what is new, its own or another's, from being loaded.
 */
export function firstLoads(loads: readonly PlannedLoad[]): PlannedLoad[] {
  const attempts = ({ objects }: PlannedLoad) => objects[0]?.attempts ?? 0;
  const size = ({ objects }: PlannedLoad) => loadSize(objects[0]);
  return loads
    .toSorted((one, other) => attempts(one) - attempts(other) || size(other) - size(one))
    .slice(0, loadsOfARun);
}

/** The most objects that a load with this one has. */
function loadSize(object: PendingObject | undefined): number {
  const { attempts = 0, loadObjectsAtMost = objectsOfARun } = object ?? {};
  return Math.min(loadObjectsAtMost, Math.max(1, Math.floor(objectsOfARun / 4 ** attempts)));
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

/** The load is named after its objects: planned again, the same load has the same name, and another one has another. */
export function plannedLoad(
  { lane, generation }: RunName,
  dataset: string,
  objects: readonly PendingObject[],
): PlannedLoad {
  const content = objects.map(({ key, eTag }) => `${key} ${eTag}`).toSorted();
  const hash = createHash('sha256').update(content.join('\n')).digest('hex').slice(0, 16);
  const execution = executionName(lane, generation);
  const loadId = `${execution}-${dataset}-${hash}`;
  const manifestKey = `${lakePrefixes.manifests}${dataset}/${loadId}.json`;
  const codec = codecOfKey(objects[0]?.key ?? '');
  const objectCount = objects.length;
  return {
    work: { kind: 'load', execution, lane, generation, loadId, dataset, codec, manifestKey, objectCount },
    objects,
  };
}

/** The manifest as COPY reads it. Each object is mandatory: one that is missing fails the load, aloud. */
export function manifestText({ objects }: PlannedLoad): string {
  const entries = objects.map(({ bucket, key, sizeBytes }) => ({
    url: `s3://${bucket}/${key}`,
    mandatory: true,
    meta: { content_length: sizeBytes },
  }));
  return JSON.stringify({ entries });
}

/** Where the objects of a load are noted as the inbox has them, for the step that takes them out of it. */
export function objectsKey({ manifestKey }: LoadWork): string {
  return manifestKey.replace(/\.json$/, '.objects.json');
}

/** Where the lines are noted that the warehouse refuses of a load. */
export function findingsKey({ manifestKey }: LoadWork): string {
  return manifestKey.replace(/\.json$/, '.findings.json');
}

export function objectsText({ objects }: PlannedLoad): string {
  return JSON.stringify(objects);
}

export function readObjects(text: string): PendingObject[] {
  return z.array(pendingObject).parse(JSON.parse(text));
}
