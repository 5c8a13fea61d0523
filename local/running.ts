import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { MillraceError } from '../lib/pipeline/error.ts';
import { isLocked } from './state-directory.ts';

export const defaultStateDirectory = '.millrace';
export const defaultPorts = { endpoint: 4570, redshift: 5439 } as const;

const runningInstance = z.object({
  processId: z.number(),
  /** For `aws --endpoint-url`, and the console page. */
  endpoint: z.string(),
  region: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  redshift: z.object({ port: z.number(), database: z.string(), user: z.string(), password: z.string() }),
  /** The stack's outputs, by name. */
  outputs: z.record(z.string(), z.string()),
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
  const file = fileOf(stateDirectory);
  fs.writeFileSync(`${file}.next`, JSON.stringify(instance, null, 2), { mode: 0o600 });
  fs.renameSync(`${file}.next`, file);
}

/** Takes the announcement back. */
export function retract(stateDirectory: string): void {
  fs.rmSync(fileOf(stateDirectory), { force: true });
}

function announced(file: string): RunningInstance | undefined {
  try {
    return runningInstance.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** The instance that runs over this state directory, if one does and is ready. What a dead one left behind says nothing. */
export function findRunning(stateDirectory: string): RunningInstance | undefined {
  return isLocked(stateDirectory) ? announced(fileOf(stateDirectory)) : undefined;
}

/** The instance that runs over this state directory; an error that says how to start one where none does. */
export function requireRunning(stateDirectory: string): RunningInstance {
  const instance = findRunning(stateDirectory);
  if (instance) return instance;
  if (isLocked(stateDirectory)) {
    const message = `what runs over ${path.resolve(stateDirectory)} is not ready yet: try again when it says that it serves`;
    throw new MillraceError('STARTING', message, { retryable: true });
  }
  throw new MillraceError(
    'NOT_RUNNING',
    `nothing runs over ${path.resolve(stateDirectory)}: start it with \`npm start\`, or name its --state-directory`,
  );
}
