/** How a task fails: `name` is what Retry and Catch compare, the message is the Cause. */
export class TaskError extends Error {
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;

  constructor(name: string, cause: string, options: { terminal?: boolean } = {}) {
    super(cause);
    this.name = name;
    this.isRetryable = !options.terminal;
    this.isCatchable = !options.terminal;
  }
}

/** What travels between states: 256 KiB as UTF-8. (Step Functions quotas.) */
export const maximumPayloadBytes = 262_144;

export const isTooLarge = (value: unknown): boolean =>
  value !== undefined && Buffer.byteLength(JSON.stringify(value)) > maximumPayloadBytes;

/** Throws the error that no Catch sees. */
export function assertPayloadFits(what: string, value: unknown): void {
  if (isTooLarge(value)) throw dataLimitExceeded(what);
}

export function dataLimitExceeded(what: string): TaskError {
  const cause = `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  return new TaskError('States.DataLimitExceeded', cause, { terminal: true });
}
