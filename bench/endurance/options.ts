import { parseArgs } from 'node:util';

/** What a run is made of. */
export interface EnduranceOptions {
  /** Log lines and table writes together. */
  readonly events: number;
  readonly seed: number;
  /** How often the process is killed. */
  readonly kills: number;
  /** The share of invocations whose execution environment is killed. */
  readonly functionKills: number;
  /** The share of events that are writes to the table. */
  readonly tableShare: number;
  /** The share of events that cannot be loaded. */
  readonly poison: number;
  readonly speed: number;
  /** Absent: a temporary folder, which goes when all agrees. */
  readonly stateDirectory?: string | undefined;
}

const help = `A long run of the real local runtime, which is killed all the time: do the final counts agree to the record?

  npm run endure -- [options]

  --events <n>             log lines and table writes sent through the front doors (100000)
  --seed <n>               what is sent and what is killed when (1)
  --kills <n>              times that the process gets SIGKILL and is started again (one for every 50,000 events, at least 3);
                           each breaks off the refresh that runs, and after some in a row the pipeline waits longer and longer before
                           the next, as after any runs that died: up to 15 minutes, divided by the speed
  --function-kills <share> share of invocations whose execution environment is killed (0.01)
  --table-share <share>    share of the events that are PutItem, UpdateItem, DeleteItem and BatchWriteItem; the others are log lines,
                           500 to a PutRecords (0.1: DynamoDB is the slow door)
  --poison <share>         share of the events that cannot be loaded, each with a code it must be quarantined under (0.002)
  --speed <factor>         of the runtime: how much shorter than on AWS waits are (4)
  --state-directory <dir>  where the runtime keeps its state (a temporary folder, removed if all agrees)

Exit code 0 only if everything agrees. What does not is named to the record.
`;

const texts = {
  events: { type: 'string', default: '100000' },
  seed: { type: 'string', default: '1' },
  kills: { type: 'string' },
  'function-kills': { type: 'string', default: '0.01' },
  'table-share': { type: 'string', default: '0.1' },
  poison: { type: 'string', default: '0.002' },
  speed: { type: 'string', default: '4' },
  'state-directory': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new Error(`--${name} ${text}: a number from ${least} to ${most}`);
}

/** The options of the command line; undefined where it asked for help, which is then printed. */
export function readOptions(): EnduranceOptions | undefined {
  const { values } = parseArgs({ options: texts });
  if (values.help) {
    process.stdout.write(help);
    return undefined;
  }
  const events = Math.round(number('events', values.events, 1_000, 100_000_000));
  return {
    events,
    seed: Math.round(number('seed', values.seed, 0, 2 ** 31)),
    kills: Math.round(number('kills', values.kills ?? String(Math.max(3, Math.round(events / 50_000))), 0, 1_000)),
    functionKills: number('function-kills', values['function-kills'], 0, 0.2),
    tableShare: number('table-share', values['table-share'], 0, 1),
    poison: number('poison', values.poison, 0, 0.5),
    speed: number('speed', values.speed, 1, 1_000),
    stateDirectory: values['state-directory'],
  };
}
