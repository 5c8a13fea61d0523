/** What the runtime and the thread that runs a function say to each other. */
export interface InvokeMessage {
  readonly requestId: string;
  /** JSON text of the event. */
  readonly payload: string;
  /** Milliseconds since the epoch at which the invocation is ended. */
  readonly deadline: number;
}

export interface FunctionFailure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type ThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'initializationFailed'; readonly failure: FunctionFailure }
  | { readonly kind: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly kind: 'returned'; readonly payload: string }
  | { readonly kind: 'threw'; readonly failure: FunctionFailure };

/** What a thread is told when it is made. */
export interface ThreadSetup {
  /** File URL of the module. */
  readonly moduleUrl: string;
  readonly exportName: string;
  readonly context: {
    readonly functionName: string;
    readonly functionVersion: string;
    readonly invokedFunctionArn: string;
    readonly memoryLimitInMB: string;
    readonly logGroupName: string;
    readonly logStreamName: string;
  };
}
