import { type Redshift, RedshiftError, type Session, type StatementResult } from '../../local/redshift/types.ts';

/** Answers one statement of a fake session. `signal` fires when the statement is cancelled. */
export type Answer = (sql: string, signal: AbortSignal) => Promise<StatementResult> | StatementResult;

/** A Redshift whose statements a test answers itself: for what the wire does whatever the statements mean. */
export function fakeRedshift(answer: Answer): Redshift & { readonly opened: number } {
  const counter = { opened: 0 };
  return {
    databases: ['prod'],
    passwordOf: (user) => (user === 'admin' ? 'correct horse' : undefined),
    session: async ({ database, user }) => {
      counter.opened += 1;
      return fakeSession(database, user, answer);
    },
    lineage: async () => [],
    close: async () => undefined,
    get opened() {
      return counter.opened;
    },
  };
}

function fakeSession(database: string, user: string, answer: Answer): Session {
  let abort = new AbortController();
  let status: 'I' | 'T' | 'E' = 'I';
  const run = async (sql: string): Promise<StatementResult> => {
    abort = new AbortController();
    const word = sql.trim().toLowerCase();
    if (word === 'begin') status = 'T';
    if (word === 'commit' || word === 'rollback') status = 'I';
    try {
      return await answer(sql, abort.signal);
    } catch (error) {
      if (status === 'T') status = 'E';
      throw error;
    }
  };
  return {
    database,
    user,
    superuser: true,
    get transactionStatus() {
      return status;
    },
    sync: async () => undefined,
    execute: async (text, onResult) => {
      const results: StatementResult[] = [];
      for (const sql of text.split(';').filter((part) => part.trim() !== '')) {
        const result = await run(sql);
        results.push(result);
        await onResult?.(result);
      }
      return results;
    },
    prepare: async (text) => {
      const count = new Set(text.match(/\$\d+/g)).size;
      const described = await answer(text.startsWith('select') ? text : 'nothing', new AbortController().signal);
      return {
        parameterTypes: Array.from({ length: count }, () => ({ kind: 'varchar' as const })),
        columns: described.columns,
        execute: (parameters) => run(text.replace(/\$(\d+)/g, (_, index) => `'${parameters[Number(index) - 1]}'`)),
      };
    },
    lineage: () => [],
    cancel: () => abort.abort(),
    close: async () => abort.abort(),
  };
}

/** A statement that runs until it is cancelled. */
export function untilCancelled(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new RedshiftError('57014', "Query cancelled on user's request")));
  });
}
