import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { StoredObject } from '../../lambdas/aws/object-store.ts';
import type { MemoryLake } from '../factories/memory-lake.ts';
import type { World } from './world.ts';

const damages = ['objectTruncated', 'objectCorrupt', 'objectMissing'] as const;
type Damage = (typeof damages)[number];
/** After a put; by then a run may have listed the object, or loaded it. */
const longestMilliseconds = 90_000;

/** What makes a line one that COPY refuses: some of it we see ourselves, the thirtieth of February only the warehouse. */
const garblings: readonly ((line: string) => string)[] = [
  (line) => line.replace(/"_at":"[^"]+"/, '"_at":"yesterday"'),
  (line) => line.replace(/"_at":"\d{4}-\d\d-\d\d/, '"_at":"2026-02-30'),
  (line) => line.replace('"payload":', '"payload"'),
];

const linesOf = ({ key, body }: Pick<StoredObject, 'key' | 'body'>): string[] =>
  (key.endsWith('.zst') ? zstdDecompressSync(body) : gunzipSync(body)).toString().split('\n').slice(0, -1);

/** The identity of a line, also of one that is no JSON any more. */
export const idOf = (line: string): string => /"_id":"([^"]+)"/.exec(line)?.[1] ?? '';

/** Changes objects of the lake behind the pipeline's back, and remembers what was in them. */
export class Decay {
  readonly #world: World;
  readonly #memory: MemoryLake;
  /** Identities of the records in each object that was damaged. */
  readonly damaged = new Map<string, Set<string>>();
  /** The line as it was, by the identity of its record, of each that was garbled. */
  readonly garbled = new Map<string, string>();

  constructor(world: World, memory: MemoryLake) {
    this.#world = world;
    this.#memory = memory;
  }

  /** The object as it is stored: one of its lines may be another. */
  garble(object: StoredObject): StoredObject {
    const { faults, random } = this.#world;
    if (!faults.strikes('lineGarbled', writerOf(object.key))) return object;
    const lines = linesOf(object);
    const at = random.between(0, lines.length - 1);
    const line = lines[at] as string;
    this.garbled.set(idOf(line), line);
    lines[at] = random.pick(garblings)(line);
    const bytes = Buffer.from(`${lines.join('\n')}\n`);
    this.#world.note(`line ${at + 1} of ${object.key} is garbled`);
    return { ...object, body: object.key.endsWith('.zst') ? zstdCompressSync(bytes) : gzipSync(bytes) };
  }

  /** What may become of the object later. */
  begin(key: string): void {
    const { faults, random } = this.#world;
    const damage = damages.find((one) => faults.strikes(one, writerOf(key)));
    if (damage) this.#world.after(random.between(1, longestMilliseconds), damage, () => this.#damage(key, damage));
  }

  #damage(key: string, damage: Damage): void {
    const object = this.#memory.objects.get(key);
    if (!object || this.#isUnreadable(object)) return;
    this.#world.note(`${damage}: ${key}`);
    const ids = this.damaged.get(key) ?? new Set();
    this.damaged.set(key, new Set([...ids, ...linesOf(object).map(idOf)]));
    const { body } = object;
    if (damage === 'objectMissing') this.#memory.objects.delete(key);
    else if (damage === 'objectTruncated')
      this.#memory.objects.set(key, { ...object, body: body.subarray(0, body.length - 9) });
    else this.#memory.objects.set(key, { ...object, body: Buffer.concat([Buffer.alloc(4), body.subarray(4)]) });
  }

  #isUnreadable(object: StoredObject): boolean {
    try {
      linesOf(object);
      return false;
    } catch {
      return true;
    }
  }
}

/** Who has put the object: ingest, or mend, which names what it makes after the old. */
export const writerOf = (key: string): string => (/\.(mended|part)-/.test(key) ? 'S3 of mend' : 'S3 of ingest');
