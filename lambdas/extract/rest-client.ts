import { MillraceError } from '../../lib/pipeline/error.ts';

/** What the client needs of the world; tests give their own. */
export interface RestPorts {
  readonly fetch: typeof fetch;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** In [0, 1): spreads the retries of many functions. */
  readonly random: () => number;
  /** What is left of the invocation. */
  readonly remainingMilliseconds: () => number;
}

/** A REST source that did not give a page. The message names the address, never the token. */
export class RestError extends MillraceError {
  /** The HTTP status; undefined where there was no answer. */
  readonly status: number | undefined;

  constructor(code: string, message: string, options: { retryable: boolean; status?: number; cause?: unknown }) {
    super(code, message, options);
    this.status = options.status;
  }
}

const requestTimeoutMilliseconds = 30_000;
const attemptsAtMost = 5;
const firstBackoffMilliseconds = 500;
const longestBackoffMilliseconds = 20_000;
/** Kept back so that what was pulled can be written and noted. */
export const reserveMilliseconds = 5_000;
/** The least a request is given, however little is left. */
const shortestTimeoutMilliseconds = 1_000;

type Attempt =
  | { kind: 'body'; bytes: Uint8Array }
  | { kind: 'failed'; error: RestError; retryAfterMilliseconds?: number };

/** Gets a page's bytes. Retries what may pass (429, 5xx, network) within the time left; throws a RestError otherwise. */
export async function getPage(url: URL, token: string, ports: RestPorts): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await tryOnce(url, token, ports);
    if (result.kind === 'body') return result.bytes;
    if (!result.error.retryable || attempt === attemptsAtMost) throw result.error;
    const backoff = Math.min(longestBackoffMilliseconds, firstBackoffMilliseconds * 2 ** (attempt - 1));
    const wait = Math.max(result.retryAfterMilliseconds ?? 0, backoff * (0.5 + ports.random() / 2));
    if (wait > ports.remainingMilliseconds() - reserveMilliseconds) throw result.error;
    await ports.sleep(wait);
  }
}

async function tryOnce(url: URL, token: string, ports: RestPorts): Promise<Attempt> {
  const left = ports.remainingMilliseconds() - reserveMilliseconds;
  const timeout = Math.max(shortestTimeoutMilliseconds, Math.min(requestTimeoutMilliseconds, left));
  try {
    const response = await ports.fetch(url, {
      headers: { accept: 'application/json', authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(Math.floor(timeout)),
    });
    if (response.ok) return { kind: 'body', bytes: new Uint8Array(await response.arrayBuffer()) };
    await response.body?.cancel();
    const retryAfter = retryAfterMilliseconds(response.headers.get('retry-after'));
    return {
      kind: 'failed',
      error: refusal(url, response.status),
      ...(retryAfter && { retryAfterMilliseconds: retryAfter }),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new RestError('REST_UNREACHABLE', `GET ${addressOf(url)}: no answer: ${reason}`, {
      retryable: true,
      cause,
    });
    return { kind: 'failed', error };
  }
}

function refusal(url: URL, status: number): RestError {
  const said = `GET ${addressOf(url)} answered ${status}`;
  if (status === 429 || status >= 500) return new RestError('REST_UNAVAILABLE', said, { retryable: true, status });
  if (status === 401 || status === 403) {
    return new RestError('REST_UNAUTHORIZED', `${said}: the token in the dataset's secret is not accepted`, {
      retryable: false,
      status,
    });
  }
  if (status === 404) {
    return new RestError('REST_NOT_FOUND', `${said}: the url in the dataset's secret leads nowhere`, {
      retryable: false,
      status,
    });
  }
  return new RestError('REST_REFUSED', said, { retryable: false, status });
}

/** Retry-After in seconds or as a date. Source: RFC 9110, 10.2.3. */
function retryAfterMilliseconds(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : Math.max(0, until - Date.now());
}

/** An address as it may be shown and stored: without user, password and query, where secrets hide. */
export function addressOf(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
