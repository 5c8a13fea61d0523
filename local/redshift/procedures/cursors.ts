import type { OpenCursor } from '../engine/transaction.ts';
import type { Fragment } from '../statements/fragments.ts';
import { RedshiftError } from '../types.ts';
import { converted, evaluate } from './execution.ts';
import { assignRow, type Call, setFound } from './interpreter.ts';
import { rowsOf } from './loops.ts';
import type { Step } from './syntax.ts';

/** OPEN: the transaction's one cursor, which the caller may go on fetching from. */
export async function runOpen(call: Call, step: Step & { kind: 'open' }): Promise<void> {
  const { transaction } = call.workspace;
  const variable = call.variables.cursor(step.cursor);
  if (transaction.cursor)
    throw new RedshiftError('42P03', `cursor "${transaction.cursor.name}" is open: only one cursor at a time`);
  const query = variable.query ?? step.query;
  if (!query && !step.command) throw new RedshiftError('42601', `cursor "${step.cursor}" has no query`);
  if (variable.query && (step.query || step.command))
    throw new RedshiftError('42601', `cursor "${step.cursor}" is bound to a query already`);
  call.variables.enter();
  try {
    await bindParameters(call, variable.parameters, step.arguments);
    const { columns, rows } = await rowsOf(call, query ? { query } : { command: step.command });
    variable.portal ??= step.cursor;
    transaction.cursor = { name: variable.portal, columns, rows, fetched: 0 };
  } finally {
    call.variables.leave();
  }
}

async function bindParameters(
  call: Call,
  parameters: readonly { name: string; type: OpenCursor['columns'][number]['type'] }[],
  given: readonly Fragment[],
): Promise<void> {
  if (parameters.length !== given.length)
    throw new RedshiftError('42601', `the cursor takes ${parameters.length} arguments, and ${given.length} are given`);
  for (const [i, { name, type }] of parameters.entries()) {
    const value = await converted(call, await evaluate(call, call.variables, given[i] as Fragment), type);
    call.variables.declare({ kind: 'scalar', name, value, isConstant: true, isNotNull: false });
  }
}

export async function runFetch(call: Call, step: Step & { kind: 'fetch' }): Promise<void> {
  const cursor = requireOpen(call, step.cursor);
  const rows = cursor.rows.slice(cursor.fetched, cursor.fetched + 1);
  cursor.fetched += rows.length;
  setFound(call, rows.length > 0);
  await assignRow(call, step.into, { columns: cursor.columns, rows });
}

export async function runClose(call: Call, name: string): Promise<void> {
  requireOpen(call, name);
  call.workspace.transaction.cursor = undefined;
}

function requireOpen(call: Call, name: string): OpenCursor {
  const { cursor } = call.workspace.transaction;
  const { portal } = call.variables.cursor(name);
  if (cursor && cursor.name === portal) return cursor;
  throw new RedshiftError('34000', `cursor "${portal ?? name}" does not exist`);
}
