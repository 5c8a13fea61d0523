import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MillraceError } from '../lib/pipeline/error.ts';

/** By this file `--fresh` knows that a folder is ours to delete. It is locked while somebody runs over the folder. */
const markerFile = 'millrace-state';
const markerOf = (directory: string): string => path.join(directory, markerFile);

/** A state directory that is this process's alone until it is released, or until the process ends, however it ends. */
export interface StateLock {
  release(): void;
}

/** The databases whose locks are held: one that nobody refers to is closed by the garbage collector, and its lock with it. */
const held = new Set<DatabaseSync>();

/** SQLite takes the lock, because the operating system lets go of it with the process: no stale file, no number used again. */
function lock(file: string, patienceMilliseconds: number): StateLock | undefined {
  const database = new DatabaseSync(file, { timeout: patienceMilliseconds });
  try {
    database.exec('begin exclusive');
    held.add(database);
    return { release: () => letGo(database) };
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined;
    throw error;
  }
}
const sqliteBusy = 5;
/** Who looks whether somebody runs holds the lock for a moment: who starts waits that out. */
const startPatienceMilliseconds = 500;

function letGo(database: DatabaseSync): void {
  held.delete(database);
  database.close();
}

/** True while an instance runs over the directory, from its first step on. */
export function isLocked(directory: string): boolean {
  if (!fs.existsSync(markerOf(directory))) return false;
  try {
    const probe = lock(markerOf(directory), 0);
    probe?.release();
    return probe === undefined;
  } catch {
    return false;
  }
}

function refuseForeign(directory: string): void {
  if (fs.readdirSync(directory).length === 0 || fs.existsSync(markerOf(directory))) return;
  const message = `${path.resolve(directory)} was not made by millrace, so --fresh does not delete it`;
  throw new MillraceError('NOT_OURS', message);
}

function makeAndLock(directory: string, fresh: boolean): StateLock | undefined {
  const exists = fs.existsSync(directory);
  if (exists && fresh) refuseForeign(directory);
  if (!exists) fs.mkdirSync(directory, { recursive: true });
  const marker = markerOf(directory);
  // Whatever is in it, its being there is all it says.
  if (!isLocked(directory)) fs.writeFileSync(marker, '');
  return lock(marker, startPatienceMilliseconds);
}

/** Makes a state directory and takes it, after dropping what earlier runs left where that is asked for. */
export function takeStateDirectory(directory: string, fresh: boolean): StateLock {
  let taken: StateLock | undefined;
  try {
    taken = makeAndLock(directory, fresh);
    const left = taken && fresh ? fs.readdirSync(directory).filter((name) => name !== markerFile) : [];
    for (const name of left) fs.rmSync(path.join(directory, name), { recursive: true, force: true });
  } catch (cause) {
    if (cause instanceof MillraceError) throw cause;
    const message = `${path.resolve(directory)} cannot be used to keep state in (${(cause as Error).message}): name another --state-directory`;
    throw new MillraceError('STATE_DIRECTORY', message, { cause });
  }
  if (taken) return taken;
  const message = `millrace runs over ${path.resolve(directory)} already: end it, or name another --state-directory`;
  throw new MillraceError('ALREADY_RUNNING', message);
}

/** How files that were cut short or overwritten show: SQLite's, DuckDB's and those of JSON. */
const damage =
  /^(IO Error|Serialization Error|file is not a database|database disk image is malformed)|in JSON at position|JSON input/;

/** An error that says what to do where what is kept cannot be read; any other as it is. */
export function explainedDamage(error: unknown, directory: string): unknown {
  if (error instanceof MillraceError || !(error instanceof Error) || !damage.test(error.message)) return error;
  const message = `what is kept in ${path.resolve(directory)} is damaged (${error.message}): begin anew with --fresh, or put the folder back from a copy`;
  return new MillraceError('STATE_DAMAGED', message, { cause: error });
}
