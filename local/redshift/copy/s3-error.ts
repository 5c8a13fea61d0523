import { createHash } from 'node:crypto';
import { RedshiftError } from '../types.ts';

/** What an object store's failure says, whether it comes from the SDK or from a store in this process. */
interface StoreFailure {
  readonly code: string;
  readonly status: number;
  readonly message: string;
}

function failureOf(error: unknown): StoreFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { Code, code, status, $metadata } = error as Error & {
    readonly Code?: string;
    readonly code?: string;
    readonly status?: number;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const httpStatus = status ?? $metadata?.httpStatusCode;
  if (httpStatus === undefined) return undefined;
  return { code: Code ?? code ?? error.name, status: httpStatus, message: error.message };
}

export function isMissing(error: unknown): boolean {
  return failureOf(error)?.status === 404;
}

/** An object store's failure in the words of Redshift, with the store's own reason: which action, on what, for which role. */
export function s3Error(error: unknown, uri: string, queryId: number): RedshiftError {
  if (error instanceof RedshiftError) return error;
  const text = describe(error, uri);
  const detail = `error: ${text} code: 8001 context: S3 key being read : ${uri} query: ${queryId}`;
  return new RedshiftError('XX000', text, { detail, cause: error });
}

function describe(error: unknown, uri: string): string {
  const failure = failureOf(error);
  if (!failure) return `S3CurlException: ${error instanceof Error ? error.message : String(error)}, CurlError 7`;
  const requestId = createHash('sha256').update(uri).digest('hex').slice(0, 16).toUpperCase();
  const message = failure.message || 'Access Denied';
  return `S3ServiceException:${message},Status ${failure.status},Error ${failure.code},Rid ${requestId},CanRetry ${failure.status >= 500 ? 1 : 0}`;
}
