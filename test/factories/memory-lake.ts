import { createHash } from 'node:crypto';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type {
  FoundObject,
  ListingRequest,
  ObjectListing,
  ObjectStore,
  StoredObject,
} from '../../lambdas/aws/object-store.ts';
import type { MillraceError } from '../../lib/pipeline/error.ts';
import type { ListedObject } from '../../lib/pipeline/reload-page.ts';

/** As S3 makes it of an object that was put in one piece. */
export const eTagOf = (body: Uint8Array): string => createHash('md5').update(body).digest('hex');

/** A lake in memory: the port's contract on a Map, and a way to make the next puts fail. */
export class MemoryLake implements ObjectStore, ObjectListing {
  readonly objects = new Map<string, StoredObject>();
  /** Every put that succeeded, in order, repeats included. */
  readonly puts: string[] = [];
  #failures: MillraceError[] = [];

  failNext(...errors: MillraceError[]): void {
    this.#failures.push(...errors);
  }

  async put(object: StoredObject): Promise<{ readonly eTag: string }> {
    const failure = this.#failures.shift();
    if (failure) throw failure;
    this.puts.push(object.key);
    this.objects.set(object.key, object);
    return { eTag: eTagOf(object.body) };
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.objects.get(key)?.body;
  }

  /** As S3 lists: in the order of the keys. */
  async list({ prefix, after, limit }: ListingRequest): Promise<ListedObject[]> {
    const keys = this.keys(prefix).filter((key) => key > after);
    return keys
      .toSorted()
      .slice(0, limit)
      .map((key) => {
        const body = this.objects.get(key)?.body ?? new Uint8Array();
        return { key, sizeBytes: body.length, eTag: eTagOf(body) };
      });
  }

  async find(key: string): Promise<FoundObject | undefined> {
    const object = this.objects.get(key);
    return object && { body: object.body, eTag: eTagOf(object.body), metadata: object.metadata ?? {} };
  }

  /** In the order they were first put. */
  keys(prefix: string): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix));
  }

  /** The lines of every object under a prefix. */
  lines(prefix: string): string[] {
    return this.keys(prefix).flatMap((key) => {
      const body = this.objects.get(key)?.body ?? new Uint8Array();
      const text = (key.endsWith('.zst') ? zstdDecompressSync(body) : gunzipSync(body)).toString('utf8');
      return text.split('\n').slice(0, -1);
    });
  }
}
