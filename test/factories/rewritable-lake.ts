import { createHash } from 'node:crypto';
import type { StoredObject } from '../../lambdas/aws/object-store.ts';
import type { ReadObject, RewritableStore } from '../../lambdas/aws/rewritable-store.ts';
import { MemoryLake } from './memory-lake.ts';

/** The plug was pulled. */
export class Cut extends Error {}

/** A lake in memory with conditional writes, and a way to end the process at any of its calls. */
export class RewritableLake extends MemoryLake implements RewritableStore {
  #callsUntilCut = Number.POSITIVE_INFINITY;
  /** Runs before each write: somebody else who is faster. */
  beforeWrite: () => Promise<void> = async () => undefined;

  /** The call after so many is never answered; half of the time it had its effect. */
  cutAfter(calls: number): void {
    this.#callsUntilCut = calls;
  }

  override put(object: StoredObject): Promise<{ readonly eTag: string }> {
    return this.#call(() => super.put(object));
  }

  async read(key: string): Promise<ReadObject | undefined> {
    return this.#call(async () => {
      const bytes = await this.get(key);
      return bytes && { bytes, eTag: eTagOf(bytes) };
    });
  }

  async replace(object: StoredObject, eTag: string): Promise<'done' | 'changed'> {
    return this.#write(object.key, eTag, () => super.put(object));
  }

  async remove(key: string, eTag: string): Promise<'done' | 'changed'> {
    return this.#write(key, eTag, async () => {
      this.objects.delete(key);
    });
  }

  #write(key: string, eTag: string, write: () => Promise<unknown>): Promise<'done' | 'changed'> {
    return this.#call(async () => {
      const beforeWrite = this.beforeWrite;
      this.beforeWrite = async () => undefined;
      await beforeWrite();
      const present = this.objects.get(key)?.body;
      if (!present || eTagOf(present) !== eTag) return 'changed';
      await write();
      return 'done';
    });
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    const left = this.#callsUntilCut;
    this.#callsUntilCut -= 1;
    if (left <= 0) throw new Cut('before the call');
    const result = await work();
    if (left <= 0.5) throw new Cut('after the call');
    return result;
  }
}

const eTagOf = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
