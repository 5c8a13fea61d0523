import { setTimeout as pause } from 'node:timers/promises';
import { DescribeExecutionCommand, type DescribeExecutionOutput, type SFNClient } from '@aws-sdk/client-sfn';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { Operator } from './operator.ts';

const pollMilliseconds = 500;

/** The ARN of one of the stack's machines. @throws {MillraceError} `absent`, where the stack has none. */
export function machineOf(
  operator: Operator,
  output: string,
  absent: { readonly code: string; readonly reason: string },
): string {
  try {
    return operator.output(output);
  } catch (cause) {
    const message = `${operator.place} ${absent.reason}, or it was deployed with an older version: deploy it again`;
    throw new MillraceError(absent.code, message, { cause });
  }
}

/** Looks at an execution until it has ended, and says how; `tell` is called at every look. */
export async function untilEnded(
  states: SFNClient,
  executionArn: string,
  tell: () => Promise<void>,
): Promise<DescribeExecutionOutput> {
  for (;;) {
    const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
    await tell();
    if (execution.status !== 'RUNNING') return execution;
    await pause(pollMilliseconds);
  }
}

/** Why an execution failed. A function's error is JSON with a stack; what people need is its message. */
export function reasonOf({ error, cause }: Pick<DescribeExecutionOutput, 'error' | 'cause'>): string {
  try {
    const { errorMessage } = JSON.parse(cause ?? '') as { errorMessage?: unknown };
    if (typeof errorMessage === 'string') return errorMessage;
  } catch {
    // It is text.
  }
  return cause || error || 'it says no more';
}
