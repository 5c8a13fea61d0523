import fs from 'node:fs';
import path from 'node:path';
import { styleText } from 'node:util';
import { Listr, type ListrTaskWrapper } from 'listr2';
import type { Synthesis } from '../../lib/app.ts';
import type { Config } from '../../lib/config/config.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { type Demo, startDemo } from '../demo/demo.ts';
import { loadConfig, type Platform, startPlatform, synthesizeInto } from '../platform.ts';
import { announce, findRunning, retract } from '../running.ts';
import { summaryText } from '../summary/print.ts';
import { agrees, type Summary } from '../summary/summary.ts';

export interface StartOptions {
  readonly once?: boolean;
  readonly fresh?: boolean;
  readonly demo: boolean;
  readonly speed: number;
  readonly port: number;
  readonly redshiftPort: number;
  readonly stateDirectory: string;
}

/** What the steps hand to one another. */
interface Context {
  config?: Config;
  synthesis?: Synthesis;
  platform?: Platform;
  demo?: Demo;
  summary?: Summary;
}
type Step = ListrTaskWrapper<Context, never, never>;

/** The marker by which `--fresh` knows that a folder is ours to delete. */
const markerFile = 'millrace-state';

/** Makes the state directory, after dropping the one of earlier runs where that is asked for. */
function prepareStateDirectory(directory: string, fresh: boolean): void {
  const running = findRunning(directory);
  if (running) {
    throw new MillraceError(
      'ALREADY_RUNNING',
      `process ${running.processId} runs over ${path.resolve(directory)} already, at ${running.endpoint}: end it, or name another --state-directory`,
    );
  }
  const marker = path.join(directory, markerFile);
  if (fresh && fs.existsSync(directory)) {
    if (fs.readdirSync(directory).length > 0 && !fs.existsSync(marker)) {
      throw new MillraceError(
        'NOT_OURS',
        `${path.resolve(directory)} was not made by millrace, so --fresh does not delete it`,
      );
    }
    fs.rmSync(directory, { recursive: true, force: true });
  }
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(marker, '');
}

const existing = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('a step ran before the one it needs');
  return value;
};

function steps(options: StartOptions): Listr<Context> {
  let step: Step | undefined;
  const tell = (text: string): void => {
    if (step && process.stdout.isTTY) step.output = text;
  };
  return new Listr<Context>(
    [
      {
        title: 'Synthesize the stack',
        task: async (context, task) => {
          context.config = await loadConfig(process.cwd());
          context.synthesis = await synthesizeInto(context.config, options.stateDirectory);
          task.title = `Synthesize the stack ${context.synthesis.stackName}`;
        },
      },
      {
        title: 'Start the warehouse and the cloud',
        task: async (context, task) => {
          step = task as Step;
          context.platform = await startPlatform(
            existing(context.config),
            existing(context.synthesis),
            { ...options, endpointPort: options.port },
            (activity) => tell(activity.text),
          );
          task.title = `Run its ${context.platform.resourceCount} resources on this machine`;
        },
      },
      {
        title: 'Play the demo',
        enabled: () => options.demo,
        task: async (context, task) => {
          step = task as Step;
          context.demo = await startDemo(existing(context.platform), options.stateDirectory);
          task.title = await context.demo.play(tell);
        },
      },
      {
        title: 'Wait until everything has arrived',
        task: async (context, task) => {
          step = task as Step;
          const since = Date.now();
          await existing(context.platform).idle();
          task.title = `Everything has arrived, after ${((Date.now() - since) / 1000).toFixed(1)} s`;
        },
      },
      {
        title: 'Count, at the sources and at the ends',
        task: async (context) => {
          context.summary = await existing(context.platform).summary();
        },
      },
    ],
    { rendererOptions: { collapseSubtasks: false }, fallbackRenderer: 'simple' },
  );
}

function connectText(platform: Platform): string {
  const lines = Object.entries(platform.connect).map(([title, text]) => `  ${title.padEnd(14)} ${text}`);
  return `${styleText('bold', 'Connect')}\n${lines.join('\n')}`;
}

/** Resolves when the user ends the program. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

/** `millrace start`: the whole pipeline on this machine. */
export async function start(options: StartOptions): Promise<void> {
  prepareStateDirectory(options.stateDirectory, options.fresh ?? false);
  const context: Context = {};
  try {
    await steps(options).run(context);
    const platform = existing(context.platform);
    const summary = existing(context.summary);
    process.stdout.write(`\n${summaryText(summary)}\n\n${connectText(platform)}\n`);
    const allAgree = summary.datasets.every(agrees);
    if (!allAgree) process.stdout.write('\nThe counts do not add up: see "adds up" above\n');
    if (options.once) {
      process.exitCode = allAgree ? 0 : 1;
      return;
    }
    announce(options.stateDirectory, platform.instance(context.demo?.frontDoors ?? {}));
    process.stdout.write('\nServing; Ctrl-C ends it, and what it holds is there at the next start.\n');
    await interrupted();
  } finally {
    retract(options.stateDirectory);
    await context.demo?.close();
    await context.platform?.close();
  }
}
