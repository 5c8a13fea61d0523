import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Executions } from '../register/register.ts';
import { callService, ServiceError } from './service-error.ts';

/** Runs of one state machine. Failures are ServiceErrors. */
export function stepFunctionsExecutions(stateMachineArn: string, client: SFNClient): Executions {
  return {
    async start(name, input) {
      const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
      try {
        // The same name and input as a run under way is that run; only a closed one is refused.
        await callService('states:StartExecution', name, () => client.send(command));
        return 'started';
      } catch (error) {
        if (error instanceof ServiceError && error.serviceCode === 'ExecutionAlreadyExists') return 'closed';
        throw error;
      }
    },
  };
}
