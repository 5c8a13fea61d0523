import type { Batch, LakeObject } from '../../lib/pipeline/batch.ts';
import { landedDelaySeconds, landedMessage } from '../../lib/pipeline/register-message.ts';
import type { ObjectStore } from '../aws/object-store.ts';
import type { MessageQueue } from '../aws/queue.ts';

/** Where whoever lands records puts them, and says so. */
export interface LandingPorts {
  readonly lake: Pick<ObjectStore, 'put'>;
  readonly lakeBucket: string;
  /** Register's. */
  readonly queue: MessageQueue;
  readonly nowMilliseconds: () => number;
}

/** Writes what a batch has come to. What failed may be repeated whole: names and bytes are the same. */
export async function landBatch(batch: Batch, ports: LandingPorts): Promise<void> {
  if (batch.quarantine) await ports.lake.put(batch.quarantine);
  if (batch.raw) await landObject(batch.raw, ports);
}

/** Puts an object that is to be loaded, and confirms it to register, so that no event is needed for it to be found. */
export async function landObject(object: LakeObject, ports: LandingPorts): Promise<void> {
  const { eTag } = await ports.lake.put(object);
  const message = landedMessage({
    bucket: ports.lakeBucket,
    key: object.key,
    sizeBytes: object.body.length,
    eTag,
    putAt: new Date(ports.nowMilliseconds()).toISOString(),
  });
  await ports.queue.send(message, landedDelaySeconds);
}
