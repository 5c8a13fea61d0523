import type { BoundQuery } from '../binder/context.ts';
import { formatType } from '../binder/types.ts';
import { requirePrivileges } from '../engine/privileges-of-statements.ts';
import { textQuery } from '../engine/results.ts';
import { RUNNERS, runsOutsideTransaction, type Tools } from '../engine/runners.ts';
import type { Workspace } from '../engine/workspace.ts';
import type { Fragment } from '../statements/fragments.ts';
import { parseQueryText, parseStatements } from '../statements/parse.ts';
import type { Statement } from '../statements/statement.ts';
import type { Expression, Query, Select } from '../statements/syntax.ts';
import { type Notice, RedshiftError, type RedshiftType, type ResultColumn, type StatementResult } from '../types.ts';
import { immediateAnswer } from './immediate.ts';
import { literal, type Value, type Variables } from './variables.ts';

export interface Rows {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What the whole tree of calls shares: where it runs, and what it told the client. */
export interface Execution {
  readonly workspace: Workspace;
  readonly tools: Tools;
  readonly notices: Notice[];
  readonly depth: number;
}

const TEXT: RedshiftType = { kind: 'varchar' };

/** An expression's value. What stands behind SELECT may have a FROM, as PL/pgSQL's expressions may. */
export async function evaluate(execution: Execution, variables: Variables, { text }: Fragment): Promise<Value> {
  const simple = simpleValue(variables, text);
  if (simple) return simple;
  const { columns, rows } = await select(execution, variables.substitute(parseQueryText(`SELECT ${text}`)));
  if (columns.length !== 1)
    throw new RedshiftError('42601', `query "SELECT ${text}" returned ${columns.length} columns`);
  return { type: (columns[0] as ResultColumn).type, text: rows[0]?.[0] ?? null };
}

/** Names and whole numbers need no query. */
function simpleValue(variables: Variables, text: string): Value | undefined {
  if (/^\d{1,9}$/.test(text)) return { type: { kind: 'int4' }, text: String(Number(text)) };
  if (!/^[a-z_]\w*$/i.test(text)) return undefined;
  const variable = variables.find(text.toLowerCase());
  return variable && variable.kind !== 'record' ? variables.valueOf(variable, []) : undefined;
}

export async function isTrue(execution: Execution, variables: Variables, condition: Fragment): Promise<boolean> {
  const { type, text } = await evaluate(execution, variables, condition);
  if (type.kind === 'bool' || text === null) return text === 't';
  return (await converted(execution, { type, text }, { kind: 'bool' })).text === 't';
}

/** A value in another type; a text that is too long for it is an error, as it is on its way into a column. */
export async function converted(execution: Execution, value: Value, type: RedshiftType): Promise<Value> {
  if (value.text === null || JSON.stringify(value.type) === JSON.stringify(type)) return { type, text: value.text };
  const isText = type.kind === 'varchar' || type.kind === 'char';
  const operand = literal(value, 0);
  const item: Expression = { kind: 'cast', operand, type: isText ? TEXT : type, lax: false, position: 0 };
  const { rows } = await select(execution, selectOf(item));
  const text = rows[0]?.[0] ?? null;
  if (isText && text !== null && type.length !== undefined && Buffer.byteLength(text) > type.length)
    throw new RedshiftError('22001', `value too long for type ${formatType(type)}`);
  return { type, text };
}

const selectOf = (expression: Expression): Query => {
  const body: Select = { kind: 'select', position: 0, distinct: false, items: [{ expression }], from: [] };
  return { kind: 'query', position: 0, recursive: false, with: [], body, orderBy: [] };
};

export async function select({ workspace }: Execution, query: Query): Promise<Rows> {
  workspace.parameters = [];
  const bound = workspace.bind(query);
  const rows = await rowsOf(workspace, query, bound);
  return { columns: bound.columns.map(({ name, type }) => ({ name, type })), rows };
}

async function rowsOf(workspace: Workspace, query: Query, bound: BoundQuery): Promise<Rows['rows']> {
  const answer = immediateAnswer(workspace, query);
  if (!answer) return workspace.rows(textQuery(bound, workspace.settings));
  // As with a query: from here on the transaction sees what is there now.
  await workspace.transaction.start();
  return [[answer.text]];
}

/** Runs one statement of SQL, the variables in it being constants. */
export async function runSql(
  execution: Execution,
  variables: Variables | undefined,
  sql: string,
): Promise<{ statement: Statement; result: StatementResult }> {
  const [parsed, ...others] = parseStatements(sql);
  if (!parsed || others.length > 0) throw new RedshiftError('42601', `"${sql}" is not one statement`);
  const statement = variables ? variables.substitute(parsed.statement) : parsed.statement;
  refuse(execution, statement);
  const { workspace, tools } = execution;
  workspace.parameters = [];
  requirePrivileges(workspace, statement);
  const runner = RUNNERS[statement.kind as 'select'] as (
    workspace: Workspace,
    statement: Statement,
    tools: Tools,
  ) => Promise<StatementResult>;
  const result = await runner(workspace, statement, { ...tools, text: '', receiver: undefined });
  execution.notices.push(...(result.notices ?? []));
  if (statement.kind === 'truncate') await renew(execution);
  return { statement, result };
}

/** Commits what was done and goes on in a new transaction. */
export async function renew({ workspace }: Execution, end: 'commit' | 'rollback' = 'commit'): Promise<void> {
  await workspace.transaction[end]();
  workspace.transaction.begin();
}

const ENDS = ['begin', 'commit', 'rollback'];

function refuse({ workspace }: Execution, statement: Statement): void {
  if (ENDS.includes(statement.kind))
    throw new RedshiftError('0A000', `${statement.kind.toUpperCase()} is not supported in dynamic SQL`);
  const isLocal = statement.kind === 'set' && statement.local;
  const isAppend = statement.kind === 'alterTable' && statement.action.kind === 'append';
  if (statement.kind === 'prepare' || isLocal || isAppend || runsOutsideTransaction(statement))
    throw new RedshiftError('0A000', `${statement.kind.toUpperCase()} is not supported in a stored procedure`);
  if (statement.kind === 'truncate') requireOwnTransaction(workspace, 'TRUNCATE');
}

/** In a transaction block of the caller's, or under SET, a procedure cannot end the transaction. */
export function requireOwnTransaction(workspace: Workspace, what: string): void {
  if (!workspace.transaction.isBlock && !workspace.isUnderProcedureSettings) return;
  throw new RedshiftError(
    '0A000',
    `${what} cannot be invoked from a procedure that is executing in an atomic context.`,
    {
      hint: 'Try calling the procedure as a top-level call i.e. not from within an explicit transaction block. Or, if this procedure (or one of its ancestors in the call chain) was created with SET config options, recreate the procedure without them.',
    },
  );
}
