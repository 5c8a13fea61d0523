import type { ModelUnderWay } from '../../lib/pipeline/model-run.ts';
import { next, type Surroundings } from '../../lib/pipeline/next.ts';
import type { ScheduledModel } from '../../lib/pipeline/schedule.ts';
import { type Decision, failed, type ModelWork, type Outcome } from '../../lib/pipeline/work.ts';
import type { StatementRunner } from '../aws/data-api.ts';
import type { ObjectStore } from '../aws/object-store.ts';
import { ServiceError } from '../aws/service-error.ts';
import { nextState } from './next.ts';
import type { WorkState } from './state.ts';

export interface ModelPorts {
  readonly dataApi: StatementRunner;
  readonly lake: Pick<ObjectStore, 'put'>;
  readonly surroundings: Surroundings;
  readonly scheduled: readonly ScheduledModel[];
  readonly execution: string;
  readonly lane: string;
}

/** A model after a look: where it is, or how it ended. */
export interface Looked {
  readonly one: ModelUnderWay;
  readonly outcome?: Outcome;
  /** Whether anything has changed since the look before. */
  readonly hasMoved: boolean;
}

const endedStatuses = new Set(['FINISHED', 'FAILED', 'ABORTED']);
/** A refusal that does not pass by itself counts as the end of the batch when it has come so often, half a minute long. */
const refusalsAtMost = 5;
/** What passes by itself (a throttle, a service that ails) is waited for as long as the run may: it says nothing of the model. */
const passingHoldSeconds = 2;

/** Asks what has become of the batch that was sent; where it has ended, it is decided what is next. */
export async function lookedAt(one: ModelUnderWay, ports: ModelPorts): Promise<Looked> {
  const { submitted } = one;
  if (!submitted || one.holdSeconds > 0) return { one, hasMoved: false };
  return guarded(one, ports, async () => {
    const status = await ports.dataApi.status(submitted.statementId);
    if (!endedStatuses.has(status)) return { one: { ...one, refusals: 0 }, hasMoved: false };
    const statement = { id: submitted.statementId };
    return afterwards(one, ports, { decision: submitted, statement, described: { status } });
  });
}

/** What a model that begins does first. */
export function decided(one: ModelUnderWay, ports: ModelPorts): Looked {
  const decision = decisionOf(one, ports);
  return decision.kind === 'done' ? { one, outcome: decision.outcome, hasMoved: true } : { one, hasMoved: true };
}

/** Sends the batch that is next; the same model at the same place sends the same batch with the same token. */
export async function sent(one: ModelUnderWay, ports: ModelPorts): Promise<Looked> {
  const decision = decisionOf(one, ports);
  if (decision.kind === 'done') return { one, outcome: decision.outcome, hasMoved: true };
  return guarded(one, ports, async () => {
    const { step, number, reads, resultsKey } = decision;
    const statementId = await ports.dataApi.submit(decision);
    const submitted = { step, number, reads: [...reads], resultsKey, statementId };
    return { one: { ...one, submitted, refusals: 0 }, hasMoved: true };
  });
}

const workOf = ({ model }: ModelUnderWay, { execution }: ModelPorts): ModelWork => ({
  kind: 'model',
  execution,
  model,
});

function decisionOf(one: ModelUnderWay, ports: ModelPorts): Decision {
  const work = workOf(one, ports);
  const model = ports.scheduled.find(({ name }) => name === one.model);
  // Its batches so far are those of another text.
  if (model?.definition !== one.definition || model.lane !== ports.lane)
    return failed(work, 'a deployment has changed it while it was built: the next run builds it anew');
  try {
    return next(work, one.history, ports.surroundings);
  } catch (error) {
    return failed(work, (error as Error).message);
  }
}

type Ended = Pick<WorkState, 'decision' | 'statement' | 'described' | 'trouble'>;

/** The model when the batch has ended. */
async function afterwards(one: ModelUnderWay, ports: ModelPorts, ended: Ended): Promise<Looked> {
  const { history } = await nextState({ work: workOf(one, ports), history: one.history, ...ended }, ports);
  const after = { ...one, history: [...history], submitted: undefined, refusals: 0 };
  const decision = decisionOf(after, ports);
  if (decision.kind === 'done') return { one: after, outcome: decision.outcome, hasMoved: true };
  return { one: { ...after, holdSeconds: decision.delaySeconds }, hasMoved: true };
}

/** What goes wrong with a model goes wrong with no other. */
async function guarded(one: ModelUnderWay, ports: ModelPorts, work: () => Promise<Looked>): Promise<Looked> {
  try {
    return await work();
  } catch (error) {
    return error instanceof ServiceError ? refused(one, ports, error) : broken(one, ports, error as Error);
  }
}

async function refused(one: ModelUnderWay, ports: ModelPorts, error: ServiceError): Promise<Looked> {
  if (error.retryable) return { one: { ...one, holdSeconds: passingHoldSeconds }, hasMoved: false };
  const refusals = one.refusals + 1;
  if (refusals < refusalsAtMost) return { one: { ...one, refusals, holdSeconds: 2 ** refusals }, hasMoved: false };
  const decision = one.submitted ?? decisionOf(one, ports);
  if ('outcome' in decision) return { one, outcome: decision.outcome, hasMoved: true };
  const { step, number } = decision;
  const trouble = { Error: error.serviceCode, Cause: error.message };
  return afterwards(one, ports, { decision: { step, number, reads: [] }, trouble });
}

/** No service said so: it is the fault of the code, and trying again would change nothing. */
function broken(one: ModelUnderWay, ports: ModelPorts, error: Error): Looked {
  const decision = failed(workOf(one, ports), error.message);
  return decision.kind === 'done' ? { one, outcome: decision.outcome, hasMoved: true } : { one, hasMoved: true };
}
