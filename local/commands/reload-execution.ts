import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { dynamodbStateTable } from '../../lambdas/aws/state-table.ts';
import { stackOutputs } from '../../lib/pipeline/outputs.ts';
import { deadStatuses } from '../../lib/pipeline/register-message.ts';
import {
  type ReloadOperation,
  type ReloadProgress,
  type ReloadRequest,
  reloadExecution,
} from '../../lib/pipeline/reload.ts';
import type { ReloadRange } from '../../lib/pipeline/reload-range.ts';
import { firstGeneration } from '../../lib/pipeline/state-items.ts';
import type { Operator } from './operator.ts';

/** A reload that runs in the stack. */
export interface Reload {
  /** Begun, gone on with where an earlier one was cut off or failed, or found under way. */
  readonly kind: 'started' | 'resumed' | 'attached';
  readonly request: Pick<ReloadRequest, 'operation' | 'dataset' | 'id' | 'generation'>;
  readonly execution: string;
}

/** What a command asks of the stack while it follows a reload. */
export interface ReloadView {
  progress(): Promise<ReloadProgress | undefined>;
  /** Whether the execution has ended otherwise than well. */
  isDead(execution: string): Promise<boolean>;
}

type Asked = Pick<ReloadRequest, 'operation' | 'dataset' | 'id'>;

/** Opens a view for as long as the work takes. */
export async function withReloadView<T>(
  operator: Operator,
  asked: Asked,
  work: (view: ReloadView) => Promise<T>,
): Promise<T> {
  const dynamodb = new DynamoDBClient(operator.clientOptions);
  const states = new SFNClient(operator.clientOptions);
  const table = dynamodbStateTable(operator.output(stackOutputs.stateTableName), dynamodb);
  const prefix = operator.output(stackOutputs.reloadStateMachineArn).replace(':stateMachine:', ':execution:');
  try {
    return await work({
      progress: () => table.readReload(asked),
      async isDead(execution) {
        const executionArn = `${prefix}:${execution}`;
        const { status = '' } = await states.send(new DescribeExecutionCommand({ executionArn }));
        return deadStatuses.includes(status);
      },
    });
  } finally {
    dynamodb.destroy();
    states.destroy();
  }
}

/**
 * Starts a reload, unless the same one is under way: asked twice, it runs once. One that was cut off, or failed, goes on where
 * it stands: the machine knows that from the progress.
 */
export function startReload(
  operator: Operator,
  { operation, dataset, range }: { operation: ReloadOperation; dataset: string; range: ReloadRange },
): Promise<Reload> {
  const asked = { operation, dataset, id: range.id };
  return withReloadView(operator, asked, async (view) => {
    const before = await view.progress();
    if (before?.status === 'running' && !(await view.isDead(before.execution))) {
      return { kind: 'attached', request: { ...asked, generation: before.generation }, execution: before.execution };
    }
    const generation = Math.max((before?.generation ?? 0) + 1, firstGeneration(Date.now()));
    const { request, execution } = await start(operator, { ...asked, ...rangeOf(range), generation, part: 1 });
    const isResumed = before !== undefined && before.status !== 'done' && !before.spoilt;
    return { kind: isResumed ? 'resumed' : 'started', request, execution };
  });
}

const rangeOf = ({ after, before }: ReloadRange) => ({ after, before });

/** Executions of one id that may have been stopped within a second, before any of them noted that it had begun. */
const namesTried = 5;

/** A generation whose execution was stopped before it noted anything is known by its name alone: then the next one is taken. */
async function start({ clientOptions, output }: Operator, first: ReloadRequest) {
  const client = new SFNClient(clientOptions);
  const stateMachineArn = output(stackOutputs.reloadStateMachineArn);
  try {
    for (let tried = 1; ; tried += 1) {
      const request = { ...first, generation: first.generation + tried - 1 };
      const execution = reloadExecution(request);
      try {
        const input = JSON.stringify(request);
        await client.send(new StartExecutionCommand({ stateMachineArn, name: execution, input }));
        return { request, execution };
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists) || tried === namesTried) throw error;
      }
    }
  } finally {
    client.destroy();
  }
}
