import { recordsMetadata } from '../../lib/pipeline/batch.ts';
import type { Findings } from '../../lib/pipeline/findings.ts';
import { faultOfLine, type LineFault } from '../../lib/pipeline/line-check.ts';
import { codecOfKey } from '../../lib/pipeline/names.ts';
import type { PendingObject } from '../../lib/pipeline/state-items.ts';
import type { FoundObject } from '../aws/object-store.ts';
import { linesOf, Unreadable } from './lines.ts';

/** What an object of a refused load turns out to be. */
export type Examined =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly reason: string; readonly found: FoundObject }
  /** Readable, and not what the inbox has: it was written again since. */
  | { readonly kind: 'changed'; readonly found: FoundObject }
  | {
      readonly kind: 'read';
      readonly found: FoundObject;
      readonly lines: number;
      /** By line, counted from 1. */
      readonly faults: ReadonlyMap<number, LineFault>;
    };

/** Looks at an object with our own eyes, and then with the warehouse's: what it says counts where we see nothing. */
export async function examine(
  object: PendingObject,
  found: FoundObject | undefined,
  findings: Findings,
): Promise<Examined> {
  if (!found) return { kind: 'missing' };
  try {
    const { lines, faults } = await readLines(object, found);
    const said = Number(found.metadata[recordsMetadata] ?? 0);
    if (lines < said)
      return { kind: 'unreadable', found, reason: `holds ${lines} lines, and says that it holds ${said}` };
    if (found.eTag !== object.eTag) return { kind: 'changed', found };
    for (const [line, said] of findings.of(`s3://${object.bucket}/${object.key}`)) {
      if (line > lines || faults.has(line)) continue;
      faults.set(line, { code: 'LOAD_REFUSED', reason: `is refused by the warehouse: ${said}` });
    }
    return { kind: 'read', found, lines, faults };
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'unreadable', reason: error.message, found };
    throw error;
  }
}

async function readLines({ key }: PendingObject, { body }: FoundObject) {
  const faults = new Map<number, LineFault>();
  let lines = 0;
  for await (const group of linesOf(body, codecOfKey(key))) {
    for (const line of group) {
      lines += 1;
      const fault = line.length === 0 ? undefined : faultOfLine(line);
      if (fault) faults.set(lines, fault);
    }
  }
  return { lines, faults };
}
