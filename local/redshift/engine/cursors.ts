import type { SessionStatement } from '../statements/statement.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { done, resultColumns, textQuery } from './results.ts';
import type { OpenCursor } from './transaction.ts';
import type { Workspace } from './workspace.ts';

type Kind<Name extends SessionStatement['kind']> = Extract<SessionStatement, { kind: Name }>;

/** DECLARE runs the query whole, as the leader node does; FETCH hands out its rows. One cursor at a time, inside BEGIN … END. */
export async function runDeclareCursor(
  workspace: Workspace,
  statement: Kind<'declareCursor'>,
): Promise<StatementResult> {
  const { transaction } = workspace;
  if (!transaction.isBlock) throw new RedshiftError('25P01', 'DECLARE CURSOR may only be used in transaction blocks');
  if (transaction.cursor)
    throw new RedshiftError('42P03', `cursor "${transaction.cursor.name}" is open: only one cursor at a time`);
  const bound = workspace.bind(statement.query);
  const rows = await workspace.rows(textQuery(bound, workspace.settings));
  transaction.cursor = {
    name: statement.name,
    columns: resultColumns(bound.columns, workspace.settings),
    rows,
    fetched: 0,
  };
  return done('DECLARE CURSOR');
}

export async function runFetchCursor(workspace: Workspace, statement: Kind<'fetchCursor'>): Promise<StatementResult> {
  const cursor = requireCursor(workspace, statement.name);
  const rows = cursor.rows.slice(cursor.fetched, cursor.fetched + (statement.count ?? cursor.rows.length));
  cursor.fetched += rows.length;
  return { tag: `FETCH ${rows.length}`, columns: cursor.columns, rows, rowCount: rows.length };
}

export async function runCloseCursor(workspace: Workspace, statement: Kind<'closeCursor'>): Promise<StatementResult> {
  requireCursor(workspace, statement.name);
  workspace.transaction.cursor = undefined;
  return done('CLOSE CURSOR');
}

function requireCursor(workspace: Workspace, name: string): OpenCursor {
  const { cursor } = workspace.transaction;
  if (cursor?.name === name) return cursor;
  throw new RedshiftError('34000', `cursor "${name}" does not exist`);
}
