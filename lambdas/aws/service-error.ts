import { MillraceError } from '../../lib/pipeline/error.ts';

/** What the AWS SDK puts on the errors it throws; all of it optional, because sockets and bugs throw plain errors. */
interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $retryable?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

const throttles =
  /Throttl|TooManyRequests|SlowDown|ProvisionedThroughputExceeded|RequestLimitExceeded|LimitExceeded|ActiveStatementsExceeded/;
const passing =
  /TimeoutError|RequestTimeout|InternalServer|InternalFailure|InternalError|ServiceUnavailable|Transaction(Conflict|InProgress)/;
/** Looked for in the message too: where the SDK wraps a socket's error, that is all it keeps of it. */
const sockets = /\b(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|socket hang up)\b/;

/** A call to AWS that failed after the SDK's own retries; the message names the action and the resource. */
export class ServiceError extends MillraceError {
  /** The name the service gave the error: `AccessDenied`, `NoSuchKey`, … */
  readonly serviceCode: string;

  constructor(action: string, resource: string, cause: unknown) {
    const error = (cause ?? {}) as SdkError;
    const serviceCode = error.name ?? 'Error';
    super('AWS_CALL_FAILED', `${action} on ${resource}: ${serviceCode}: ${error.message ?? String(cause)}`, {
      retryable: isRetryable(error),
      cause,
    });
    this.serviceCode = serviceCode;
  }
}

/** The one place that says which SDK errors may pass by themselves. */
function isRetryable(error: SdkError): boolean {
  const status = error.$metadata?.httpStatusCode ?? 0;
  if (status >= 500 || status === 429 || error.$retryable) return true;
  const name = error.name ?? '';
  return throttles.test(name) || passing.test(name) || sockets.test(`${error.code} ${error.message}`);
}

/** Runs an SDK call; its failure becomes a ServiceError that names the action and the resource. */
export async function callService<T>(action: string, resource: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new ServiceError(action, resource, error);
  }
}
