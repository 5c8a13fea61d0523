import { runCall } from '../procedures/call.ts';
import { runAlterProcedure, runCreateProcedure, runDropProcedure } from '../procedures/definitions.ts';
import { parseStatements } from '../statements/parse.ts';
import type { Definition, SessionStatement, Statement } from '../statements/statement.ts';
import type { Query } from '../statements/syntax.ts';
import { RedshiftError, type ResultColumn, type RowReceiver, type StatementResult } from '../types.ts';
import { runAlterTable } from './alter-table.ts';
import { runCopy, runUnload } from './copying.ts';
import { runCloseCursor, runDeclareCursor, runFetchCursor } from './cursors.ts';
import { runAlterDatabase, runCreateDatabase, runDropDatabase } from './databases.ts';
import {
  runAlterSchema,
  runComment,
  runCreateFunction,
  runCreateSchema,
  runDropFunction,
  runTruncate,
} from './definitions.ts';
import { runDrop } from './drops.ts';
import { runExplain } from './explain.ts';
import { runInsert } from './insertion.ts';
import type { TableLocks } from './locks.ts';
import { runAnalyzeCompression, runMaintenance } from './maintenance.ts';
import { runDelete, runUpdate } from './manipulation.ts';
import { runMerge } from './merge.ts';
import { argumentValues } from './prepared.ts';
import { runAlterGroup, runAlterRole, runAlterUser, runCreatePrincipal, runDropPrincipal } from './principals.ts';
import { requirePrivileges } from './privileges-of-statements.ts';
import { done, resultColumns, textQuery } from './results.ts';
import { runPrivilege } from './role-grants.ts';
import { runCancel, runSet, runShow } from './session-settings.ts';
import { runShowObject } from './show.ts';
import { runCreateTable, runCreateTableAs } from './table-definitions.ts';
import { runCreateView, runRefresh } from './views.ts';
import type { Workspace } from './workspace.ts';

export interface Tools {
  readonly locks: TableLocks;
  readonly owner: object;
  readonly text: string;
  /** Gets a query's rows as they are found, where somebody waits for them. */
  readonly receiver?: RowReceiver;
}

type Runner<Kind extends Statement['kind']> = (
  workspace: Workspace,
  statement: Extract<Statement, { kind: Kind }>,
  tools: Tools,
) => Promise<StatementResult>;

/** What runs each kind of statement. BEGIN, COMMIT and ROLLBACK are the session's own. */
export const RUNNERS: { readonly [Kind in Exclude<Statement['kind'], 'begin' | 'commit' | 'rollback'>]: Runner<Kind> } =
  {
    select: (workspace, statement, tools) => runSelect(workspace, statement.query, tools),
    explain: runExplain,
    insert: runInsert,
    update: runUpdate,
    delete: runDelete,
    merge: runMerge,
    copy: runCopy,
    unload: runUnload,
    createSchema: runCreateSchema,
    alterSchema: runAlterSchema,
    createTable: runCreateTable,
    createTableAs: runCreateTableAs,
    createView: runCreateView,
    refresh: runRefresh,
    drop: (workspace, statement) => runDropAny(workspace, statement),
    alterTable: runAlterTable,
    truncate: runTruncate,
    comment: runComment,
    createFunction: runCreateFunction,
    dropFunction: runDropFunction,
    createPrincipal: runCreatePrincipal,
    alterUser: runAlterUser,
    alterGroup: runAlterGroup,
    alterRole: runAlterRole,
    createDatabase: runCreateDatabase,
    alterDatabase: runAlterDatabase,
    grant: runPrivilege,
    revoke: runPrivilege,
    set: runSet,
    show: runShow,
    showObject: runShowObject,
    cancel: runCancel,
    vacuum: runMaintenance,
    analyze: runMaintenance,
    analyzeCompression: runAnalyzeCompression,
    declareCursor: runDeclareCursor,
    fetchCursor: runFetchCursor,
    closeCursor: runCloseCursor,
    lock: runLock,
    prepare: runPrepare,
    executePrepared: runExecute,
    deallocate: runDeallocate,
    createProcedure: runCreateProcedure,
    dropProcedure: runDropProcedure,
    alterProcedure: runAlterProcedure,
    call: runCall,
    empty: async () => done(''),
  };

const READING: readonly Statement['kind'][] = [
  'select',
  'explain',
  'unload',
  'set',
  'show',
  'showObject',
  'declareCursor',
  'fetchCursor',
  'closeCursor',
  'prepare',
  'deallocate',
  'empty',
];

/** What a transaction that may only read refuses. */
export const changesData = (statement: Statement): boolean => !READING.includes(statement.kind);

/** Statements that must be a transaction of their own. */
export const runsOutsideTransaction = (statement: Statement): boolean =>
  statement.kind === 'vacuum' ||
  statement.kind === 'createDatabase' ||
  statement.kind === 'alterDatabase' ||
  (statement.kind === 'drop' && statement.object === 'database');

async function runSelect(workspace: Workspace, query: Query, tools: Tools): Promise<StatementResult> {
  const into = query.body.kind === 'select' ? query.body.into : undefined;
  if (into) {
    const plain = { ...query, body: { ...query.body, into: undefined } } as Query;
    return runCreateTableAs(workspace, {
      kind: 'createTableAs',
      table: into.name,
      temporary: into.temporary,
      columns: [],
      attributes: {},
      query: plain,
      position: query.position,
    });
  }
  const plan = workspace.plan(query, tools.text, (bound) => textQuery(bound, workspace.settings));
  if (tools.receiver) {
    const rowCount = await workspace.stream(plan.sql, resultColumns(plan.columns, workspace.settings), tools.receiver);
    return { tag: `SELECT ${rowCount}`, rowCount };
  }
  const rows = await workspace.rows(plan.sql);
  return {
    tag: `SELECT ${rows.length}`,
    columns: resultColumns(plan.columns, workspace.settings),
    rows,
    rowCount: rows.length,
  };
}

/** What EXPLAIN answers. */
export const PLAN_COLUMNS: readonly ResultColumn[] = [{ name: 'QUERY PLAN', type: { kind: 'varchar' } }];

async function runDropAny(workspace: Workspace, drop: Definition & { kind: 'drop' }): Promise<StatementResult> {
  if (drop.object === 'user' || drop.object === 'group' || drop.object === 'role')
    return runDropPrincipal(workspace, drop);
  return drop.object === 'database' ? runDropDatabase(workspace, drop) : runDrop(workspace, drop);
}

type SessionKind<Kind extends SessionStatement['kind']> = Extract<SessionStatement, { kind: Kind }>;

/** LOCK waits until no other transaction holds the table. */
async function runLock(workspace: Workspace, statement: SessionKind<'lock'>, tools: Tools): Promise<StatementResult> {
  for (const table of statement.tables) await tools.locks.acquire(workspace.require(table).id, tools.owner);
  return done('LOCK TABLE');
}

async function runPrepare(workspace: Workspace, statement: SessionKind<'prepare'>): Promise<StatementResult> {
  if (workspace.prepared.has(statement.name))
    throw new RedshiftError('42P05', `prepared statement "${statement.name}" already exists`);
  const [parsed] = parseStatements(statement.text);
  if (!parsed) throw new RedshiftError('42601', 'syntax error at end of input');
  workspace.prepared.set(statement.name, { ...parsed, types: statement.types });
  return done('PREPARE');
}

async function runExecute(
  workspace: Workspace,
  statement: SessionKind<'executePrepared'>,
  tools: Tools,
): Promise<StatementResult> {
  const parsed = workspace.prepared.get(statement.name);
  if (!parsed) throw new RedshiftError('26000', `prepared statement "${statement.name}" does not exist`);
  const expected = Math.max(0, ...[...parsed.text.matchAll(/\$(\d+)/g)].map((match) => Number(match[1])));
  if (statement.arguments.length !== expected)
    throw new RedshiftError('42601', `wrong number of parameters for prepared statement "${statement.name}"`, {
      detail: `Expected ${expected} parameters but got ${statement.arguments.length}.`,
    });
  workspace.argumentValues = await argumentValues(workspace, statement.arguments, parsed.types);
  requirePrivileges(workspace, parsed.statement);
  const runner = RUNNERS[parsed.statement.kind as 'select'] as (
    workspace: Workspace,
    statement: Statement,
    tools: Tools,
  ) => Promise<StatementResult>;
  try {
    return await runner(workspace, parsed.statement, { ...tools, text: '' });
  } finally {
    workspace.argumentValues = undefined;
  }
}

async function runDeallocate(workspace: Workspace, statement: SessionKind<'deallocate'>): Promise<StatementResult> {
  if (statement.name === null) workspace.prepared.clear();
  else if (!workspace.prepared.delete(statement.name))
    throw new RedshiftError('26000', `prepared statement "${statement.name}" does not exist`);
  return done('DEALLOCATE');
}
