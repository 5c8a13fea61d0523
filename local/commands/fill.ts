import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { dynamodbFillTable, type FillTable } from '../../lambdas/aws/fill-table.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { type FillInput, fillInput, progressOf, windowTrouble } from '../../lib/pipeline/fill.ts';
import { datasetNamePattern } from '../../lib/pipeline/names.ts';
import { stackOutputs } from '../../lib/pipeline/outputs.ts';
import { operatorForTable } from './dataset.ts';
import { machineOf, reasonOf, untilEnded } from './executions.ts';
import { typedInstant } from './instants.ts';
import type { OperatorOptions } from './operator.ts';

export interface FillOptions extends OperatorOptions {
  readonly incremental?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly id?: string;
}

const noFill = { code: 'NO_FILL', reason: 'fills nothing: none of its datasets comes from a DynamoDB table' };

/** `millrace fill`: starts the machine, tells how far it is, ends when it has. */
export async function fill(dataset: string, options: FillOptions): Promise<void> {
  const input = inputOf(dataset, options, Date.now());
  const operator = await operatorForTable(dataset, options);
  const states = new SFNClient(operator.clientOptions);
  const dynamodb = new DynamoDBClient(operator.clientOptions);
  try {
    const table = dynamodbFillTable(operator.output(stackOutputs.stateTableName), dynamodb);
    const executionArn = await start(states, machineOf(operator, stackOutputs.fillStateMachineArn, noFill), input);
    process.stdout.write(`fill ${input.id} of ${dataset} (${operator.place})\n`);
    await follow({ states, table, input }, executionArn);
  } finally {
    states.destroy();
    dynamodb.destroy();
  }
}

/**
 * What the machine is asked; what would be refused there is refused here.
 * @throws {MillraceError} BAD_DATASET, BAD_INSTANT, BAD_ID, BAD_WINDOW.
 */
export function inputOf(
  dataset: string,
  options: Omit<FillOptions, 'stateDirectory'>,
  nowMilliseconds: number,
): FillInput {
  if (!datasetNamePattern.test(dataset))
    throw new MillraceError('BAD_DATASET', `${JSON.stringify(dataset)} is not a dataset's name`);
  const parsed = fillInput.safeParse({
    dataset,
    id: options.id ?? newId(nowMilliseconds),
    kind: options.incremental ? 'incremental' : 'full',
    ...(options.from !== undefined && { fromSeconds: secondsOf('--from', options.from) }),
    ...(options.to !== undefined && { toSeconds: secondsOf('--to', options.to) }),
  });
  if (!parsed.success)
    throw new MillraceError('BAD_ID', `--id ${options.id}: small letters, digits and hyphens, at most 40`);
  const trouble = windowTrouble(parsed.data, Math.floor(nowMilliseconds / 1000));
  if (trouble) throw new MillraceError('BAD_WINDOW', `${trouble}; --incremental takes --from and --to`);
  return parsed.data;
}

/** `2026-11-20T12:00:00.123Z` → `20261120t120000123z`. */
const newId = (nowMilliseconds: number): string =>
  new Date(nowMilliseconds).toISOString().replaceAll(/[-:.]/g, '').toLowerCase();

const secondsOf = (option: string, text: string): number => Math.floor(Date.parse(typedInstant(option, text)) / 1000);

/** The same fill that still runs is that run; one that has ended is taken up in a new execution. */
async function start(states: SFNClient, stateMachineArn: string, input: FillInput): Promise<string> {
  const name = `${input.dataset}-${input.id}`.slice(0, 66);
  const request = { stateMachineArn, input: JSON.stringify(input) };
  try {
    const started = await states.send(new StartExecutionCommand({ ...request, name }));
    return started.executionArn ?? '';
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
    const again = await states.send(new StartExecutionCommand({ ...request, name: `${name}-${Date.now()}` }));
    return again.executionArn ?? '';
  }
}

interface Followed {
  readonly states: SFNClient;
  readonly table: FillTable;
  readonly input: FillInput;
}

async function follow({ states, table, input }: Followed, executionArn: string): Promise<void> {
  let told = '';
  const ended = await untilEnded(states, executionArn, async () => {
    const line = await lineOf(table, input);
    if (line !== told) process.stdout.write(`  ${line}\n`);
    told = line;
  });
  if (ended.status !== 'SUCCEEDED') {
    const message = `fill ${input.id} of ${input.dataset} is ${ended.status}: ${reasonOf(ended)}\ntake it up again with --id ${input.id}`;
    throw new MillraceError(ended.error ?? 'FILL_FAILED', message);
  }
  process.stdout.write('filled: the refresh loads it now, as it loads everything (millrace status)\n');
}

async function lineOf(table: FillTable, { dataset, id }: FillInput): Promise<string> {
  const state = await table.read(dataset, id);
  if (!state) return 'beginning';
  if (state.status === 'exporting') return 'DynamoDB exports the table; that takes minutes, of large tables hours';
  const { files, items, landed, quarantined, known } = progressOf(await table.files(dataset, id));
  const asked = state.kind === 'incremental' ? `, ${known} known already` : '';
  return `${state.status}: ${files} of ${state.files} files, ${items} of ${state.items} items: ${landed} landed, ${quarantined} quarantined${asked}`;
}
