/** A state of the Amazon States Language; the language is the type, so it is not spelled again here. */
export type State = Readonly<Record<string, unknown>>;

/** A state machine in the Amazon States Language, JSONPath flavour. */
export interface StateMachineDefinition {
  readonly Comment: string;
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
}

/** What Lambda itself says when it is busy or ails; it passes. */
export const passing: State = {
  ErrorEquals: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
  ],
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxAttempts: 6,
  MaxDelaySeconds: 30,
  JitterStrategy: 'FULL',
};

/** Asks a function, with the whole state, and again when it ails; `substitution` names its ARN. */
export function invoke(substitution: string, fields: State): State {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: `\${${substitution}}`, 'Payload.$': '$' },
    Retry: [passing, ...retryAll(2)],
    ...fields,
  };
}

/** Tells register what the state says, after the delay that it says. */
export function sendToRegister(next: string | undefined, from: string): State {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage',
    Parameters: {
      QueueUrl: '${RegisterQueueUrl}',
      'MessageBody.$': `${from}.message`,
      'DelaySeconds.$': `${from}.backoffSeconds`,
    },
    ResultPath: null,
    Retry: retryAll(5),
    ...(next === undefined ? { End: true } : { Next: next }),
  };
}

export function choice(otherwise: string, choices: readonly State[]): State {
  return { Type: 'Choice', Choices: choices, Default: otherwise };
}

/** Every task here may be repeated: it does what it does once, however often it is asked. */
export function retryAll(attempts: number): State[] {
  return [
    {
      ErrorEquals: ['States.TaskFailed', 'States.Timeout'],
      IntervalSeconds: 2,
      BackoffRate: 2,
      MaxAttempts: attempts,
      MaxDelaySeconds: 30,
      JitterStrategy: 'FULL',
    },
  ];
}

export function catchTo(next: string): State[] {
  return [{ ErrorEquals: ['States.ALL'], ResultPath: '$.trouble', Next: next }];
}
