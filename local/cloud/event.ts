/**
 * What happens in the local cloud, for the step list, the console and tests. `at` (ISO-8601) is added on emission.
 * Durations are milliseconds.
 */
export type CloudEvent =
  | { readonly kind: 'resource'; readonly logicalId: string; readonly type: string; readonly ref: string }
  | {
      readonly kind: 'function';
      readonly phase: 'start' | 'end';
      readonly functionName: string;
      readonly logicalId: string;
      readonly requestId: string;
      readonly coldStart?: boolean;
      readonly durationMilliseconds?: number;
      readonly functionError?: string;
      readonly errorMessage?: string;
    }
  | {
      readonly kind: 'log';
      readonly functionName: string;
      readonly logicalId: string;
      readonly requestId?: string;
      readonly stream: 'stdout' | 'stderr';
      readonly line: string;
    }
  | {
      readonly kind: 'metric';
      readonly namespace: string;
      readonly name: string;
      readonly unit: string;
      readonly values: readonly number[];
      readonly dimensions: Readonly<Record<string, string>>;
      readonly functionName?: string;
    }
  | {
      readonly kind: 'denied';
      readonly action: string;
      readonly resourceArn: string;
      readonly principal: string;
      readonly message: string;
    }
  | { readonly kind: 'request'; readonly service: string; readonly operation: string; readonly status: number }
  | {
      readonly kind: 'object';
      readonly phase: 'created' | 'deleted';
      readonly bucket: string;
      readonly key: string;
      readonly sizeBytes: number;
    }
  | {
      /** A batch of a stream or queue, an event of a bus, a firing of a schedule, on its way to a target. */
      readonly kind: 'delivery';
      readonly from: string;
      readonly to: string;
      readonly recordCount: number;
      readonly outcome: 'delivered' | 'retried' | 'partial' | 'givenUp' | 'denied';
      readonly detail?: string;
    }
  | {
      readonly kind: 'execution';
      readonly stateMachineArn: string;
      readonly executionArn: string;
      readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
      readonly detail?: string;
    }
  | {
      readonly kind: 'state';
      readonly executionArn: string;
      readonly name: string;
      readonly phase: 'entered' | 'exited' | 'failed';
      readonly detail?: string;
    }
  | {
      readonly kind: 'statement';
      readonly id: string;
      readonly sql: string;
      readonly status: string;
      readonly durationMilliseconds?: number;
      readonly error?: string;
    };

export type TimedCloudEvent = CloudEvent & { readonly at: string };
