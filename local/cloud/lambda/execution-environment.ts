import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { KillMoment } from './chaos.ts';
import type { FunctionFailure, InvokeMessage, ThreadMessage, ThreadSetup } from './messages.ts';

export interface EnvironmentOptions {
  readonly setup: ThreadSetup;
  readonly variables: Readonly<Record<string, string>>;
  readonly memorySizeMegabytes: number;
  readonly timeoutSeconds: number;
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
}

/** How an invocation ended. `ended` means that Lambda had to end it: the environment is not used again. */
export type Outcome =
  | { readonly kind: 'returned'; readonly payload: string }
  | { readonly kind: 'threw'; readonly failure: FunctionFailure }
  | { readonly kind: 'ended'; readonly failure: FunctionFailure };

/** A kill that chance asks for; one that comes too late to strike during an invocation strikes after it. */
export interface PlannedKill {
  readonly moment: KillMoment;
  readonly afterMilliseconds: number;
  readonly onKill: (moment: KillMoment) => void;
}

/** Loading is not part of an invocation's time; on this machine it shares the cores with everything else. */
const initializationLimitSeconds = 60;

/** How often a running function's memory is looked at. */
const memoryCheckMilliseconds = 50;
/**
 * V8's own limit lies well above the function's: at that limit it may end the whole process, not the thread alone.
 * The function's limit is kept by looking, which is soon enough for a function that only grows.
 */
const headroomMegabytes = 1024;

/** One warm sandbox of a function: a worker thread with the function's own environment variables. */
export class ExecutionEnvironment {
  readonly #options: EnvironmentOptions;
  readonly #worker: Worker;
  #settle: ((outcome: Outcome) => void) | undefined;
  #onReady: (() => void) | undefined;
  #alive = true;
  #started: Promise<Outcome | undefined>;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.#worker = new Worker(join(import.meta.dirname, 'bootstrap.ts'), {
      workerData: options.setup,
      env: options.variables,
      execArgv: [],
      argv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: options.memorySizeMegabytes + headroomMegabytes },
    });
    this.#worker.stdout.on('data', (chunk: Buffer) => options.onOutput('stdout', chunk.toString()));
    this.#worker.stderr.on('data', (chunk: Buffer) => options.onOutput('stderr', chunk.toString()));
    this.#worker.on('message', (message: ThreadMessage) => this.#receive(message));
    this.#worker.on('error', (error) => this.#end(describeCrash(error, options)));
    this.#worker.on('exit', (code) => this.#end(exitFailure(`exit status ${code}`)));
    this.#started = this.#await(initializationLimitSeconds, 'Init timed out');
  }

  get alive(): boolean {
    return this.#alive;
  }

  async invoke(message: Omit<InvokeMessage, 'deadline'>, kill?: PlannedKill): Promise<Outcome> {
    const failed = await this.#started;
    if (failed) return failed;
    if (kill?.moment === 'before') return this.#killed(message.requestId, kill);
    const { timeoutSeconds } = this.#options;
    const outcome = this.#await(timeoutSeconds, `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
    this.#worker.postMessage({ ...message, deadline: Date.now() + timeoutSeconds * 1000 } satisfies InvokeMessage);
    const timer = kill?.moment === 'during' && setTimeout(() => this.#die(kill), kill.afterMilliseconds);
    const settled = await this.#watchMemory(outcome);
    if (timer) clearTimeout(timer);
    if (kill && this.#alive) return this.#killed(message.requestId, { ...kill, moment: 'after' });
    if (!settled) throw new Error('an execution environment said it was ready in the middle of an invocation');
    if (settled.kind !== 'ended') return settled;
    return { kind: 'ended', failure: withRequestId(settled.failure, message.requestId) };
  }

  async close(): Promise<void> {
    this.#alive = false;
    await this.#worker.terminate();
  }

  /** Ends the thread where it is, as the death of its machine would; Lambda says the same of every runtime that dies. */
  #die({ moment, onKill }: PlannedKill): FunctionFailure {
    const failure = exitFailure('signal: killed');
    onKill(moment);
    this.#end(failure);
    void this.#worker.terminate();
    return failure;
  }

  #killed(requestId: string, kill: PlannedKill): Outcome {
    return { kind: 'ended', failure: withRequestId(this.#die(kill), requestId) };
  }

  /** The next outcome; undefined when the thread has become ready. After the limit the thread is ended. */
  #await(limitSeconds: number, message: string): Promise<Outcome | undefined> {
    return new Promise((resolve) => {
      if (!this.#alive) return resolve({ kind: 'ended', failure: exitFailure('the environment is gone') });
      const timer = setTimeout(() => {
        this.#end({ errorType: 'Sandbox.Timedout', errorMessage: message });
        void this.#worker.terminate();
      }, limitSeconds * 1000);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        this.#settle = this.#onReady = undefined;
        resolve(outcome);
      };
      this.#onReady = () => {
        clearTimeout(timer);
        this.#settle = this.#onReady = undefined;
        resolve(undefined);
      };
    });
  }

  async #watchMemory<T>(work: Promise<T>): Promise<T> {
    const timer = setInterval(() => void this.#checkMemory().catch(() => {}), memoryCheckMilliseconds);
    return work.finally(() => clearInterval(timer));
  }

  async #checkMemory(): Promise<void> {
    const { used_heap_size, external_memory } = await this.#worker.getHeapStatistics();
    const usedMegabytes = (used_heap_size + external_memory) / 1024 / 1024;
    const { memorySizeMegabytes, onOutput } = this.#options;
    if (!this.#alive || usedMegabytes <= memorySizeMegabytes) return;
    onOutput(
      'stderr',
      `out of memory: the function has ${memorySizeMegabytes} MB and uses ${Math.round(usedMegabytes)} MB\n`,
    );
    this.#end(exitFailure('signal: killed'));
    await this.#worker.terminate();
  }

  #receive(message: ThreadMessage): void {
    switch (message.kind) {
      case 'output':
        return this.#options.onOutput(message.stream, message.text);
      case 'ready':
        return this.#onReady?.();
      case 'initializationFailed':
        this.#alive = false;
        this.#settle?.({ kind: 'threw', failure: message.failure });
        void this.#worker.terminate();
        return;
      default:
        return this.#settle?.(message);
    }
  }

  #end(failure: FunctionFailure): void {
    this.#alive = false;
    this.#settle?.({ kind: 'ended', failure });
  }
}

const exitFailure = (reason: string): FunctionFailure => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `Error: Runtime exited with error: ${reason}`,
});

function describeCrash(error: unknown, options: EnvironmentOptions): FunctionFailure {
  const { name, message, stack, code } = error as Error & { code?: string };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    options.onOutput('stderr', `out of memory: the function has ${options.memorySizeMegabytes} MB\n`);
    return exitFailure('signal: killed');
  }
  return { errorType: name ?? typeof error, errorMessage: message ?? String(error), trace: (stack ?? '').split('\n') };
}

/** Lambda begins the message of what it ended itself with the request. */
function withRequestId(failure: FunctionFailure, requestId: string): FunctionFailure {
  if (failure.trace) return failure;
  const text = failure.errorMessage.replace(/^Error: /, '');
  return { ...failure, errorMessage: `RequestId: ${requestId} Error: ${text}` };
}
