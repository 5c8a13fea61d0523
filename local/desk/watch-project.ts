import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bundledTexts } from '../../lib/app.ts';
import { bundledFiles } from '../../lib/pipeline/environment.ts';
import type { Operator } from '../commands/operator.ts';
import type { Platform } from '../platform.ts';
import { type DeskProject, readProject } from './project.ts';
import { Rebuilder } from './rebuilder.ts';
import { openDeskWarehouse } from './warehouse.ts';
import { type FolderWatch, watchTexts } from './watch.ts';

/** Rebuilds what is saved under `sql/` in the warehouse of a platform that runs in this process. */
export async function watchProject(
  platform: Platform,
  operator: Operator,
  directory: string,
  tell: (text: string) => void,
): Promise<FolderWatch> {
  const { config } = platform;
  const folder = join(directory, 'sql');
  if (!existsSync(folder)) {
    tell(`there is no ${folder}: nothing is watched`);
    return { close: async () => undefined };
  }
  const warehouse = openDeskWarehouse(operator);
  const load = () => readProject(config, directory);
  const rebuilder = new Rebuilder(await load(), {
    warehouse,
    load,
    deploy: (project) => void platform.cloud.updateFiles(filesOf(project)),
    tell,
    nowMilliseconds: Date.now,
  });
  const trouble = (error: Error) => tell(`sql/ is not watched as it should be: ${error.message}`);
  const watching = watchTexts(folder, () => rebuilder.changed(), trouble);
  return {
    async close() {
      await watching.close();
      warehouse.close();
    },
  };
}

/** The files beside the functions' code, by their names. */
function filesOf(project: DeskProject): Record<string, string> {
  const texts = bundledTexts(project.config, project);
  return Object.fromEntries(
    Object.entries(texts).map(([file, text]) => [bundledFiles[file as keyof typeof bundledFiles], text as string]),
  );
}
