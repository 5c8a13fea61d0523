import { toRedshiftError } from '../engine/errors.ts';
import type { Fragment } from '../statements/fragments.ts';
import { RedshiftError } from '../types.ts';
import { runCallStep } from './call.ts';
import { runClose, runFetch, runOpen } from './cursors.ts';
import { converted, type Execution, evaluate, isTrue, renew, requireOwnTransaction, runSql } from './execution.ts';
import { takeInto } from './fragments.ts';
import { runLoop } from './loops.ts';
import { raise } from './raise.ts';
import type { Block, Declaration, Step, Target } from './syntax.ts';
import type { Value, Variable, Variables } from './variables.ts';

/** Why a list of statements ended before its last one. */
export type Jump = { readonly kind: 'exit' | 'continue'; readonly label?: string } | { readonly kind: 'return' };

/** One call of a procedure while it runs. */
export interface Call extends Execution {
  readonly variables: Variables;
  readonly isNonatomic: boolean;
  /** START TRANSACTION inside a NONATOMIC procedure. */
  isInTransaction: boolean;
  rowCount: number;
  /** What an exception block handles. */
  handled?: RedshiftError;
}

export async function runSteps(call: Call, steps: readonly Step[]): Promise<Jump | undefined> {
  for (const step of steps) {
    const jump = await runStep(call, step);
    if (jump) return jump;
  }
  return undefined;
}

async function runStep(call: Call, step: Step): Promise<Jump | undefined> {
  switch (step.kind) {
    case 'block':
      return runBlock(call, step);
    case 'loop':
      return runLoop(call, step);
    case 'if':
      for (const { condition, body } of step.branches)
        if (await isTrue(call, call.variables, condition)) return runSteps(call, body);
      return runSteps(call, step.otherwise);
    case 'case':
      return runCase(call, step);
    case 'exit':
    case 'continue':
      if (step.condition && !(await isTrue(call, call.variables, step.condition))) return undefined;
      return { kind: step.kind, label: step.label };
    case 'return':
      return { kind: 'return' };
    default:
      await runAction(call, step);
      return undefined;
  }
}

/** A block's variables, statements and, where one of them fails, its exception handler. */
export async function runBlock(call: Call, block: Block): Promise<Jump | undefined> {
  call.variables.enter(block.label);
  try {
    for (const declaration of block.declarations) await declare(call, declaration);
    const jump = await handled(call, block);
    return jump?.kind === 'exit' && jump.label !== undefined && jump.label === block.label ? undefined : jump;
  } finally {
    call.variables.leave();
  }
}

/** The work before an error is undone, but for what a NONATOMIC procedure has committed; there the error ends here. */
async function handled(call: Call, block: Block): Promise<Jump | undefined> {
  try {
    return await runSteps(call, block.body);
  } catch (error) {
    const seen = toRedshiftError(error);
    if (!block.handler || seen.sqlState === '57014') throw seen;
    await renew(call, 'rollback');
    const before = call.handled;
    call.handled = seen;
    setText(call, 'sqlerrm', seen.message);
    setText(call, 'sqlstate', seen.sqlState);
    const jump = await runSteps(call, block.handler);
    call.handled = before;
    await renew(call);
    if (!call.isNonatomic) throw seen;
    return jump;
  }
}

function setText(call: Call, name: string, text: string): void {
  const value: Value = { type: { kind: 'varchar' }, text };
  call.variables.declare({ kind: 'scalar', name, value, isConstant: true, isNotNull: false });
}

async function declare(call: Call, declaration: Declaration): Promise<void> {
  const { name, kind, type, isConstant, isNotNull, initial } = declaration;
  const { variables } = call;
  if (kind === 'alias') return variables.declare(variables.require([`$${declaration.argument}`]), name);
  if (kind === 'record') return variables.declare({ kind, name });
  if (kind === 'cursor')
    return variables.declare({
      kind,
      name,
      portal: null,
      query: declaration.query,
      parameters: declaration.parameters ?? [],
    });
  const given = initial ? await evaluate(call, variables, initial) : { type, text: null };
  const value = await converted(call, given, type);
  if (isNotNull && value.text === null)
    throw new RedshiftError('22004', `variable "${name}" declared NOT NULL cannot default to NULL`);
  variables.declare({ kind: 'scalar', name, value, isConstant, isNotNull });
}

async function runCase(call: Call, step: Step & { kind: 'case' }): Promise<Jump | undefined> {
  const { operand, branches, otherwise } = step;
  for (const { whens, body } of branches)
    for (const when of whens) {
      const text = operand ? `(${operand.text}) = (${when.text})` : when.text;
      if (await isTrue(call, call.variables, { ...when, text })) return runSteps(call, body);
    }
  if (otherwise) return runSteps(call, otherwise);
  throw new RedshiftError('20000', 'case not found', { hint: 'CASE statement is missing ELSE part.' });
}

type Action = Exclude<Step, { kind: 'block' | 'loop' | 'if' | 'case' | 'exit' | 'continue' | 'return' }>;

async function runAction(call: Call, step: Action): Promise<void> {
  switch (step.kind) {
    case 'assign':
      return assign(call, step.target, await evaluate(call, call.variables, step.value));
    case 'raise':
      return raise(call, step);
    case 'raiseAgain':
      throw (
        call.handled ??
        new RedshiftError('0Z002', 'RAISE without parameters cannot be used outside an exception handler')
      );
    case 'execute':
      return runDynamic(call, step);
    case 'sql':
      return runStatement(call, step.sql);
    case 'perform':
      return runStatement(call, step.sql, true);
    case 'call':
      return runCallStep(call, step);
    case 'open':
      return runOpen(call, step);
    case 'fetch':
      return runFetch(call, step);
    case 'close':
      return runClose(call, step.cursor);
    case 'rowCount':
      return assign(call, step.target, { type: { kind: 'int8' }, text: String(call.rowCount) });
    case 'nothing':
      return undefined;
    default:
      return runTransactionStep(call, step.kind);
  }
}

async function runTransactionStep(call: Call, kind: 'commit' | 'rollback' | 'start'): Promise<void> {
  if (kind === 'start') {
    if (!call.isNonatomic)
      throw new RedshiftError('0A000', 'START TRANSACTION is supported in NONATOMIC procedures only');
    call.isInTransaction = true;
    return;
  }
  requireOwnTransaction(call.workspace, kind.toUpperCase());
  await renew(call, kind);
  call.isInTransaction = false;
}

/** A statement of SQL; what it finds goes to its INTO. */
async function runStatement(call: Call, sql: Fragment, isForgotten = false): Promise<void> {
  const { sql: plain, into } = takeInto(sql, (name) => call.variables.find(name) !== undefined);
  const { statement, result } = await runSql(call, call.variables, plain.text);
  const isQuery = statement.kind === 'select' && result.columns !== undefined;
  if (isQuery && into.length === 0 && !isForgotten)
    throw new RedshiftError('42601', 'query has no destination for result data', {
      hint: 'If you want to discard the results, use PERFORM instead.',
    });
  call.rowCount = result.rowCount;
  if (isQuery || ['insert', 'update', 'delete', 'merge'].includes(statement.kind)) setFound(call, result.rowCount > 0);
  if (into.length > 0) await assignRow(call, into, { columns: result.columns ?? [], rows: result.rows ?? [] });
  await settle(call);
}

async function runDynamic(call: Call, step: Step & { kind: 'execute' }): Promise<void> {
  const { text } = await evaluate(call, call.variables, step.command);
  if (text === null) throw new RedshiftError('22004', 'cannot EXECUTE a null querystring');
  const { result } = await runSql(call, undefined, text);
  call.rowCount = result.rowCount;
  if (step.into.length > 0)
    await assignRow(call, step.into, { columns: result.columns ?? [], rows: result.rows ?? [] });
  await settle(call);
}

/** In a NONATOMIC procedure every statement commits, but in a transaction that somebody opened. */
export async function settle(call: Call): Promise<void> {
  if (call.isNonatomic && !call.isInTransaction && !call.workspace.transaction.isBlock) await renew(call);
}

export function setFound(call: Call, found: boolean): void {
  const variable = call.variables.find('found');
  if (variable?.kind === 'scalar') variable.value = { type: { kind: 'bool' }, text: found ? 't' : 'f' };
}

/** The first row of a result goes to a record, or to as many variables as it has columns; without rows they are NULL. */
export async function assignRow(
  call: Call,
  into: readonly Target[],
  { columns, rows }: Pick<import('./execution.ts').Rows, 'columns' | 'rows'>,
): Promise<void> {
  const values = columns.map(({ type }, i): Value => ({ type, text: rows[0]?.[i] ?? null }));
  const record = into.length === 1 ? call.variables.require(into[0] as Target) : undefined;
  if (record?.kind === 'record' && into[0]?.length === 1) {
    record.fields = new Map(columns.map(({ name }, i) => [name, values[i] as Value]));
    return;
  }
  if (into.length !== values.length)
    throw new RedshiftError(
      '42601',
      `the query gives ${values.length} columns, and ${into.length} variables are to take them`,
    );
  for (const [i, target] of into.entries()) await assign(call, target, values[i] as Value);
}

export async function assign(call: Call, target: Target, value: Value): Promise<void> {
  const found = call.variables.resolve(target);
  if (!found) throw new RedshiftError('42601', `"${target.join('.')}" is not a known variable`);
  const { variable, length } = found;
  if (variable.kind === 'scalar') return assignScalar(call, variable, value);
  if (variable.kind === 'cursor') {
    variable.portal = value.text;
    return;
  }
  const field = target[length];
  if (field === undefined || !variable.fields)
    throw new RedshiftError('55000', `record "${variable.name}" is not assigned yet`);
  const before = variable.fields.get(field);
  if (!before) throw new RedshiftError('42703', `record "${variable.name}" has no field "${field}"`);
  variable.fields.set(field, await converted(call, value, before.type));
}

async function assignScalar(call: Call, variable: Variable & { kind: 'scalar' }, value: Value): Promise<void> {
  if (variable.isConstant) throw new RedshiftError('22005', `"${variable.name}" is declared CONSTANT`);
  if (variable.isNotNull && value.text === null)
    throw new RedshiftError('22004', `null value cannot be assigned to variable "${variable.name}" declared NOT NULL`);
  variable.value = await converted(call, value, variable.value.type);
}
