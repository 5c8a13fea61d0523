import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MillraceError } from '../../../lib/pipeline/error.ts';
import type { CloudContext, InvocationResult } from '../resource.ts';
import { ServiceError } from '../service.ts';
import type { Chaos } from './chaos.ts';
import { ExecutionEnvironment, type Outcome, type PlannedKill } from './execution-environment.ts';
import type { ThreadSetup } from './messages.ts';
import { LineReader, readEmbeddedMetrics } from './output.ts';
import { environmentVariables, type FunctionSettings } from './variables.ts';

/** A laptop has a few cores: more environments of one function at a time would only wait for each other. */
const mostEnvironments = 4;
const largestPayloadBytes = 6_291_556;

/** A function with its warm environments. */
export class LocalFunction {
  readonly settings: FunctionSettings;
  readonly #context: CloudContext;
  readonly #module: { readonly url: string; readonly exportName: string };
  readonly #all = new Set<ExecutionEnvironment>();
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #requestIds = new WeakMap<ExecutionEnvironment, string>();
  /** Those that began with code that has been updated since: they end what they run, and run nothing more. */
  readonly #outdated = new WeakSet<ExecutionEnvironment>();
  readonly #chaos: Chaos | undefined;
  #running = 0;
  #lastDurationMilliseconds = 0;
  #closed = false;

  constructor(settings: FunctionSettings, context: CloudContext, chaos?: Chaos) {
    this.settings = settings;
    this.#context = context;
    this.#chaos = chaos;
    this.#module = findHandler(settings);
  }

  /** Runs the function once with JSON text; throws TooManyRequestsException above its reserved concurrency. */
  async invoke(payload: string): Promise<InvocationResult> {
    const { reservedConcurrency } = this.settings;
    if (reservedConcurrency !== undefined && this.#running >= reservedConcurrency) {
      throw new ServiceError(
        'TooManyRequestsException',
        `Rate Exceeded: ${this.settings.name} runs ${this.#running} at a time`,
        429,
      );
    }
    this.#running += 1;
    const done = this.#context.busy(`function ${this.settings.logicalId}`);
    try {
      if (this.#running > mostEnvironments) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (this.#closed) throw new ServiceError('ServiceException', 'the local cloud is closing', 503);
      return await this.#invokeInEnvironment(payload);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
      done();
    }
  }

  /** From now on invocations begin in new environments: the code has been updated. What runs ends as it began. */
  recycle(): void {
    for (const environment of this.#all) this.#outdated.add(environment);
    for (const environment of this.#idle.splice(0)) this.#keep(environment);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const resume of this.#waiting.splice(0)) resume();
    await Promise.all([...this.#all].map((environment) => environment.close()));
  }

  async #invokeInEnvironment(payload: string): Promise<InvocationResult> {
    const requestId = randomUUID();
    const warm = this.#takeIdle();
    const environment = warm ?? this.#openEnvironment();
    this.#requestIds.set(environment, requestId);
    const { name: functionName, logicalId } = this.settings;
    const about = { kind: 'function', functionName, logicalId, requestId } as const;
    this.#context.emit({ ...about, phase: 'start', coldStart: !warm });
    const begin = performance.now();
    const outcome = limitSize(await environment.invoke({ requestId, payload }, this.#plannedKill()));
    this.#keep(environment);
    const durationMilliseconds = performance.now() - begin;
    this.#lastDurationMilliseconds = durationMilliseconds;
    if (outcome.kind === 'returned') {
      this.#context.emit({ ...about, phase: 'end', durationMilliseconds });
      return { payload: outcome.payload, requestId };
    }
    const { errorType: functionError, errorMessage } = outcome.failure;
    this.#context.emit({ ...about, phase: 'end', durationMilliseconds, functionError, errorMessage });
    return { payload: JSON.stringify(outcome.failure), functionError: 'Unhandled', requestId };
  }

  #keep(environment: ExecutionEnvironment): void {
    if (environment.alive && !this.#outdated.has(environment)) {
      this.#idle.push(environment);
      return;
    }
    this.#all.delete(environment);
    if (environment.alive) void environment.close();
  }

  /** What chance has in store for the next invocation. */
  #plannedKill(): PlannedKill | undefined {
    const kill = this.#chaos?.strike();
    if (!kill) return undefined;
    return {
      moment: kill.moment,
      afterMilliseconds: kill.fraction * this.#lastDurationMilliseconds,
      onKill: (moment) => this.#chaos?.killed(this.settings.logicalId, moment),
    };
  }

  /** The most recently used environment that has not died since: a timer left behind may have thrown meanwhile. */
  #takeIdle(): ExecutionEnvironment | undefined {
    for (;;) {
      const environment = this.#idle.pop();
      if (!environment || environment.alive) return environment;
      this.#all.delete(environment);
    }
  }

  #openEnvironment(): ExecutionEnvironment {
    const { settings } = this;
    const logStreamName = `local/[$LATEST]${randomUUID().replaceAll('-', '')}`;
    const readers = {
      stdout: this.#reader('stdout', () => environment),
      stderr: this.#reader('stderr', () => environment),
    };
    const environment: ExecutionEnvironment = new ExecutionEnvironment({
      setup: this.#threadSetup(logStreamName),
      variables: environmentVariables(settings, this.#context, logStreamName),
      memorySizeMegabytes: settings.memorySizeMegabytes,
      timeoutSeconds: settings.timeoutSeconds,
      onOutput: (stream, text) => readers[stream].write(text),
    });
    this.#all.add(environment);
    return environment;
  }

  #threadSetup(logStreamName: string): ThreadSetup {
    const { name, arn, memorySizeMegabytes, logGroupName } = this.settings;
    return {
      moduleUrl: this.#module.url,
      exportName: this.#module.exportName,
      context: {
        functionName: name,
        functionVersion: '$LATEST',
        invokedFunctionArn: arn,
        memoryLimitInMB: String(memorySizeMegabytes),
        logGroupName,
        logStreamName,
      },
    };
  }

  #reader(stream: 'stdout' | 'stderr', environment: () => ExecutionEnvironment): LineReader {
    const { name: functionName, logicalId } = this.settings;
    return new LineReader((line) => {
      const metrics = readEmbeddedMetrics(line, functionName);
      for (const metric of metrics ?? []) this.#context.emit(metric);
      const requestId = this.#requestIds.get(environment());
      if (!metrics) this.#context.emit({ kind: 'log', functionName, logicalId, requestId, stream, line });
    });
  }
}

function limitSize(outcome: Outcome): Outcome {
  if (outcome.kind !== 'returned' || Buffer.byteLength(outcome.payload) <= largestPayloadBytes) return outcome;
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${largestPayloadBytes} bytes).`;
  return { kind: 'threw', failure: { errorType: 'Function.ResponseSizeTooLarge', errorMessage } };
}

/** `index.handler`: a file without its extension, and what it exports. */
function findHandler({ handler, taskRoot, logicalId }: FunctionSettings): { url: string; exportName: string } {
  const dot = handler.lastIndexOf('.');
  const candidates = ['.mjs', '.js', '.cjs'].map((extension) => join(taskRoot, handler.slice(0, dot) + extension));
  const file = candidates.find(existsSync);
  if (dot > 0 && file) return { url: pathToFileURL(file).href, exportName: handler.slice(dot + 1) };
  throw new MillraceError('NO_HANDLER', `${logicalId}: there is no module for the handler ${handler} in ${taskRoot}`);
}
