import { globSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';

/** Long enough for an editor that writes a copy and renames it, short enough that nobody waits. */
const quietMilliseconds = 40;

export interface FolderWatch {
  close(): Promise<void>;
}

/**
 * Calls when the text of a `.sql` file in the folder is another than before: once for all that is saved at a time, and never
 * twice at once. What the file system tells is only the occasion to look; editors rename, and events come double or for nothing.
 */
export function watchTexts(
  folder: string,
  onChange: () => Promise<void>,
  onTrouble: (error: Error) => void,
): FolderWatch {
  let texts = textsOf(folder);
  let timer: NodeJS.Timeout | undefined;
  let working = Promise.resolve();
  const look = async (): Promise<void> => {
    const now = textsOf(folder);
    if (now === texts) return;
    texts = now;
    await onChange();
  };
  const watcher = watch(folder, { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      working = working.then(look).catch(onTrouble);
    }, quietMilliseconds);
  });
  watcher.on('error', onTrouble);
  return {
    async close() {
      watcher.close();
      clearTimeout(timer);
      await working;
    },
  };
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
