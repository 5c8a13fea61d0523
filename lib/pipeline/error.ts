/** What every Millrace failure carries: a stable code, whether a retry may help, and what to do about it. */
export class MillraceError extends Error {
  /** Stable, upper-case, for alarms, tests and search. */
  readonly code: string;
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}
