import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { dynamodbRepairStore } from '../../lambdas/aws/repair-store.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { stackOutputs } from '../../lib/pipeline/outputs.ts';
import type { RepairProgress } from '../../lib/pipeline/repair-progress.ts';
import type { Reconciliation } from '../../lib/pipeline/statements/drift.ts';
import { connectOperator, type Operator, type OperatorOptions } from './operator.ts';
import { renderTable } from './rows.ts';

export interface DriftOptions extends OperatorOptions {
  readonly json?: boolean;
}

const pollMilliseconds = 500;

/** Says how far it is, over the last such line where there is a terminal, and nowhere else. */
function progressLine(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** Compares a dataset's source with `latest` now, and waits for what comes of it. */
export async function reconcileNow(operator: Operator, dataset: string): Promise<Reconciliation> {
  const machine = machineOf(operator, stackOutputs.reconcileStateMachineArn);
  const output = await run(operator, machine, { dataset }, async () => progressLine(`comparing ${dataset} …`));
  progressLine('');
  return JSON.parse(output) as Reconciliation;
}

/** `millrace reconcile`. */
export async function reconcile(dataset: string, options: DriftOptions): Promise<void> {
  const found = await reconcileNow(await connectOperator(options), dataset);
  process.stdout.write(`${options.json ? JSON.stringify(found, null, 2) : reconciliationText(found)}\n`);
}

/** The figures as a table, and what they mean. */
export function reconciliationText(found: Reconciliation): string {
  const { dataset, sourceCount, latestCount, driftRows, sampled, differing, missing, extra, examples } = found;
  const columns = ['dataset', 'source', 'latest', 'drift rows', 'sampled', 'differing', 'missing', 'extra'];
  const figures = [sourceCount, latestCount, driftRows, sampled, differing, missing, extra].map(String);
  const table = renderTable({ columns, rows: [[dataset, ...figures]] });
  const same = `${table}\nlatest.${dataset} is what its source has${leftOut(found)}`;
  if (driftRows + differing + missing + extra === 0) return same;
  const shown = examples.slice(0, shownExamples).map((key) => `\n  ${key}`);
  return `${table}\nlatest.${dataset} has drifted: millrace repair ${dataset} mends it${leftOut(found)}${shown.join('')}`;
}

function leftOut({ incomparable }: Pick<Reconciliation, 'incomparable'>): string {
  return incomparable > 0 ? ` (payloads that are too long to be compared: ${incomparable})` : '';
}
const shownExamples = 5;

/** Lands what `latest` has lost or has wrong, and waits until it is landed. */
export async function repairNow(operator: Operator, dataset: string, dryRun: boolean): Promise<RepairProgress> {
  const machine = machineOf(operator, stackOutputs.repairStateMachineArn);
  const client = new DynamoDBClient(operator.clientOptions);
  const repairs = dynamodbRepairStore(operator.output(stackOutputs.stateTableName), client);
  const tell = async (): Promise<void> => {
    const progress = await repairs.read(dataset);
    if (progress?.status === 'running') progressLine(`${progressText(progress)} …`);
  };
  try {
    await run(operator, machine, { dataset, dryRun }, tell);
    progressLine('');
    const progress = await repairs.read(dataset);
    if (progress) return progress;
    throw new MillraceError('NO_PROGRESS', `the repair of ${dataset} has ended and left nothing in the state table`);
  } finally {
    client.destroy();
  }
}

/** `millrace repair`. */
export async function repair(dataset: string, options: DriftOptions & { readonly dryRun?: boolean }): Promise<void> {
  const progress = await repairNow(await connectOperator(options), dataset, options.dryRun ?? false);
  process.stdout.write(`${options.json ? JSON.stringify(progress, null, 2) : repairText(progress)}\n`);
}

function progressText({ sourceRows, latestKeys, missing, different, extra }: RepairProgress): string {
  const found = `${missing} missing, ${different} different, ${extra} extra`;
  return `${sourceRows} rows of the source and ${latestKeys} keys of latest compared: ${found}`;
}

/** What was done, or would be. */
export function repairText(progress: RepairProgress): string {
  const { dataset, dryRun, sourceRows, latestKeys, missing, different, extra, refused, examples } = progress;
  const columns = ['dataset', 'source rows', 'latest keys', 'missing', 'different', 'extra', 'set aside'];
  const figures = [sourceRows, latestKeys, missing, different, extra, refused].map(String);
  const table = renderTable({ columns, rows: [[dataset, ...figures]] });
  const corrections = missing + different + extra;
  const nothing = `${table}\nnothing to repair: latest.${dataset} is what its source has${leftOut(progress)}`;
  if (corrections === 0) return nothing;
  const shown = examples.slice(0, shownExamples).map((key) => `\n  ${key}`);
  const said = dryRun
    ? `${corrections} corrections would be landed; nothing was: millrace repair ${dataset} lands them`
    : `${corrections} corrections are landed in raw/${dataset}/: the next refresh brings them into raw and latest`;
  return `${table}\n${said}${leftOut(progress)}${shown.join('')}`;
}

function machineOf(operator: Operator, output: string): string {
  try {
    return operator.output(output);
  } catch (cause) {
    const message = `${operator.place} has no source that can be counted: only datasets from DynamoDB tables can, and a stack deployed before this version must be deployed again`;
    throw new MillraceError('NOT_COUNTABLE', message, { cause });
  }
}

/** Runs a state machine to its end; its output. */
async function run(
  operator: Operator,
  stateMachineArn: string,
  input: object,
  tell: () => Promise<void>,
): Promise<string> {
  const client = new SFNClient(operator.clientOptions);
  try {
    const { executionArn } = await client.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
    );
    for (;;) {
      const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status === 'SUCCEEDED') return execution.output ?? '';
      if (execution.status !== 'RUNNING') throw failureOf(execution.error, execution.cause, executionArn);
      await tell();
      await setTimeout(pollMilliseconds);
    }
  } finally {
    client.destroy();
  }
}

function failureOf(error = 'EXECUTION_FAILED', cause = '', executionArn = ''): MillraceError {
  const message = messageOf(cause) || `it did not end well: ${executionArn} shows the step and its error`;
  return new MillraceError(/^[A-Z_]+$/.test(error) ? error : 'EXECUTION_FAILED', message);
}

/** What a function that failed says is JSON with its message in it. */
function messageOf(cause: string): string {
  try {
    return (JSON.parse(cause) as { readonly errorMessage?: string }).errorMessage ?? cause;
  } catch {
    return cause;
  }
}
