import type {
  FoundObject,
  ListingRequest,
  ObjectListing,
  ObjectStore,
  StoredObject,
} from '../../lambdas/aws/object-store.ts';
import type { ListedObject } from '../../lib/pipeline/reload-page.ts';
import { eTagOf, MemoryLake } from '../factories/memory-lake.ts';
import { objectCreatedEvent } from '../factories/pipeline.ts';
import { Decay, writerOf } from './decay.ts';
import { organizers } from './extraction.ts';
import type { World } from './world.ts';

export const lakeBucket = 'lake';
/** What is pulled stays whole: it is held against what its source serves, not against what was written. */
const pulled = `raw/${organizers.name}/`;

/** S3: objects whole or not at all, and an event for each that is created: at least once, and not at once. */
export class SimulatedLake implements ObjectStore, ObjectListing {
  readonly memory = new MemoryLake();
  readonly decay: Decay;
  /** Keys of the objects that S3 has told of, once at least. */
  readonly told = new Set<string>();
  readonly #world: World;
  readonly #tell: (body: string) => void;

  constructor(world: World, tell: (body: string) => void) {
    this.#world = world;
    this.decay = new Decay(world, this.memory);
    this.#tell = tell;
  }

  async put(object: StoredObject): Promise<{ readonly eTag: string }> {
    if (!object.key.startsWith('raw/')) return this.memory.put(object);
    const isPulled = object.key.startsWith(pulled);
    const stored = isPulled ? object : this.decay.garble(object);
    // As if its writer had packed it so: S3 keeps what it is given.
    Object.assign(object, { body: stored.body });
    const put = await this.memory.put(stored);
    if (!isPulled) this.decay.begin(stored.key);
    this.#announce(stored);
    return put;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.memory.get(key);
  }

  find(key: string): Promise<FoundObject | undefined> {
    return this.memory.find(key);
  }

  async list(request: ListingRequest): Promise<ListedObject[]> {
    const listed = await this.memory.list(request);
    return listed.map((object) => ({
      ...object,
      eTag: eTagOf(this.memory.objects.get(object.key)?.body ?? new Uint8Array()),
    }));
  }

  #announce({ key, body }: StoredObject): void {
    const { faults, random, nowMilliseconds } = this.#world;
    const event = objectCreatedEvent({
      bucket: lakeBucket,
      key,
      dataset: '',
      sizeBytes: body.length,
      eTag: eTagOf(body),
      createdAt: new Date(nowMilliseconds).toISOString(),
      attempts: 0,
    });
    const times = faults.strikes('eventLost', writerOf(key)) ? 0 : faults.strikes('eventDoubled', 'S3') ? 2 : 1;
    if (times > 0) this.told.add(key);
    for (let time = 0; time < times; time += 1) {
      const late = faults.strikes('eventLate', 'S3') ? random.between(60_000, 3_600_000) : 0;
      this.#world.after(random.between(50, 2_000) + late, 'S3 event', () => this.#tell(event));
    }
    if (!faults.strikes('eventForeign', 'S3')) return;
    const foreign = random.pick(['manifests/brackets/x.json', 'raw/unknown/dt=2026-11-20/hh=12/x.ndjson.zst', 'x']);
    this.#world.after(1, 'foreign event', () => this.#tell(event.replaceAll(key, foreign)));
  }
}
