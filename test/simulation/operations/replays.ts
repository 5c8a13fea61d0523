import type { RewritableStore } from '../../../lambdas/aws/rewritable-store.ts';
import { replay } from '../../../lambdas/replay/replay.ts';
import { linesObject } from '../../../lib/pipeline/batch.ts';
import { intakeOfDynamodbRecord } from '../../../lib/pipeline/dynamodb-record.ts';
import { holdsQuarantineLines } from '../../../lib/pipeline/names.ts';
import { type QuarantinedRecord, readQuarantine } from '../../../lib/pipeline/quarantine.ts';
import type { ReplayRequest } from '../../../lib/pipeline/replay-request.ts';
import { eTagOf } from '../../factories/memory-lake.ts';
import { asQuarantined, quarantineKey } from '../../factories/quarantined.ts';
import { idOf } from '../decay.ts';
import { invoke, through } from '../process.ts';
import { portsOf } from '../sources.ts';
import { troubledMilliseconds } from '../world.ts';
import type { DivertedRecord } from './operations.ts';
import type { OperationsStage } from './stage.ts';

const datasets = ['brackets', 'app_logs'];
const sources = { brackets: { kind: 'dynamodb' }, app_logs: { kind: 'kinesis' } } as const;
const quietMilliseconds = troubledMilliseconds + 900_000;
const triesAtMost = 10;

/** Somebody looks through the quarantine now and then: lands what is fine today, mends what was garbled, leaves what is still bad. */
export class Replays {
  readonly #stage: OperationsStage;
  readonly #setAside: readonly DivertedRecord[];

  constructor(stage: OperationsStage, setAside: readonly DivertedRecord[]) {
    this.#stage = stage;
    this.#setAside = setAside;
  }

  begin(): void {
    const { world } = this.#stage;
    const perObject = world.random.between(1, 3);
    for (let from = 0; from < this.#setAside.length; from += perObject) {
      const records = this.#setAside.slice(from, from + perObject);
      world.after(world.random.between(0, 120_000), 'records are set aside', () => this.#keep(records, from));
    }
    for (let count = world.random.between(1, 3); count > 0; count -= 1) {
      const at = world.random.between(1_000, 600_000);
      for (let people = world.random.between(1, 2); people > 0; people -= 1)
        world.after(at, 'the quarantine is looked through', () => this.#replayAll());
    }
    world.after(quietMilliseconds, 'the quarantine is looked through', () => this.#replayAll());
  }

  /** As an older version of Millrace set aside what this one takes. */
  async #keep(records: readonly DivertedRecord[], number: number): Promise<void> {
    const lines = records.map(({ record, write }) =>
      asQuarantined(intakeOfDynamodbRecord(record), Buffer.from(JSON.stringify(record)), { eventId: write._id }),
    );
    await this.#stage.lake.memory.put(linesObject(quarantineKey('brackets', `older-${number}`), lines));
  }

  #replayAll(): void {
    const { memory } = this.#stage.lake;
    for (const dataset of datasets) {
      for (const objectKey of memory.keys(`quarantine/${dataset}/`).filter(holdsQuarantineLines)) {
        const body = memory.objects.get(objectKey)?.body;
        for (const request of body ? this.#requests(dataset, objectKey, readQuarantine(body)) : [])
          this.#replay(request, 1);
      }
    }
  }

  /** The garbled lines one by one with what they were; of the rest all that are records, together. */
  #requests(dataset: string, objectKey: string, records: readonly QuarantinedRecord[]): ReplayRequest[] {
    const asked = { action: 'replay', dataset, objectKey } as const;
    const mended = records.flatMap(({ id, received }) => {
      const original = this.#stage.lake.decay.garbled.get(idOf(Buffer.from(received).toString()));
      return original === undefined ? [] : [{ ...asked, ids: [id], mended: Buffer.from(original).toString('base64') }];
    });
    const ids = records.filter(({ code }) => !code.startsWith('OBJECT_')).map(({ id }) => id);
    return [...mended, ...(ids.length > 0 && mended.length === 0 ? [{ ...asked, ids }] : [])];
  }

  #replay(request: ReplayRequest, tries: number): void {
    const { world, lake, queue, sabotage } = this.#stage;
    const { replayLakeOf = (store) => store } = sabotage;
    invoke(world, 'replay', (self) => {
      const ports = portsOf(world, { lake, queue });
      return replay(request, {
        ...{ ...ports, sources, codec: 'zstd' },
        lake: replayLakeOf(through(self, 's3', this.#store())),
        queue: through(self, 'sqs', ports.queue),
      });
    }).then(
      ({ answer }) => {
        world.note(`replay: ${answer.done.length} done, ${answer.still.length} still bad`);
        world.faults.count('replayed', answer.done.length > 0 ? 'landed' : 'still bad or gone');
      },
      (error) => {
        world.note(`replay: ${(error as Error).message}`);
        if (tries < triesAtMost) world.after(60_000, 'replay again', () => this.#replay(request, tries + 1));
      },
    );
  }

  /** What lands goes the way of all that lands; what is rewritten is so by conditional writes. */
  #store(): RewritableStore {
    const { lake } = this.#stage;
    const { memory } = lake;
    const unlessChanged = async (key: string, eTag: string, write: () => unknown) => {
      const present = memory.objects.get(key)?.body;
      if (!present || eTagOf(present) !== eTag) return 'changed' as const;
      await write();
      return 'done' as const;
    };
    return {
      put: (object) => lake.put(object),
      read: async (key) => {
        const bytes = await memory.get(key);
        return bytes && { bytes, eTag: eTagOf(bytes) };
      },
      replace: (object, eTag) => unlessChanged(object.key, eTag, () => memory.put(object)),
      remove: (key, eTag) => unlessChanged(key, eTag, () => memory.objects.delete(key)),
    };
  }
}
