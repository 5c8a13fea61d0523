import type { DataApi } from '../../lambdas/aws/data-api.ts';
import { ServiceError } from '../../lambdas/aws/service-error.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';
import type { Submission } from '../factories/scripted-warehouse.ts';
import type { World } from './world.ts';

interface Batch extends Submission {
  readonly id: string;
  readonly results: Map<number, ResultRows>;
  status: 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED';
  error?: string;
}

/** What a statement is, for the table of what struck where. */
const kindOf = (sql: string): string =>
  /^[A-Z]+(?: TEMP TABLE "\w+"| INTO "\w+"| FROM "\w+")?/.exec(sql)?.[0] ?? 'statement';

/** How Redshift says that another transaction was in the way. */
const conflicts = [
  'ERROR: 1023 Serializable isolation violation on table in Redshift',
  'ERROR: deadlock detected',
  'ERROR: 1018 DETAIL: Relation does not exist.',
];

/**
 * The Data API before the box: batches run one statement at a time, between one another, each in a transaction of its own in a
 * real session; what they answer is the engine's.
 */
export class SimulatedWarehouse implements DataApi {
  readonly #world: World;
  readonly #redshift: Redshift;
  readonly #rewrite: (statements: readonly string[]) => readonly string[];
  readonly #batches = new Map<string, Batch>();
  /** Who holds the lock that a LOCK statement asks for, and who waits for it. */
  readonly #locks = new Map<string, { holder: Batch; waiting: (() => void)[] }>();
  #count = 0;
  readonly #sessions = new Set<Session>();
  /** The tables that statements have named, as `"schema"."name"`. */
  readonly named = new Set<string>();
  /** How often what others see may have changed: with every end of a transaction. */
  changes = 0;
  /** Told of each batch that has been committed. */
  committed: (statementName: string) => Promise<void> = async () => undefined;

  /** @param rewrite What becomes of a batch's statements on their way: how a simulation is sabotaged. */
  constructor(
    world: World,
    redshift: Redshift,
    rewrite: (statements: readonly string[]) => readonly string[] = (statements) => statements,
  ) {
    this.#world = world;
    this.#redshift = redshift;
    this.#rewrite = rewrite;
  }

  /** The same client token is the same submission. */
  execute(submission: Submission): { Id: string } {
    const known = [...this.#batches.values()].find(({ ClientToken }) => ClientToken === submission.ClientToken);
    if (known) return { Id: known.id };
    this.#count += 1;
    const Sqls = this.#rewrite(submission.Sqls);
    const batch: Batch = { ...submission, Sqls, id: `statement-${this.#count}`, results: new Map(), status: 'STARTED' };
    this.#batches.set(batch.id, batch);
    const { faults, random } = this.#world;
    const pause = faults.strikes('warehousePaused', 'warehouse') ? random.between(60_000, 900_000) : 0;
    this.#world.after(pause + random.between(1, 300), 'batch', () => this.#begin(batch));
    return { Id: batch.id };
  }

  describe({ Id }: { readonly Id: string }): { Status: string } {
    return { Status: this.#find(Id).status };
  }

  async error(id: string): Promise<string | undefined> {
    return this.#find(id).error;
  }

  async rows(id: string, statement: number): Promise<ResultRows> {
    if (this.#world.faults.strikes('resultExpired', 'redshift-data.rows')) {
      const cause = {
        name: 'ResourceNotFoundException',
        message: 'Query does not have result. Please check query status.',
      };
      throw new ServiceError('redshift-data:GetStatementResult', id, cause);
    }
    return this.#find(id).results.get(statement) ?? [];
  }

  /** Takes back what has not ended: a world that does not come to rest leaves nothing to the next. */
  async abandon(): Promise<void> {
    for (const session of this.#sessions) {
      await session.execute('ROLLBACK');
      await session.close();
    }
    this.#sessions.clear();
  }

  async #begin(batch: Batch): Promise<void> {
    this.#world.note(`${batch.id} begins: ${batch.StatementName}`);
    const session = await this.#redshift.session({ database: 'prod', user: 'admin' });
    this.#sessions.add(session);
    await session.execute('BEGIN');
    await this.#statement(batch, session, 1);
  }

  async #statement(batch: Batch, session: Session, number: number): Promise<void> {
    const sql = batch.Sqls[number - 1];
    if (sql === undefined) return this.#commit(batch, session);
    const trouble = this.#trouble(kindOf(sql));
    if (trouble) return this.#rollBack(batch, session, trouble.status, trouble.error);
    const lock = /^LOCK (.+)$/.exec(sql)?.[1];
    if (lock && this.#world.faults.strikes('lockHeld', 'LOCK')) {
      this.#world.note(`${batch.id} waits: somebody else holds ${lock}`);
      this.#world.after(this.#world.random.between(5_000, 600_000), 'lock', () =>
        this.#statement(batch, session, number),
      );
      return;
    }
    if (lock && !this.#take(lock, batch, () => this.#soon(batch, session, number))) return;
    try {
      for (const [table] of sql.matchAll(/"\w+"\."\w+"/g)) this.named.add(table);
      const result = (await session.execute(sql)).at(-1);
      if (session.transactionStatus !== 'T') this.changes += 1;
      if (result?.rows) batch.results.set(number, this.#answer(sql, result.rows));
      this.#soon(batch, session, number + 1);
    } catch (error) {
      await this.#rollBack(batch, session, 'FAILED', `ERROR: ${(error as Error).message}`);
    }
  }

  /** The rows of a statement; what COPY found may be missing, because system views are late. */
  #answer(sql: string, rows: readonly (readonly (string | null)[])[]): ResultRows {
    if (sql.includes('sys_load_error_detail') && this.#world.faults.strikes('findingsLost', 'warehouse')) return [];
    return rows.map((row) => [...row]);
  }

  #soon(batch: Batch, session: Session, number: number): void {
    const { random } = this.#world;
    const pause = random.chance(0.03) ? random.between(1_000, 400_000) : random.between(1, 60);
    this.#world.after(pause, `${batch.id}:${number}`, () => this.#statement(batch, session, number));
  }

  #trouble(place: string): { status: 'FAILED' | 'ABORTED'; error: string } | undefined {
    const { faults } = this.#world;
    if (faults.strikes('conflict', place)) {
      return { status: 'FAILED', error: this.#world.random.pick(conflicts) };
    }
    if (faults.strikes('connectionReset', place)) return { status: 'ABORTED', error: 'Connection reset by peer' };
    return undefined;
  }

  async #commit(batch: Batch, session: Session): Promise<void> {
    const trouble = this.#trouble('COMMIT');
    if (trouble) return this.#rollBack(batch, session, trouble.status, trouble.error);
    try {
      await session.execute('COMMIT');
      this.changes += 1;
      batch.status = 'FINISHED';
      await this.committed(batch.StatementName);
    } catch (error) {
      batch.status = 'FAILED';
      batch.error = `ERROR: ${(error as Error).message}`;
    }
    await this.#end(batch, session);
  }

  async #rollBack(batch: Batch, session: Session, status: 'FAILED' | 'ABORTED', error: string): Promise<void> {
    await session.execute('ROLLBACK');
    batch.status = status;
    batch.error = error;
    await this.#end(batch, session);
  }

  async #end(batch: Batch, session: Session): Promise<void> {
    this.#world.note(`${batch.id} ${batch.status}${batch.error ? `: ${batch.error}` : ''}`);
    this.#sessions.delete(session);
    await session.close();
    for (const [table, lock] of this.#locks) if (lock.holder === batch) this.#release(table);
  }

  /** Whether the batch has the lock now; if not, it goes on when it is its turn. */
  #take(table: string, batch: Batch, goOn: () => void): boolean {
    const lock = this.#locks.get(table);
    if (!lock) this.#locks.set(table, { holder: batch, waiting: [] });
    else if (lock.holder !== batch) {
      lock.waiting.push(() => {
        lock.holder = batch;
        goOn();
      });
    }
    return !lock || lock.holder === batch;
  }

  #release(table: string): void {
    const next = this.#locks.get(table)?.waiting.shift();
    if (next) next();
    else this.#locks.delete(table);
  }

  #find(id: string): Batch {
    const found = this.#batches.get(id);
    if (!found) throw new Error(`there is no statement ${id}`);
    return found;
  }
}
