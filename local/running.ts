import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { MillraceError } from '../lib/pipeline/error.ts';

export const defaultStateDirectory = '.millrace';
export const defaultPorts = { endpoint: 4570, redshift: 5439 } as const;

const runningInstance = z.object({
  processId: z.number(),
  /** For `aws --endpoint-url`, and the console page. */
  endpoint: z.string(),
  region: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  redshift: z.object({ port: z.number(), database: z.string(), user: z.string(), password: z.string() }),
  /** Where records of each dataset go in. */
  frontDoors: z.record(
    z.string(),
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('dynamodb'), tableName: z.string() }),
      z.object({ kind: z.literal('kinesis'), streamName: z.string() }),
      z.object({ kind: z.literal('rest'), url: z.string().optional(), token: z.string().optional() }),
    ]),
  ),
});

/** A running `millrace start`, as its other commands find it. */
export type RunningInstance = z.infer<typeof runningInstance>;
export type FrontDoor = RunningInstance['frontDoors'][string];

const fileOf = (stateDirectory: string): string => path.join(stateDirectory, 'running.json');

/** Tells the other commands where to knock. Readable by the user alone: it holds the local password. */
export function announce(stateDirectory: string, instance: RunningInstance): void {
  fs.writeFileSync(fileOf(stateDirectory), JSON.stringify(instance, null, 2), { mode: 0o600 });
}

/** Takes the announcement back. */
export function retract(stateDirectory: string): void {
  fs.rmSync(fileOf(stateDirectory), { force: true });
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

/** The instance that runs over this state directory, if one does. */
export function findRunning(stateDirectory: string): RunningInstance | undefined {
  const file = fileOf(stateDirectory);
  if (!fs.existsSync(file)) return undefined;
  const result = runningInstance.safeParse(JSON.parse(fs.readFileSync(file, 'utf8')));
  return result.success && isAlive(result.data.processId) ? result.data : undefined;
}

/** The instance that runs over this state directory; an error that says how to start one where none does. */
export function requireRunning(stateDirectory: string): RunningInstance {
  const instance = findRunning(stateDirectory);
  if (instance) return instance;
  throw new MillraceError(
    'NOT_RUNNING',
    `nothing runs over ${path.resolve(stateDirectory)}: start it with \`npm start\`, or name its --state-directory`,
  );
}
