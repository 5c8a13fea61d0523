import { type FSWatcher, globSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';

/** Long enough for an editor that writes a copy and renames it, short enough that nobody waits. */
const quietMilliseconds = 40;

export interface FolderWatch {
  close(): Promise<void>;
}

/** Calls when the text of a `.sql` file in the folder is another than before: once for all that is saved at a time, and never twice at once. */
export function watchTexts(
  folder: string,
  onChange: () => Promise<void>,
  onTrouble: (error: Error) => void,
): FolderWatch {
  return new TextWatch(folder, onChange, onTrouble);
}

/**
 * What the file system tells is only the occasion to look: editors rename, events come double or for nothing. Every folder has a
 * watch of its own, set before its files are read, so nothing that is saved later is missed; Node's recursive watch misses what
 * comes with a new folder.
 */
class TextWatch implements FolderWatch {
  readonly #folder: string;
  readonly #onChange: () => Promise<void>;
  readonly #onTrouble: (error: Error) => void;
  readonly #watchers: FSWatcher[] = [];
  #texts: string;
  #timer: NodeJS.Timeout | undefined;
  #working = Promise.resolve();

  constructor(folder: string, onChange: () => Promise<void>, onTrouble: (error: Error) => void) {
    this.#folder = folder;
    this.#onChange = onChange;
    this.#onTrouble = onTrouble;
    this.#watchFolders();
    this.#texts = textsOf(folder);
  }

  async close(): Promise<void> {
    await this.#working;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
  }

  #watchFolders(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close();
    for (const folder of foldersIn(this.#folder)) {
      const watcher = watch(folder, () => this.#soon());
      watcher.on('error', () => this.#soon());
      this.#watchers.push(watcher);
    }
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#working = this.#working.then(() => this.#look()).catch(this.#onTrouble);
    }, quietMilliseconds);
  }

  async #look(): Promise<void> {
    // All anew: a folder that was made again under its old name is another one.
    this.#watchFolders();
    const texts = textsOf(this.#folder);
    if (texts === this.#texts) return;
    this.#texts = texts;
    await this.#onChange();
  }
}

function foldersIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return [
    folder,
    ...entries.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name)),
  ];
}

/** All texts with their names, as one. */
function textsOf(folder: string): string {
  const paths = globSync('**/*.sql', { cwd: folder }).toSorted();
  return JSON.stringify(paths.map((path) => [path, textOf(join(folder, path))]));
}

/** A file may be gone again; an editor's lock is a link to nowhere. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
