import { createHash } from 'node:crypto';
import { lakeObject, recordsMetadata } from '../../lib/pipeline/batch.ts';
import { type LineFault, namesOfLine } from '../../lib/pipeline/line-check.ts';
import { codecOfKey, derivedRawKey, quarantineCopyKey, quarantineKeyOfObject } from '../../lib/pipeline/names.ts';
import { type QuarantineCode, quarantineLine } from '../../lib/pipeline/quarantine.ts';
import type { PendingObject } from '../../lib/pipeline/state-items.ts';
import type { FoundObject, ObjectStore, StoredObject } from '../aws/object-store.ts';
import { linesOf, PackedLines } from './lines.ts';

/** Puts a new object to be loaded where the lake and the inbox have it. */
export type Note = (object: StoredObject) => Promise<void>;

/** So many parts are made of an object of which nobody can say what is bad. */
const partsAtMost = 32;

/** The lines with a fault go to quarantine, and the others into a new object; both under names that the faults decide. */
export async function rewrite(
  object: PendingObject,
  found: FoundObject,
  faults: ReadonlyMap<number, LineFault>,
  lake: Pick<ObjectStore, 'put'>,
  note: Note,
): Promise<void> {
  const suffix = `mended-${digestOf(faults.keys())}`;
  const [rest, aside] = [new PackedLines(codecOfKey(object.key)), new PackedLines('gzip')];
  let number = 0;
  for await (const group of linesOf(found.body, codecOfKey(object.key))) {
    for (const line of group) {
      number += 1;
      const fault = faults.get(number);
      if (fault) aside.add(Buffer.from(lineSetAside(object, line, number, fault)));
      else if (line.length > 0) rest.add(line);
    }
    await Promise.all([rest.flush(), aside.flush()]);
  }
  const asideKey = quarantineKeyOfObject(object.key, suffix);
  if (aside.count > 0) await lake.put(lakeObject(asideKey, await aside.end(), aside.count));
  if (rest.count > 0) await note(lakeObject(derivedRawKey(object.key, suffix), await rest.end(), rest.count));
}

function lineSetAside(object: PendingObject, received: Uint8Array, line: number, fault: LineFault): string {
  const { id = `${object.key}:${line}`, at = object.createdAt } = namesOfLine(received);
  const source = { object: object.key, eTag: object.eTag, line: String(line) };
  return quarantineLine({ id, at, ...fault, source, received });
}

/** Makes up to 32 objects of one, line after line. */
export async function splitLines(object: PendingObject, found: FoundObject, lines: number, note: Note): Promise<void> {
  const parts = Math.min(partsAtMost, lines);
  const lastOf = (part: number) => Math.floor(((part + 1) * lines) / parts);
  let number = 0;
  let part = 0;
  let packed = new PackedLines(codecOfKey(object.key));
  for await (const group of linesOf(found.body, codecOfKey(object.key))) {
    for (const line of group) {
      number += 1;
      if (line.length > 0) packed.add(line);
      if (number < lastOf(part)) continue;
      await notePart(object, part, packed, note);
      packed = new PackedLines(codecOfKey(object.key));
      part += 1;
    }
    await packed.flush();
  }
}

async function notePart({ key }: PendingObject, part: number, packed: PackedLines, note: Note): Promise<void> {
  if (packed.count === 0) return;
  const suffix = `part-${String(part + 1).padStart(2, '0')}`;
  await note(lakeObject(derivedRawKey(key, suffix), await packed.end(), packed.count));
}

/** Sets an object aside as a whole: a line that says so, and a copy of the bytes where there are any. */
export async function setAside(
  object: PendingObject,
  found: FoundObject | undefined,
  { code, reason }: { readonly code: QuarantineCode; readonly reason: string },
  lake: Pick<ObjectStore, 'put'>,
): Promise<number | undefined> {
  const copy = quarantineCopyKey(object.dataset, object.key);
  if (found) await lake.put({ key: copy, body: found.body, contentType: 'application/octet-stream' });
  const records = Number(found?.metadata[recordsMetadata]) || undefined;
  const line = quarantineLine({
    ...{ id: object.key, code, reason, at: object.createdAt, received: new Uint8Array() },
    source: { object: object.key, eTag: object.eTag, ...(found && { copy }) },
    ...(records !== undefined && { records }),
  });
  const packed = new PackedLines('gzip');
  packed.add(Buffer.from(line));
  await lake.put(lakeObject(quarantineKeyOfObject(object.key, 'set-aside'), await packed.end(), records ?? 1));
  return records;
}

function digestOf(lines: Iterable<number>): string {
  return createHash('sha256')
    .update([...lines].toSorted((one, other) => one - other).join(' '))
    .digest('hex')
    .slice(0, 12);
}
