import type { Batch, StatementRunner } from '../../lambdas/aws/data-api.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';
import { stepOf } from './scripted-warehouse.ts';

interface Sent {
  readonly batch: Batch;
  readonly endsAt: number;
}

interface Script {
  /** How long each batch of a model takes. */
  readonly seconds?: (model: string) => number;
  /** How a batch fails, if it does. */
  readonly error?: (step: string, time: number) => string | undefined;
}

/** A warehouse with a clock that only its test moves. The same token is the same statement. */
export class TimedWarehouse implements StatementRunner {
  nowSeconds = 0;
  /** The most batches that were under way at once. */
  mostAtOnce = 0;
  /** Comes before each call and after it: what it throws is what the caller gets, and what it waits for the caller waits for. */
  interfere: (call: string) => Promise<void> | void = () => undefined;
  readonly #sent = new Map<string, Sent>();
  readonly #script: Script;

  constructor(script: Script = {}) {
    this.#script = script;
  }

  async submit(batch: Batch): Promise<string> {
    await this.interfere(`submit ${stepOf(batch.statementName)}`);
    const { clientToken } = batch;
    if (!this.#sent.has(clientToken)) {
      const model = stepOf(batch.statementName).split(' ')[1] ?? '';
      this.#sent.set(clientToken, { batch, endsAt: this.nowSeconds + (this.#script.seconds?.(model) ?? 1) });
      const running = [...this.#sent.values()].filter(({ endsAt }) => endsAt > this.nowSeconds).length;
      this.mostAtOnce = Math.max(this.mostAtOnce, running);
    }
    await this.interfere('submitted');
    return clientToken;
  }

  async status(id: string): Promise<string> {
    await this.interfere('status');
    const { endsAt } = this.#find(id);
    if (endsAt > this.nowSeconds) return 'STARTED';
    return this.#errorOf(id) === undefined ? 'FINISHED' : 'FAILED';
  }

  async error(id: string): Promise<string | undefined> {
    return this.#errorOf(id);
  }

  /** Checks find nothing; no model was published before. */
  async rows(id: string, statement: number): Promise<ResultRows> {
    await this.interfere('rows');
    const isCheck = stepOf(this.#find(id).batch.statementName).startsWith('check');
    return isCheck && statement === 2 ? [['row_count', 'info', '5']] : [];
  }

  /** The steps that were sent, in order, each with its model. */
  steps(): string[] {
    return [...this.#sent.values()].map(({ batch }) => stepOf(batch.statementName));
  }

  #errorOf(id: string): string | undefined {
    const step = stepOf(this.#find(id).batch.statementName);
    const times = [...this.#sent.values()].filter(({ batch }) => stepOf(batch.statementName) === step);
    const time = times.findIndex(({ batch }) => batch.clientToken === id) + 1;
    return this.#script.error?.(step, time);
  }

  #find(id: string): Sent {
    const sent = this.#sent.get(id);
    if (!sent) throw new Error(`there is no statement ${id}`);
    return sent;
  }
}
