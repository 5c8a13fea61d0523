import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DescribeExecutionOutput, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { dynamodbRepairStore } from '../../lambdas/aws/repair-store.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { stackOutputs } from '../../lib/pipeline/outputs.ts';
import type { RepairProgress } from '../../lib/pipeline/repair-progress.ts';
import type { Reconciliation } from '../../lib/pipeline/statements/drift.ts';
import { operatorFor } from './dataset.ts';
import { machineOf, reasonOf, untilEnded } from './executions.ts';
import type { Operator, OperatorOptions } from './operator.ts';
import { renderTable } from './rows.ts';

export interface DriftOptions extends OperatorOptions {
  readonly json?: boolean;
}

/** Says how far it is, over the last such line where there is a terminal, and nowhere else. */
function progressLine(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** Compares a dataset's source with `latest` now, and waits for what comes of it. */
export async function reconcileNow(operator: Operator, dataset: string): Promise<Reconciliation> {
  const tell = async () => progressLine(`comparing ${dataset} …`);
  const output = await run(operator, stackOutputs.reconcileStateMachineArn, { dataset }, tell);
  progressLine('');
  return JSON.parse(output) as Reconciliation;
}

/** `millrace reconcile`. */
export async function reconcile(dataset: string, options: DriftOptions): Promise<void> {
  const found = await reconcileNow(await operatorFor(dataset, options), dataset);
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
  const client = new DynamoDBClient(operator.clientOptions);
  const repairs = dynamodbRepairStore(operator.output(stackOutputs.stateTableName), client);
  const tell = async (): Promise<void> => {
    const progress = await repairs.read(dataset);
    if (progress?.status === 'running') progressLine(`${progressText(progress)} …`);
  };
  try {
    await run(operator, stackOutputs.repairStateMachineArn, { dataset, dryRun }, tell);
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
  const progress = await repairNow(await operatorFor(dataset, options), dataset, options.dryRun ?? false);
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

const notCountable = {
  code: 'NOT_COUNTABLE',
  reason: 'has no source that can be counted: only datasets from DynamoDB tables can',
};

/** Runs a state machine to its end; its output. */
async function run(operator: Operator, machine: string, input: object, tell: () => Promise<void>): Promise<string> {
  const stateMachineArn = machineOf(operator, machine, notCountable);
  const client = new SFNClient(operator.clientOptions);
  try {
    const start = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) });
    const { executionArn = '' } = await client.send(start);
    const ended = await untilEnded(client, executionArn, tell);
    if (ended.status === 'SUCCEEDED') return ended.output ?? '';
    progressLine('');
    throw failureOf(ended, executionArn);
  } finally {
    client.destroy();
  }
}

function failureOf(ended: DescribeExecutionOutput, executionArn: string): MillraceError {
  const { error = '', cause, status } = ended;
  const message = cause ? reasonOf(ended) : `it is ${status}: ${executionArn} shows the step`;
  return new MillraceError(/^[A-Z_]+$/.test(error) ? error : 'EXECUTION_FAILED', message);
}
