import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const objectSchema = z.object({
  key: z.string(),
  /** Name of the file that holds the bytes. */
  file: z.string(),
  sizeBytes: z.number(),
  etag: z.string(),
  lastModified: z.string(),
  sequencer: z.string(),
  /** Response headers that were given with the object: content-type, x-amz-meta-…, checksums. */
  headers: z.record(z.string(), z.string()),
});
export type StoredObject = z.infer<typeof objectSchema>;

export interface PutHooks {
  /** Throws where the object that is there (or is not) forbids the write. */
  readonly guard?: (before: StoredObject | undefined) => void;
  readonly announce?: () => Promise<void>;
}

/**
 * One bucket on disk. The bytes go to a file of their own; then a small file that names them is renamed into place. So an
 * object is whole or absent whenever the process dies; what no metadata names is swept at the next start.
 * Metadata files are named by the hash of the key: any key is safe, `..` and 1,024 bytes included.
 * (Nothing is fsynced: a state directory is meant to survive a killed process, not a power cut.)
 */
export class BucketStore {
  readonly #directory: string;
  readonly #objects = new Map<string, StoredObject>();
  readonly #turns = new Map<string, Promise<unknown>>();
  #sortedKeys: string[] | undefined;
  #lastSequence = 0n;

  constructor(directory: string) {
    this.#directory = directory;
    for (const folder of ['data', 'index', 'pending']) mkdirSync(join(directory, folder), { recursive: true });
    this.#load();
  }

  #load(): void {
    const index = join(this.#directory, 'index');
    for (const name of readdirSync(index)) {
      const path = join(index, name);
      if (!name.endsWith('.json')) rmSync(path);
      else this.#note(objectSchema.parse(JSON.parse(readFileSync(path, 'utf8'))));
    }
    const used = new Set([...this.#objects.values()].map((object) => object.file));
    const data = join(this.#directory, 'data');
    for (const name of readdirSync(data)) if (!used.has(name)) rmSync(join(data, name));
  }

  #note(object: StoredObject): void {
    if (!this.#objects.has(object.key)) this.#sortedKeys = undefined;
    this.#objects.set(object.key, object);
    const sequence = BigInt(`0x${object.sequencer}`);
    if (sequence > this.#lastSequence) this.#lastSequence = sequence;
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  /** Keys in S3's order: by their UTF-8 bytes. */
  keys(): readonly string[] {
    this.#sortedKeys ??= [...this.#objects.keys()].sort(compareCodePoints);
    return this.#sortedKeys;
  }

  /** The object with its bytes; an overwrite in between is read as the newer object. */
  async read(key: string): Promise<{ object: StoredObject; body: Buffer } | undefined> {
    for (;;) {
      const object = this.#objects.get(key);
      if (!object) return undefined;
      try {
        return { object, body: await readFile(join(this.#directory, 'data', object.file)) };
      } catch (error) {
        if (this.#objects.get(key) === object) throw error;
      }
    }
  }

  /** Grows with every write, across restarts too; compares as text for one key. */
  nextSequencer(nowMilliseconds: number): string {
    const fromClock = BigInt(nowMilliseconds) << 20n;
    this.#lastSequence = fromClock > this.#lastSequence ? fromClock : this.#lastSequence + 1n;
    return this.#lastSequence.toString(16).padStart(18, '0');
  }

  /** Writers of one key take turns, so that `guard` and what it guards cannot be separated. */
  #exclusively<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(work, work);
    this.#turns.set(key, turn);
    const forget = () => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    };
    turn.then(forget, forget);
    return turn;
  }

  /** Puts an object; `guard` may throw to refuse, and `announce` is awaited before the object is visible. */
  put(object: Omit<StoredObject, 'file'>, body: Buffer, hooks: PutHooks = {}): Promise<void> {
    return this.#exclusively(object.key, async () => {
      const before = this.#objects.get(object.key);
      hooks.guard?.(before);
      const stored = { ...object, file: randomUUID() };
      await writeFile(join(this.#directory, 'data', stored.file), body);
      await hooks.announce?.();
      const temporary = join(this.#directory, 'index', randomUUID());
      await writeFile(temporary, JSON.stringify(stored));
      await rename(temporary, this.#indexPath(stored.key));
      this.#note(stored);
      if (before) await rm(join(this.#directory, 'data', before.file), { force: true });
    });
  }

  delete(key: string, guard: PutHooks['guard'] = () => undefined): Promise<StoredObject | undefined> {
    return this.#exclusively(key, async () => {
      const object = this.#objects.get(key);
      guard(object);
      if (!object) return undefined;
      await rm(this.#indexPath(key), { force: true });
      this.#objects.delete(key);
      this.#sortedKeys = undefined;
      await rm(join(this.#directory, 'data', object.file), { force: true });
      return object;
    });
  }

  #indexPath(key: string): string {
    return join(this.#directory, 'index', `${createHash('sha256').update(key).digest('hex')}.json`);
  }

  /** Notes an event that is due before what it speaks of is visible, so that a crash in between loses none. */
  async keepPending(id: string, event: unknown): Promise<void> {
    const temporary = join(this.#directory, 'pending', `${id}.part`);
    await writeFile(temporary, JSON.stringify(event));
    await rename(temporary, join(this.#directory, 'pending', `${id}.json`));
  }

  async dropPending(id: string): Promise<void> {
    await rm(join(this.#directory, 'pending', `${id}.json`), { force: true });
  }

  pending(): { id: string; event: unknown }[] {
    const folder = join(this.#directory, 'pending');
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => ({
        id: name.slice(0, -5),
        event: JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown,
      }));
  }

  /** A folder for the parts of uploads that are not complete. */
  async uploadDirectory(uploadId: string): Promise<string> {
    const directory = join(this.#directory, 'uploads', uploadId);
    await mkdir(directory, { recursive: true });
    return directory;
  }

  hasUpload(uploadId: string): boolean {
    return /^[0-9a-f-]{36}$/.test(uploadId) && existsSync(join(this.#directory, 'uploads', uploadId, 'upload.json'));
  }

  async dropUpload(uploadId: string): Promise<void> {
    await rm(join(this.#directory, 'uploads', uploadId), { recursive: true, force: true });
  }
}

/** Compares as UTF-8 bytes do, without encoding: surrogates sort after the rest of the BMP. */
function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    const rank = (unit: number) => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);
    return rank(a) - rank(b);
  }
  return left.length - right.length;
}
