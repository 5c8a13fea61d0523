import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Principal } from '../service.ts';
import { type Operation, operation } from '../storage/operations.ts';
import type { Execution } from './execution-store.ts';
import type { Machine, StatesService } from './states-service.ts';

const machineArn = { stateMachineArn: z.string() };
const executionArn = { executionArn: z.string() };
const page = { maxResults: z.number().int().min(0).max(1000).default(100), nextToken: z.string().optional() };

const startInput = z.object({
  ...machineArn,
  name: z.string().optional(),
  input: z.string().default('{}'),
  traceHeader: z.string().optional(),
});
const stopInput = z.object({ ...executionArn, error: z.string().optional(), cause: z.string().optional() });
const historyInput = z.object({
  ...executionArn,
  ...page,
  reverseOrder: z.boolean().default(false),
  includeExecutionData: z.boolean().optional(),
});
const listInput = z.object({
  ...machineArn,
  ...page,
  statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']).optional(),
});

const seconds = (milliseconds: number | undefined) => (milliseconds === undefined ? undefined : milliseconds / 1000);

const describeInput = z.object({ ...executionArn, includedData: z.string().optional() });
const describeMachineInput = z.object({ ...machineArn, includedData: z.string().optional() });

export function statesOperations(states: StatesService): Record<string, Operation> {
  const authorize: Authorize = (principal, action, arn) =>
    states.context.authorizer.authorize(principal, `states:${action}`, arn);
  return { ...starting(states, authorize), ...telling(states, authorize), ...machines(states, authorize) };
}

type Authorize = (principal: Principal, action: string, arn: string) => void;

function starting(states: StatesService, authorize: Authorize): Record<string, Operation> {
  return {
    StartExecution: operation(startInput, async (input, principal) => {
      authorize(principal, 'StartExecution', input.stateMachineArn);
      const machine = states.machine(input.stateMachineArn);
      const execution = await states.begin(machine, input.name ?? randomUUID(), input.input);
      return { executionArn: execution.arn, startDate: seconds(execution.startedAt) };
    }),
    StopExecution: operation(stopInput, async ({ executionArn: arn, error, cause }, principal) => {
      authorize(principal, 'StopExecution', arn);
      const execution = await states.stop(arn, { status: 'ABORTED', error, cause });
      return { stopDate: seconds(execution.stoppedAt) };
    }),
  };
}

function telling(states: StatesService, authorize: Authorize): Record<string, Operation> {
  return {
    DescribeExecution: operation(describeInput, (input, principal) => {
      authorize(principal, 'DescribeExecution', input.executionArn);
      return described(states.execution(input.executionArn));
    }),
    GetExecutionHistory: operation(historyInput, (input, principal) => {
      authorize(principal, 'GetExecutionHistory', input.executionArn);
      return history(states, input);
    }),
    ListExecutions: operation(listInput, (input, principal) => {
      authorize(principal, 'ListExecutions', input.stateMachineArn);
      const { arn } = states.machine(input.stateMachineArn);
      const listed = paged(input, (limit, offset) => states.store.list(arn, limit, offset, input.statusFilter));
      return { executions: listed.items.map(summary), nextToken: listed.nextToken };
    }),
  };
}

function machines(states: StatesService, authorize: Authorize): Record<string, Operation> {
  return {
    DescribeStateMachine: operation(describeMachineInput, (input, principal) => {
      authorize(principal, 'DescribeStateMachine', input.stateMachineArn);
      return describedMachine(states.machine(input.stateMachineArn));
    }),
    ListStateMachines: operation(z.object(page), (_input, principal) => {
      authorize(principal, 'ListStateMachines', '*');
      const stateMachines = states.machines.map(({ arn, name, createdAt }) => {
        return { stateMachineArn: arn, name, type: 'STANDARD', creationDate: seconds(createdAt) };
      });
      return { stateMachines };
    }),
  };
}

function summary(execution: Execution) {
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machineArn,
    name: execution.name,
    status: execution.status,
    startDate: seconds(execution.startedAt),
    stopDate: seconds(execution.stoppedAt),
    redriveCount: 0,
  };
}

function described(execution: Execution) {
  const { input, output, error, cause } = execution;
  const included = { included: true };
  return {
    ...summary(execution),
    input,
    output,
    error,
    cause,
    inputDetails: included,
    outputDetails: output && included,
  };
}

function describedMachine({ arn, name, roleArn, text, createdAt }: Machine) {
  return {
    stateMachineArn: arn,
    name,
    status: 'ACTIVE',
    definition: text,
    roleArn,
    type: 'STANDARD',
    creationDate: seconds(createdAt),
  };
}

function history(states: StatesService, input: z.infer<typeof historyInput>) {
  const { arn } = states.execution(input.executionArn);
  const newestFirst = input.reverseOrder;
  const listed = paged(input, (limit, offset) => states.store.history(arn, { limit, offset, newestFirst }));
  const events = listed.items.map(({ id, at, type, details }) => ({
    id,
    previousEventId: id - 1,
    timestamp: seconds(at),
    type,
    ...details,
  }));
  return { events, nextToken: listed.nextToken };
}

/** A page; the token is how many came before. */
function paged<T>(input: z.infer<z.ZodObject<typeof page>>, read: (limit: number, offset: number) => T[]) {
  const limit = input.maxResults || 100;
  const offset = Number(input.nextToken ?? 0) || 0;
  const items = read(limit + 1, offset);
  return { items: items.slice(0, limit), nextToken: items.length > limit ? String(offset + limit) : undefined };
}
