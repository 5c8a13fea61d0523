import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Synthesis } from '../../lib/app.ts';
import type { Config } from '../../lib/config/config.ts';
import { connect, query } from '../../local/commands/sql.ts';
import type { Activity } from '../../local/console/activity.ts';
import { type Demo, startDemo } from '../../local/demo/demo.ts';
import { loadConfig } from '../../local/load-config.ts';
import { type Platform, startPlatform, synthesizeInto } from '../../local/platform.ts';
import { type DemoModels, projectOf, sharedDemo } from './shared-demo.ts';

/** The demo's stack, and a folder for what the tests of a file do with it. */
export interface SynthesizedDemo {
  readonly config: Config;
  readonly synthesis: Synthesis;
  readonly folder: string;
  remove(): void;
}

/** With the few models, unless the story is about all of them. */
export async function synthesizeDemo({
  change,
  models = 'few',
}: {
  readonly change?: (config: Config) => Config;
  readonly models?: DemoModels;
} = {}): Promise<SynthesizedDemo> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-journey-'));
  const written = await loadConfig(path.join(import.meta.dirname, '../..'));
  const config = change?.(written) ?? written;
  const shared = change ? undefined : sharedDemo(models);
  const synthesis = shared ?? (await synthesizeInto(config, folder, projectOf[models]));
  return { config, synthesis, folder, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

/** A pipeline that runs on free ports, with the demo beside it. */
export interface Journey {
  readonly platform: Platform;
  readonly demo: Demo;
  readonly activities: readonly Activity[];
  /** The first failure that is told and that fits; rejects, with all that was told, after a deadline. */
  untilBad(fits: (text: string) => boolean): Promise<string>;
  /** Rows of one statement, cells as the text that the server sent. */
  rows(sql: string): Promise<(string | null)[][]>;
  end(): Promise<void>;
}

/** Starts the stack over a state directory; the template may be another than the synthesized one. */
export async function beginJourney(
  { config, synthesis }: SynthesizedDemo,
  stateDirectory: string,
  templatePath = synthesis.templatePath,
): Promise<Journey> {
  fs.mkdirSync(stateDirectory, { recursive: true });
  const activities: Activity[] = [];
  const watchers = new Set<() => void>();
  const options = { stateDirectory, endpointPort: 0, redshiftPort: 0, speed: 100 };
  const platform = await startPlatform(config, { ...synthesis, templatePath }, options, (activity) => {
    activities.push(activity);
    for (const watch of watchers) watch();
  });
  const demo = await startDemo(platform, stateDirectory);
  return {
    platform,
    demo,
    activities,
    untilBad: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = activities.find((activity) => activity.bad && fits(activity.text));
          if (found) settle(() => resolve(found.text));
        };
        const settle = (end: () => void): void => {
          clearTimeout(deadline);
          watchers.delete(look);
          end();
        };
        const told = (): string => activities.map((activity) => activity.text).join('\n');
        const deadline = setTimeout(() => settle(() => reject(new Error(`nothing fits:\n${told()}`))), 30_000);
        watchers.add(look);
        look();
      }),
    async rows(sql) {
      const client = await connect(platform.instance({}));
      const answers = await query(client, sql).finally(() => client.end());
      return (answers.at(-1)?.rows ?? []).map((row) => [...row]);
    },
    async end() {
      await demo.close();
      await platform.close();
    },
  };
}
