import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { redshiftWarehouse } from '../../lambdas/aws/warehouse.ts';
import type { WarehouseTarget } from '../../lib/pipeline/environment.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { stackOutputs } from '../../lib/pipeline/outputs.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';
import { requireRunning } from '../running.ts';

/** Where a command works: the pipeline that runs on this machine, or a stack that is deployed. */
export interface OperatorOptions {
  readonly stateDirectory: string;
  /** Name of a deployed stack; absent: what runs over the state directory. */
  readonly stack?: string;
  /** Its region; absent: the one of the environment. */
  readonly region?: string;
}

/** Settings of every AWS client that a command opens: the local cloud's, or the user's own. */
export interface OperatorClientOptions {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The stack as the person at the keyboard reaches it, on this machine and on AWS alike. */
export interface Operator {
  /** For messages: `Millrace-tournaments-prod`, or the state directory. */
  readonly place: string;
  readonly clientOptions: OperatorClientOptions;
  /** A value of the stack's outputs. */
  output(name: string): string;
  /** How the Data API reaches the warehouse. */
  readonly target: Omit<WarehouseTarget, 'copyRoleArn'>;
  /** The rows of one statement, as text; `parameters` are its `:names`, none empty. */
  query(statement: string, parameters?: Readonly<Record<string, string>>): Promise<ResultRows>;
}

/**
 * Finds the stack.
 * @throws {MillraceError} NOT_RUNNING, STARTING where nothing runs here; NO_STACK where the account has no such stack.
 */
export async function connectOperator(options: OperatorOptions): Promise<Operator> {
  if (options.stack === undefined) {
    const { endpoint, region, credentials, outputs } = requireRunning(options.stateDirectory);
    return operatorOf(options.stateDirectory, { endpoint, region, credentials }, outputs);
  }
  const clientOptions = options.region === undefined ? {} : { region: options.region };
  return operatorOf(options.stack, clientOptions, await outputsOf(options.stack, clientOptions));
}

async function outputsOf(stack: string, clientOptions: OperatorClientOptions): Promise<Record<string, string>> {
  const client = new CloudFormationClient(clientOptions);
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  } catch (cause) {
    const message = `the stack ${stack} could not be read: ${(cause as Error).message}; --stack and --region say which is meant`;
    throw new MillraceError('NO_STACK', message, { cause });
  } finally {
    client.destroy();
  }
}

function operatorOf(
  place: string,
  clientOptions: OperatorClientOptions,
  outputs: Readonly<Record<string, string>>,
): Operator {
  const output = (name: string) => {
    const value = outputs[name];
    if (value === undefined)
      throw new MillraceError('NO_OUTPUT', `${place} has no output ${name}: was it deployed with this version?`);
    return value;
  };
  const target = () => ({
    database: output(stackOutputs.database),
    secretArn: output(stackOutputs.adminSecretArn),
    workgroupName: outputs[stackOutputs.workgroupName],
    clusterIdentifier: outputs[stackOutputs.clusterIdentifier],
  });
  return {
    place,
    clientOptions,
    output,
    get target() {
      return target();
    },
    query: (statement, parameters) => query(clientOptions, target(), statement, parameters),
  };
}

/** The same warehouse, connected to another of its databases. */
export function operatorIn(operator: Operator, database: string): Operator {
  const { place, clientOptions } = operator;
  const target = { ...operator.target, database };
  return {
    place,
    clientOptions,
    output: (name) => operator.output(name),
    target,
    query: (statement, parameters) => query(clientOptions, target, statement, parameters),
  };
}

/** How soon a statement is asked about first: one of the warehouse on this machine at once; undefined as on AWS. */
export const firstPauseMilliseconds = ({ endpoint }: OperatorClientOptions): number | undefined =>
  endpoint === undefined ? undefined : 5;

async function query(
  clientOptions: OperatorClientOptions,
  target: Operator['target'],
  sql: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<ResultRows> {
  const client = new RedshiftDataClient(clientOptions);
  try {
    return await redshiftWarehouse(target, client, firstPauseMilliseconds(clientOptions)).query({ sql, parameters });
  } finally {
    client.destroy();
  }
}
