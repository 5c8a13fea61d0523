/**
 * Runs in a worker thread and stands for Lambda's Node.js runtime: loads the handler once, then runs one event at a time.
 * Imports nothing of Millrace at run time, so that a function sees what it would see on Lambda.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { FunctionFailure, InvokeMessage, ThreadMessage, ThreadSetup } from './messages.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const setup = workerData as ThreadSetup;
const port = parentPort as NonNullable<typeof parentPort>;
const send = (message: ThreadMessage) => port.postMessage(message);

/** Lines go with the messages, so that what a function wrote is known before what it returned. */
function captureOutput(stream: 'stdout' | 'stderr'): void {
  const write = (chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString();
    send({ kind: 'output', stream, text });
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') callback();
    return true;
  };
  process[stream].write = write as typeof process.stdout.write;
}

function describe(error: unknown): FunctionFailure {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

/** Lambda logs a failed invocation as one line with the error as JSON. */
function logFailure(title: string, failure: FunctionFailure): void {
  const { errorType, errorMessage, trace } = failure;
  process.stderr.write(`ERROR\t${title}\t${JSON.stringify({ errorType, errorMessage, stack: trace })}\n`);
}

async function load(): Promise<Handler> {
  const loaded = (await import(setup.moduleUrl)) as Record<string, unknown> & { default?: Record<string, unknown> };
  const handler = loaded[setup.exportName] ?? loaded.default?.[setup.exportName];
  if (typeof handler !== 'function') {
    const error = new Error(`${setup.exportName} is undefined or not exported`);
    error.name = 'Runtime.HandlerNotFound';
    throw error;
  }
  if (handler.length > 2) {
    const error = new Error('callback handlers are not supported from Node.js 24 on: return a promise instead');
    error.name = 'Runtime.CallbackHandlerDeprecated';
    throw error;
  }
  return handler as Handler;
}

function serialize(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (cause) {
    const error = new Error('Unable to stringify response body', { cause });
    error.name = 'Runtime.MarshalError';
    throw error;
  }
}

async function run(handler: Handler, { requestId, payload, deadline }: InvokeMessage): Promise<void> {
  const context = {
    ...setup.context,
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    send({ kind: 'returned', payload: serialize(await handler(JSON.parse(payload), context)) });
  } catch (error) {
    const failure = describe(error);
    logFailure('Invoke Error', failure);
    send({ kind: 'threw', failure });
  }
}

captureOutput('stdout');
captureOutput('stderr');
load().then(
  (handler) => {
    port.on('message', (message: InvokeMessage) => void run(handler, message));
    send({ kind: 'ready' });
  },
  (error: unknown) => {
    const failure = describe(error);
    logFailure('Uncaught Exception', failure);
    send({ kind: 'initializationFailed', failure });
  },
);
