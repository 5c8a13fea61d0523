import fs from 'node:fs';
import readline from 'node:readline/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { givenUpCode } from '../../lib/pipeline/given-up.ts';
import { stackOutputs } from '../../lib/pipeline/outputs.ts';
import {
  idsAtMost,
  mendedBytesAtMost,
  type ReplayAnswer,
  type ReplayRequest,
  replayAnswer,
} from '../../lib/pipeline/replay-request.ts';
import { operatorFor } from './dataset.ts';
import type { Operator } from './operator.ts';
import { eachAtOnce, lakePlaceOf } from './operator-lake.ts';
import { type FilterOptions, filterOf, print, type QuarantineOptions, withId } from './quarantine.ts';
import { type HeldRecord, heldRecords, isMeant } from './quarantine-held.ts';
import { counted, groupsOf } from './quarantine-text.ts';

export type ChoiceOptions = QuarantineOptions & { readonly id?: readonly string[]; readonly all?: boolean };

/** `millrace quarantine replay`: tries records again, in the stack. Ends with 1 where some are still bad. */
export async function replay(dataset: string, options: ChoiceOptions & { readonly record?: string }): Promise<void> {
  const mended = mendedText(options);
  const { operator, chosen } = await choose(dataset, options);
  const answer = await act(operator, requestsFor('replay', dataset, chosen, mended));
  print(options.json ? JSON.stringify(answer, null, 2) : replayedText(dataset, answer));
  if (answer.still.length > 0) process.exitCode = 1;
}

/** `millrace quarantine drop`: takes records out for good, when somebody has said yes. */
export async function drop(dataset: string, options: ChoiceOptions & { readonly yes?: boolean }): Promise<void> {
  const { operator, chosen } = await choose(dataset, options);
  if (chosen.length > 0 && !options.yes && !(await confirmed(dataset, chosen))) return print('Nothing was dropped.');
  const answer = await act(operator, requestsFor('drop', dataset, chosen));
  if (options.json) return print(JSON.stringify(answer, null, 2));
  const count = answer.done.length;
  print(count === 0 ? `Nothing of ${dataset} that fits is in quarantine.` : `${counted(count)} of ${dataset} dropped.`);
}

/** The mended bytes, base64, where there are some. */
function mendedText({ record, id, all, code }: ChoiceOptions & { readonly record?: string }): string | undefined {
  if (record === undefined) return undefined;
  if (id?.length !== 1 || all || code)
    throw new MillraceError('MENDED_NEEDS_ONE', '--record stands for exactly one record: name it with one --id');
  if (!fs.existsSync(record)) throw new MillraceError('NO_SUCH_FILE', `${record}: there is no such file`);
  // The line feed that editors put at the end is no part of the record.
  const bytes = Buffer.from(fs.readFileSync(record, 'latin1').replace(/\r?\n$/, ''), 'latin1');
  if (bytes.length <= mendedBytesAtMost) return bytes.toString('base64');
  throw new MillraceError('RECORD_TOO_LARGE', `${record} has ${bytes.length} bytes; the most is ${mendedBytesAtMost}`);
}

async function choose(
  dataset: string,
  options: ChoiceOptions,
): Promise<{ operator: Operator; chosen: readonly HeldRecord[] }> {
  const { id, all, code } = options;
  if (!id && !all && !code) {
    const message = 'say which records: --id <id> (as often as you like), --code <code>, or --all';
    throw new MillraceError('NOTHING_CHOSEN', message);
  }
  const filter = filterOf(options as FilterOptions);
  const operator = await operatorFor(dataset, options);
  const held = await heldRecords(lakePlaceOf(operator), dataset);
  const named = id ? id.flatMap((one) => withId(dataset, held, one)) : held;
  return {
    operator,
    chosen: wholeBatches(
      held,
      named.filter((record) => isMeant(record, filter)),
    ),
  };
}

/** A batch that was given up goes whole, so whoever takes one record of it is told of all of them. */
function wholeBatches(held: readonly HeldRecord[], named: readonly HeldRecord[]): HeldRecord[] {
  const chosen = new Set(named);
  const batches = new Set(named.filter(({ code }) => code === givenUpCode).map(({ objectKey }) => objectKey));
  return held.filter((record) => chosen.has(record) || batches.has(record.objectKey));
}

/** One request an object; more where it has more identities than a request takes. */
function requestsFor(
  action: ReplayRequest['action'],
  dataset: string,
  chosen: readonly HeldRecord[],
  mended?: string,
): ReplayRequest[] {
  const objects = [...Map.groupBy(chosen, ({ objectKey }) => objectKey)];
  return objects.flatMap(([objectKey, records]) => {
    const request = { action, dataset, objectKey };
    // A batch goes whole: what is in it is in order by itself, and a part of it has no place of its own.
    if (records[0]?.code === givenUpCode) return [request];
    const ids = [...new Set(records.map(({ id }) => id))];
    const chunks = Array.from({ length: Math.ceil(ids.length / idsAtMost) }, (_, n) =>
      ids.slice(n * idsAtMost, (n + 1) * idsAtMost),
    );
    return chunks.map((chunk) => ({ ...request, ids: chunk, ...(mended !== undefined && { mended }) }));
  });
}

/** Objects are dealt with at the same time, requests of one object one after the other. */
async function act(operator: Operator, requests: readonly ReplayRequest[]): Promise<ReplayAnswer> {
  const client = new LambdaClient(operator.clientOptions);
  const name = operator.output(stackOutputs.replayFunctionName);
  try {
    const objects = [...Map.groupBy(requests, ({ objectKey }) => objectKey).values()];
    const answers = await eachAtOnce(objects, async (ofObject) => {
      const answered: ReplayAnswer[] = [];
      for (const request of ofObject) answered.push(await invoke(client, name, request));
      return answered;
    });
    const done = new Set(answers.flat().flatMap((answer) => answer.done));
    const still = new Map(answers.flat().flatMap((answer) => answer.still.map((one) => [one.id, one] as const)));
    return { done: [...done], still: [...still.values()] };
  } finally {
    client.destroy();
  }
}

async function invoke(client: LambdaClient, FunctionName: string, request: ReplayRequest): Promise<ReplayAnswer> {
  const answer = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(request) }));
  const text = Buffer.from(answer.Payload ?? []).toString('utf8');
  if (!answer.FunctionError) return replayAnswer.parse(JSON.parse(text));
  const { errorMessage = text } = JSON.parse(text) as { errorMessage?: string };
  const message = `${request.action} of ${request.objectKey} failed: ${errorMessage}\nwhat was done is done; the same command does the rest`;
  throw new MillraceError('REPLAY_FAILED', message);
}

function replayedText(dataset: string, { done, still }: ReplayAnswer): string {
  if (done.length + still.length === 0) return `Nothing of ${dataset} that fits is in quarantine.`;
  const one = done.length === 1;
  const landed = `${counted(done.length)} of ${dataset} replayed: ${one ? 'it is' : 'they are'} loaded by the next refresh.`;
  if (still.length === 0) return landed;
  const shown = still.slice(0, 20).map(({ id, code, reason }) => `  ${id}\n    ${code}: this record ${reason}`);
  const left = still.length > shown.length ? [`  … and ${still.length - shown.length} more`] : [];
  const mend = `Mend one and replay it: millrace quarantine replay ${dataset} --id <id> --record <file>`;
  return [
    ...(done.length > 0 ? [landed] : []),
    `${counted(still.length)} of ${dataset} still bad, still in quarantine:`,
    ...shown,
    ...left,
    mend,
  ].join('\n');
}

async function confirmed(dataset: string, chosen: readonly HeldRecord[]): Promise<boolean> {
  const groups = groupsOf(chosen);
  const total = groups.reduce((sum, { records }) => sum + records, 0);
  const reasons = groups.map(({ code, records }) => `${records} × ${code}`).join(', ');
  if (!process.stdin.isTTY)
    throw new MillraceError('NOT_CONFIRMED', `this would drop ${counted(total)} of ${dataset} (${reasons}): add --yes`);
  const prompt = readline.createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = `Drop ${counted(total)} of ${dataset} (${reasons})? They will not be loaded. [y/N] `;
    return /^y(es)?$/i.test((await prompt.question(question)).trim());
  } finally {
    prompt.close();
  }
}
