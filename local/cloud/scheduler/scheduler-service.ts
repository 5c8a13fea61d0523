import { randomUUID } from 'node:crypto';
import { invokeLater, serviceOf, startExecution } from '../events/target.ts';
import type { CloudContext } from '../resource.ts';
import { type Principal, type Service, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';
import { pause } from '../storage/wake.ts';
import type { NextFiring } from './schedule-expression.ts';

export interface Schedule {
  readonly name: string;
  readonly arn: string;
  /** A function or a state machine. */
  readonly targetArn: string;
  readonly roleArn: string;
  /** JSON text for the target; absent: an event that says what fired. */
  readonly input?: string;
  readonly maximumRetryAttempts: number;
  readonly next: NextFiring;
}

const retryPauseMilliseconds = 1_000;

/** EventBridge Scheduler: fires functions and state machines on time, and on demand of the owner. */
export class SchedulerService implements Service {
  readonly signingName = 'scheduler';
  readonly #context: CloudContext;
  readonly #schedules = new Map<string, Schedule>();
  readonly #closing = new AbortController();

  constructor(context: CloudContext) {
    this.#context = context;
  }

  declare(schedule: Schedule): void {
    this.#schedules.set(schedule.name, schedule);
  }

  get names(): readonly string[] {
    return [...this.#schedules.keys()];
  }

  /** Fires a schedule now, beside its times: for the owner of this machine, who need not wait for the first one. */
  async runNow(name: string): Promise<void> {
    await this.#fire(this.#schedule(name), this.#context.clock.now());
  }

  /** Fires at each of its times until the signal aborts. */
  async follow(name: string, signal: AbortSignal): Promise<void> {
    const schedule = this.#schedule(name);
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    const { clock } = this.#context;
    let at = schedule.next(clock.now());
    while (at !== undefined && !stop.aborted) {
      await pause(at - clock.now(), stop);
      if (stop.aborted) return;
      if (clock.now() < at) continue;
      await this.#fire(schedule, at);
      at = schedule.next(Math.max(at, clock.now()));
    }
  }

  /**
   * The API: what there is, as a list; schedules are made by the template. `POST /schedules/<name>/run` is not of AWS: it
   * fires a schedule now, for the owner alone.
   */
  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const run = /^\/schedules\/([^/]+)\/run$/.exec(request.path)?.[1];
    if (run !== undefined && request.method === 'POST' && request.principal.kind === 'owner') {
      await this.runNow(run);
      return { status: 200, body: '{}' };
    }
    if (request.method === 'GET' && request.path === '/schedules') return this.#list(request);
    const message = `the local Scheduler has ListSchedules, not ${request.method} ${request.path}`;
    throw new ServiceError('UnknownOperationException', message, 404);
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  #list(request: ServiceRequest): ServiceResponse {
    const all = this.#context.arn('scheduler', 'schedule/*/*');
    this.#context.authorizer.authorize(request.principal, 'scheduler:ListSchedules', all);
    const Schedules = [...this.#schedules.values()].map((schedule) => ({
      Name: schedule.name,
      Arn: schedule.arn,
      GroupName: 'default',
      State: 'ENABLED',
      Target: { Arn: schedule.targetArn },
    }));
    return { status: 200, body: JSON.stringify({ Schedules }) };
  }

  async #fire(schedule: Schedule, at: number): Promise<void> {
    const release = this.#context.busy(`schedule ${schedule.name}`);
    try {
      for (let attempt = 1; attempt <= schedule.maximumRetryAttempts + 1; attempt += 1) {
        if (await this.#invoke(schedule, at, attempt)) return;
        await pause(retryPauseMilliseconds, this.#closing.signal);
        if (this.#closing.signal.aborted) return;
      }
    } finally {
      release();
    }
  }

  /** True when there is nothing left to try. */
  async #invoke(schedule: Schedule, at: number, attempt: number): Promise<boolean> {
    const about = { kind: 'delivery', from: schedule.name, to: schedule.targetArn, recordCount: 1 } as const;
    const body = inputOf(schedule, at, attempt, this.#context);
    try {
      const principal: Principal = { kind: 'role', roleArn: schedule.roleArn };
      const send = serviceOf(schedule.targetArn) === 'states' ? startExecution : invokeLater;
      await send(this.#context, schedule.targetArn, body, principal);
      this.#context.emit({ ...about, outcome: 'delivered' });
      return true;
    } catch (error) {
      const denied = error instanceof ServiceError && error.code === 'AccessDeniedException';
      const last = denied || attempt > schedule.maximumRetryAttempts;
      const outcome = denied ? 'denied' : last ? 'givenUp' : 'retried';
      this.#context.emit({ ...about, outcome, detail: (error as Error).message });
      return last;
    }
  }

  #schedule(name: string): Schedule {
    const schedule = this.#schedules.get(name);
    if (schedule) return schedule;
    throw new ServiceError(
      'ResourceNotFoundException',
      `there is no schedule ${name}; there is ${this.names.join(', ') || 'none'}`,
      404,
    );
  }
}

/** The input with Scheduler's keywords filled in, or the event that it sends where none is given. */
function inputOf(schedule: Schedule, at: number, attempt: number, context: CloudContext): string {
  const time = `${new Date(at).toISOString().slice(0, 19)}Z`;
  const id = randomUUID();
  if (schedule.input !== undefined) {
    return schedule.input
      .replaceAll('<aws.scheduler.schedule-arn>', schedule.arn)
      .replaceAll('<aws.scheduler.scheduled-time>', time)
      .replaceAll('<aws.scheduler.execution-id>', id)
      .replaceAll('<aws.scheduler.attempt-number>', String(attempt));
  }
  const { accountId: account, region } = context;
  const head = { version: '0', id, 'detail-type': 'Scheduled Event', source: 'aws.scheduler', account, time, region };
  return JSON.stringify({ ...head, resources: [schedule.arn], detail: '{}' });
}
