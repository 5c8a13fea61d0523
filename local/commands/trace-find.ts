import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import { writeCanonicalItem } from '../../lib/pipeline/dynamodb-json.ts';
import { codecOfKey } from '../../lib/pipeline/names.ts';
import { mayHold } from '../../lib/pipeline/object-range.ts';
import type { ReplaySource } from '../../lib/pipeline/replay.ts';
import { restKey } from '../../lib/pipeline/rest-record.ts';
import type { LakeView } from './operator-lake.ts';
import type { HeldRecord } from './quarantine-held.ts';

/** A line of an object of the lake. */
export interface LakeLine {
  readonly objectKey: string;
  /** Counted from 1. */
  readonly line: number;
}

/** What is looked for: an event, or everything of some keys. */
export interface Wanted {
  readonly ids: readonly string[];
  /** As `_key` spells them. */
  readonly keys: readonly string[];
}

const head = z.object({ _id: z.string(), _key: z.string().nullable() });

/** Reads objects of the lake, each once however many events it is asked for. */
export class LineFinder {
  readonly #lake: LakeView;
  readonly #lines = new Map<string, Promise<readonly string[] | undefined>>();

  constructor(lake: LakeView) {
    this.#lake = lake;
  }

  /** The first line of an object that fits; `gone` where the object is no more. */
  async find(objectKey: string, wanted: Wanted): Promise<LakeLine | 'gone' | undefined> {
    const lines = await this.#read(objectKey);
    if (!lines) return 'gone';
    const line = lines.findIndex((text) => fits(text, wanted));
    return line < 0 ? undefined : { objectKey, line: line + 1 };
  }

  #read(objectKey: string): Promise<readonly string[] | undefined> {
    const known = this.#lines.get(objectKey);
    if (known) return known;
    const reading = this.#lake.read(objectKey).then((stored) => {
      if (!stored) return undefined;
      const unpack = codecOfKey(objectKey) === 'gzip' ? gunzipSync : zstdDecompressSync;
      return unpack(stored).toString('utf8').split('\n');
    });
    this.#lines.set(objectKey, reading);
    return reading;
  }
}

/** The cheap look first: most lines hold neither. */
function fits(text: string, { ids, keys }: Wanted): boolean {
  if (![...ids, ...keys].some((one) => text.includes(JSON.stringify(one)))) return false;
  const { _id, _key } = head.parse(JSON.parse(text));
  return ids.includes(_id) || (_key !== null && keys.includes(_key));
}

const manifest = z.object({ entries: z.array(z.object({ url: z.string() })) });

/** Where the lake holds an event that a load has loaded: the manifest names the objects, their names narrow them down. */
export async function lineOfEvent(
  lake: LakeView,
  finder: LineFinder,
  event: { readonly id: string; readonly position: string; readonly manifestKey: string },
): Promise<{ readonly found?: LakeLine; readonly missing?: string }> {
  const stored = await lake.read(event.manifestKey);
  if (!stored) return { missing: 'the manifest has expired' };
  const { entries } = manifest.parse(JSON.parse(Buffer.from(stored).toString('utf8')));
  const keys = entries.map(({ url }) => url.replace(/^s3:\/\/[^/]+\//, ''));
  let gone = 0;
  for (const key of keys.filter((one) => mayHold(one, event))) {
    const found = await finder.find(key, { ids: [event.id], keys: [] });
    if (found === 'gone') gone += 1;
    else if (found) return { found };
  }
  return { missing: gone > 0 ? 'the object has expired' : 'no object of the manifest holds it' };
}

/** The key of a record in quarantine, as `_key` would spell it; undefined where it cannot be told. */
export function heldKey({ received, source }: HeldRecord, of: ReplaySource): string | undefined {
  try {
    if (source.object !== undefined)
      return head.parse(JSON.parse(Buffer.from(received).toString('utf8')))._key ?? undefined;
    if (of.kind === 'rest') return restKey(received, of.key);
    if (of.kind === 'kinesis') return undefined;
    const record = JSON.parse(Buffer.from(received).toString('utf8')) as { dynamodb?: { Keys?: unknown } };
    return writeCanonicalItem(record.dynamodb?.Keys);
  } catch {
    // What is in quarantine may be anything: then nobody can tell whose it is.
    return undefined;
  }
}
