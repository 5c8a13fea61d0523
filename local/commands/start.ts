import { Listr, type ListrTask, type ListrTaskWrapper } from 'listr2';
import type { Synthesis } from '../../lib/app.ts';
import type { Config } from '../../lib/config/config.ts';
import { Chaos, chaosVariable, readChaos } from '../cloud/lambda/chaos.ts';
import { type Demo, missingForDemo, startDemo } from '../demo/demo.ts';
import type { FolderWatch } from '../desk/watch.ts';
import { watchProject } from '../desk/watch-project.ts';
import { loadConfig } from '../load-config.ts';
import { type Platform, startPlatform, synthesizeInto } from '../platform.ts';
import { announce, retract } from '../running.ts';
import { explainedDamage, takeStateDirectory } from '../state-directory.ts';
import { bold } from '../summary/bold.ts';
import { summaryText } from '../summary/print.ts';
import { agrees, type Summary } from '../summary/summary.ts';
import { onInterruption } from './interruption.ts';
import { connectOperator } from './operator.ts';

export interface StartOptions {
  readonly once?: boolean;
  readonly fresh?: boolean;
  readonly demo: boolean;
  /** Rebuild what is saved under `sql/`. */
  readonly watch: boolean;
  readonly speed: number;
  readonly port: number;
  readonly redshiftPort: number;
  readonly stateDirectory: string;
}

/** With nothing to play there is nothing to wait for: what others send all the time would never have arrived. */
const servesOnly = ({ demo, once }: StartOptions): boolean => !demo && !once;

/** What the steps hand to one another. */
interface Context {
  config?: Config;
  synthesis?: Synthesis;
  platform?: Platform;
  demo?: Demo;
  summary?: Summary;
  /** Why a step failed, in full. */
  failure?: unknown;
}
type Step = ListrTaskWrapper<Context, never, never>;

const existing = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('a step ran before the one it needs');
  return value;
};

/** Lets the list say only which step failed: why is said once, at the end. */
function withFailureKept(step: ListrTask<Context>): ListrTask<Context> {
  return {
    ...step,
    task: async (context, task) => {
      try {
        await step.task(context, task);
      } catch (error) {
        context.failure = error;
        throw new Error('see below');
      }
    },
  };
}

async function runSteps(options: StartOptions, context: Context, troubles: Set<string>): Promise<void> {
  try {
    await steps(options, troubles).run(context);
  } catch (error) {
    throw explainedDamage(context.failure ?? error, options.stateDirectory);
  }
}

function steps(options: StartOptions, troubles: Set<string>): Listr<Context> {
  let step: Step | undefined;
  const tell = (text: string): void => {
    if (step && process.stdout.isTTY) step.output = text;
  };
  const all: ListrTask<Context>[] = [
    {
      title: 'Synthesize the stack',
      task: async (context, task) => {
        context.config = await loadConfig(process.cwd());
        context.synthesis = await synthesizeInto(context.config, options.stateDirectory, process.cwd());
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
          { ...options, endpointPort: options.port, chaos: chaosAsked() },
          (activity) => {
            if (activity.bad) troubles.add(activity.text);
            tell(activity.text);
          },
        );
        task.title = `Run its ${context.platform.resourceCount} resources on this machine`;
      },
    },
    {
      title: 'Play the demo',
      enabled: () => options.demo,
      skip: ({ config }) => {
        const missing = missingForDemo(existing(config).datasets);
        return missing.length > 0 && `No demo: the configuration has no ${missing.join(', ')} as the demo fills them`;
      },
      task: async (context, task) => {
        step = task as Step;
        context.demo = await startDemo(existing(context.platform), options.stateDirectory);
        task.title = await context.demo.play(tell);
      },
    },
    {
      title: 'Wait until everything has arrived',
      enabled: () => !servesOnly(options),
      task: async (context, task) => {
        step = task as Step;
        const since = Date.now();
        await existing(context.platform).idle();
        task.title = `Everything has arrived, after ${((Date.now() - since) / 1000).toFixed(1)} s`;
      },
    },
    {
      title: 'Count, at the sources and at the ends',
      enabled: () => !servesOnly(options),
      task: async (context) => {
        context.summary = await existing(context.platform).summary();
      },
    },
  ];
  return new Listr<Context>(all.map(withFailureKept), {
    rendererOptions: { collapseSubtasks: false },
    fallbackRenderer: 'simple',
    registerSignalListeners: false,
  });
}

/** Chaos where the environment asks for it; each kill is told at once, because the process may be the next to die. */
function chaosAsked(): Chaos | undefined {
  const settings = readChaos(process.env);
  const tell = (functionName: string, moment: string): void =>
    void process.stderr.write(`${chaosVariable}: killed ${functionName} ${moment} an invocation\n`);
  return settings && new Chaos(settings, tell);
}

function connectText(platform: Platform): string {
  const lines = Object.entries(platform.connect).map(([title, text]) => `  ${title.padEnd(14)} ${text}`);
  return `${bold('Connect')}\n${lines.join('\n')}`;
}

/** What the user is told beside the summary; empty when all is well. */
function shortcomings(summary: Summary): string[] {
  const pending = summary.datasets.filter((dataset) => dataset.pending > 0);
  return [
    ...(summary.datasets.every(agrees) ? [] : ['The counts do not add up: see "adds up" above']),
    ...pending.map(
      ({ dataset, pending: count }) => `${dataset}: ${count} records are not loaded, and nothing is under way`,
    ),
    ...summary.failedModels.map(({ model, reason }) => `${model} was not published, and stays as it was: ${reason}`),
  ];
}

/** Told once what the pipeline could not do; how often it tried matters less. */
function troublesText(troubles: ReadonlySet<string>): string {
  const shown = [...troubles].slice(0, shownTroubles).map((text) => `  ${text}`);
  const left = troubles.size > shown.length ? [`  and ${troubles.size - shown.length} more`] : [];
  return `\n${bold('What went wrong on the way')}\n${[...shown, ...left].join('\n')}\n`;
}
const shownTroubles = 5;

function tellEnd(platform: Platform, summary: Summary | undefined, troubles: ReadonlySet<string>): boolean {
  process.stdout.write(`\n${summary ? `${summaryText(summary)}\n\n` : ''}${connectText(platform)}\n`);
  if (troubles.size > 0) process.stdout.write(troublesText(troubles));
  const lacking = summary ? shortcomings(summary) : [];
  if (lacking.length > 0) process.stdout.write(`\n${lacking.join('\n')}\n`);
  return lacking.length === 0;
}

/** From now on what is saved under `sql/` is rebuilt. */
async function watch(platform: Platform, options: StartOptions): Promise<FolderWatch> {
  const operator = await connectOperator(options);
  const tell = (text: string): void => void process.stdout.write(`${text}\n`);
  return watchProject(platform, operator, process.cwd(), tell);
}

/** `millrace start`: the whole pipeline on this machine. */
export async function start(options: StartOptions): Promise<void> {
  const lock = takeStateDirectory(options.stateDirectory, options.fresh ?? false);
  // What a killed process announced is nothing that serves now.
  retract(options.stateDirectory);
  const interruption = onInterruption();
  const context: Context = {};
  const troubles = new Set<string>();
  let watching: FolderWatch | undefined;
  try {
    await runSteps(options, context, troubles);
    const platform = existing(context.platform);
    const isWell = tellEnd(platform, context.summary, troubles);
    if (options.once) {
      process.exitCode = isWell ? 0 : 1;
      return;
    }
    announce(options.stateDirectory, platform.instance(context.demo?.frontDoors ?? {}));
    watching = options.watch ? await watch(platform, options) : undefined;
    process.stdout.write('\nServing; Ctrl-C ends it, and what it holds is there at the next start.\n');
    await interruption.wait();
  } finally {
    interruption.endAtOnce();
    retract(options.stateDirectory);
    await watching?.close();
    await context.demo?.close();
    await context.platform?.close();
    lock.release();
  }
}
