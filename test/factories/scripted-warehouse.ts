import type { Batch, DataApi, StatementRunner } from '../../lambdas/aws/data-api.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';

/** How a batch ends: with the rows of its answering statements, in their order, or with an error. */
export type Ending = { readonly results?: readonly ResultRows[] } | { readonly error: string };

/** A batch as the state machine submits it. */
export interface Submission {
  readonly Sqls: readonly string[];
  readonly ClientToken: string;
  readonly StatementName: string;
}

interface Submitted extends Submission {
  readonly id: string;
  readonly ending: Ending;
  described: number;
}

/** A warehouse that batches are sent to as the state machine does. */
type Submitting = DataApi & {
  execute(submission: Submission): Promise<{ Id: string }> | { Id: string };
  describe(statement: { readonly Id: string }): { Status: string };
};

/** The same as a function that sends batches itself sees it. */
export function statementRunner(warehouse: Submitting): StatementRunner {
  return {
    error: (id) => warehouse.error(id),
    rows: (id, statement) => warehouse.rows(id, statement),
    submit: async ({ statements: Sqls, clientToken: ClientToken, statementName: StatementName }: Batch) =>
      (await warehouse.execute({ Sqls, ClientToken, StatementName })).Id,
    status: async (Id) => warehouse.describe({ Id }).Status,
  };
}

/** A Data API that runs nothing: a script says how each batch ends. The same client token is the same submission. */
export class ScriptedWarehouse implements DataApi {
  readonly submitted: Submitted[] = [];
  #script: (submission: Submission) => Ending;

  constructor(script: (submission: Submission) => Ending) {
    this.#script = script;
  }

  execute(submission: Submission): { Id: string } {
    const known = this.submitted.find(({ ClientToken }) => ClientToken === submission.ClientToken);
    if (known) return { Id: known.id };
    const id = `statement-${this.submitted.length + 1}`;
    this.submitted.push({ ...submission, id, ending: this.#script(submission), described: 0 });
    return { Id: id };
  }

  /** Running at the first look, ended at the second. */
  describe({ Id }: { readonly Id: string }): { Status: string } {
    const statement = this.#find(Id);
    statement.described += 1;
    if (statement.described < 2) return { Status: 'STARTED' };
    return { Status: 'error' in statement.ending ? 'FAILED' : 'FINISHED' };
  }

  async error(id: string): Promise<string | undefined> {
    const { ending } = this.#find(id);
    return 'error' in ending ? ending.error : undefined;
  }

  async rows(id: string, statement: number): Promise<ResultRows> {
    const { ending, Sqls } = this.#find(id);
    const answering = Sqls.map((sql, index) => ({ sql, index: index + 1 })).filter(({ sql }) =>
      sql.startsWith('SELECT'),
    );
    const place = answering.findIndex(({ index }) => index === statement);
    if (place < 0) throw new Error(`statement ${statement} of ${id} has no result: ${Sqls[statement - 1]}`);
    return 'error' in ending ? [] : [...(ending.results?.[place] ?? [])];
  }

  /** The steps that were submitted, in order: `load brackets`, `build mart.players`, … */
  steps(): string[] {
    return this.submitted.map(({ StatementName }) => stepOf(StatementName));
  }

  #find(id: string): Submitted {
    const found = this.submitted.find((one) => one.id === id);
    if (!found) throw new Error(`there is no statement ${id}`);
    return found;
  }
}

/** `main-17-brackets-0a1b…` is a load of brackets; models go by their names. */
export function stepOf(statementName: string): string {
  const [, step = '', subject = ''] = statementName.split(' ');
  const dataset = /^[a-z]+-\d+-(\w+)-[0-9a-f]{16}$/.exec(subject)?.[1];
  return /^(role|prepare)/.test(step) ? step : `${step} ${dataset ?? subject}`;
}
