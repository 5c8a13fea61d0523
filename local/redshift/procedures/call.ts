import { implicitDistance } from '../binder/casts.ts';
import { typeName } from '../binder/types.ts';
import type { Procedure, SqlFunction } from '../catalog/model.ts';
import { functionKey } from '../engine/function-key.ts';
import { denied } from '../engine/privileges.ts';
import { resultName } from '../engine/results.ts';
import type { Tools } from '../engine/runners.ts';
import type { Workspace } from '../engine/workspace.ts';
import { Cursor } from '../statements/cursor.ts';
import type { RoutineStatement } from '../statements/routine-statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type RedshiftType, type ResultColumn, type StatementResult } from '../types.ts';
import { converted, type Execution, evaluate } from './execution.ts';
import { proceduresNamed } from './find.ts';
import { assign, type Call, runBlock, settle } from './interpreter.ts';
import { parseBody } from './parse.ts';
import type { Step } from './syntax.ts';
import { type Value, type Variable, Variables } from './variables.ts';

const MAXIMUM_DEPTH = 16;

/** CALL as a statement of its own. */
export async function runCall(
  workspace: Workspace,
  statement: RoutineStatement & { kind: 'call' },
  tools: Tools,
): Promise<StatementResult> {
  if (!workspace.settings.get('datestyle')?.startsWith('ISO'))
    throw new RedshiftError('0A000', 'the box runs procedures in DateStyle ISO only');
  const execution: Execution = { workspace, tools, notices: [], depth: 1 };
  const given: Value[] = [];
  const parameters = clientParameters(workspace);
  for (const argument of statement.arguments) given.push(await evaluate(execution, parameters, argument));
  const fn = choose(workspace, statement.name, given);
  const outputs = await invoke(execution, fn, given).catch((error) => {
    workspace.cluster.procedureMessages.markAborted(workspace.queryId);
    throw error;
  });
  const { notices } = execution;
  if (outputs.length === 0) return { tag: 'CALL', rowCount: 0, notices };
  const columns = outputs.map(({ name, value }) => ({ name: resultName(name, workspace.settings), type: value.type }));
  return { tag: 'CALL', columns, rows: [outputs.map(({ value }) => value.text)], rowCount: 1, notices };
}

/** `$1` and so on, where a client prepared the CALL. */
function clientParameters(workspace: Workspace): Variables {
  const variables = new Variables();
  for (const [i, text] of workspace.parameters.entries()) {
    const value: Value = { type: { kind: 'varchar' }, text };
    variables.declare({ kind: 'scalar', name: `$${i + 1}`, value, isConstant: true, isNotNull: false });
  }
  return variables;
}

/** What CALL answers, found without running it; undefined where nothing comes out. */
export function columnsOfCall(
  workspace: Workspace,
  statement: RoutineStatement & { kind: 'call' },
): readonly ResultColumn[] | undefined {
  const fn = proceduresNamed(workspace, statement.name).find(
    ({ argumentTypes }) => argumentTypes.length === statement.arguments.length,
  );
  const outputs = fn?.procedure?.arguments.filter(({ mode }) => mode !== 'in') ?? [];
  if (outputs.length === 0) return undefined;
  return outputs.map(({ type, ...argument }, i) => ({
    name: resultName(outputName(argument, i), workspace.settings),
    type,
  }));
}

/** The manual's results call an OUT argument by its place, an INOUT one by its name. */
const outputName = ({ mode, name }: Pick<Procedure['arguments'][number], 'mode' | 'name'>, index: number): string =>
  mode === 'inout' && name !== undefined ? name : `column${index + 1}`;

/** CALL inside a procedure: variables given for INOUT arguments get what comes out. */
export async function runCallStep(call: Call, step: Step & { kind: 'call' }): Promise<void> {
  const cursor = new Cursor(step.name);
  const given: Value[] = [];
  for (const argument of step.arguments) given.push(await evaluate(call, call.variables, argument));
  const fn = choose(call.workspace, cursor.qualifiedName(), given);
  const procedure = fn.procedure as Procedure;
  if (procedure.arguments.some(({ mode }) => mode === 'out'))
    throw new RedshiftError('0A000', 'a procedure with OUT arguments cannot be called from another one; use INOUT');
  if (procedure.nonatomic !== call.isNonatomic)
    throw new RedshiftError('0A000', 'procedures that call each other must be created in the same transaction mode');
  const outputs = await invoke({ ...call, depth: call.depth + 1 }, fn, given);
  const targets = procedure.arguments.flatMap(({ mode }, i) =>
    mode === 'inout' ? [step.arguments[i]?.text ?? ''] : [],
  );
  for (const [i, target] of targets.entries()) {
    const path = new Cursor(target).qualifiedName().map(({ name }) => name.toLowerCase());
    await assign(call, path, (outputs[i] as Output).value);
  }
  await settle(call);
}

function choose(workspace: Workspace, names: readonly Identifier[], given: readonly Value[]): SqlFunction {
  let best: { fn: SqlFunction; distance: number } | undefined;
  for (const fn of proceduresNamed(workspace, names)) {
    if (fn.argumentTypes.length !== given.length) continue;
    const distances = given.map(({ type, text }, i) =>
      text === null || isLoose(type) ? 0 : implicitDistance(type, fn.argumentTypes[i] as RedshiftType),
    );
    if (distances.some((distance) => distance === undefined)) continue;
    const distance = (distances as number[]).reduce((sum, one) => sum + one, 0);
    if (!best || distance < best.distance) best = { fn, distance };
  }
  if (best) return best.fn;
  const name = names.map((part) => workspace.fold(part)).join('.');
  throw new RedshiftError(
    '42883',
    `procedure ${name}(${given.map(({ type }) => typeName(type)).join(', ')}) does not exist`,
    {
      hint: 'No procedure matches the given name and argument types. You may need to add explicit type casts.',
    },
  );
}

/** A constant text is whatever an argument takes. */
const isLoose = (type: RedshiftType): boolean => type.kind === 'varchar';

interface Output {
  readonly name: string;
  readonly value: Value;
}

async function invoke(execution: Execution, fn: SqlFunction, given: readonly Value[]): Promise<Output[]> {
  const { workspace, depth } = execution;
  requireExecute(workspace, fn);
  if (depth > MAXIMUM_DEPTH)
    throw new RedshiftError('54001', `stored procedure nesting depth exceeds the limit of ${MAXIMUM_DEPTH}`);
  const procedure = fn.procedure as Procedure;
  const variables = new Variables();
  const call: Call = {
    ...execution,
    variables,
    isNonatomic: procedure.nonatomic,
    isInTransaction: false,
    rowCount: 0,
  };
  const outputs = await declareArguments(call, procedure, given);
  await underSettings(workspace, fn, () => runBlock(call, parseBody(fn.body)));
  return outputs.map(({ name, variable }) => ({ name, value: variables.valueOf(variable, []) }));
}

function requireExecute(workspace: Workspace, fn: SqlFunction): void {
  const { rights } = workspace;
  if (rights.isOwner(fn.owner) || rights.mayUse('procedure', [`${fn.schema}.${functionKey(fn)}`], 'execute')) return;
  throw denied('procedure', fn.name);
}

/** Arguments are variables under their names and their numbers. */
async function declareArguments(
  call: Call,
  procedure: Procedure,
  given: readonly Value[],
): Promise<{ name: string; variable: Variable }[]> {
  const { variables } = call;
  const found: Value = { type: { kind: 'bool' }, text: 'f' };
  variables.declare({ kind: 'scalar', name: 'found', value: found, isConstant: false, isNotNull: false });
  const outputs: { name: string; variable: Variable }[] = [];
  let inputs = 0;
  for (const [i, { name, mode, type, isCursor }] of procedure.arguments.entries()) {
    const value: Value = mode === 'out' ? { type, text: null } : (given[inputs++] as Value);
    const own = name ?? `$${i + 1}`;
    const variable: Variable = isCursor
      ? { kind: 'cursor', name: own, portal: value.text, parameters: [] }
      : { kind: 'scalar', name: own, value: await converted(call, value, type), isConstant: false, isNotNull: false };
    if (name !== undefined) variables.declare(variable, name);
    variables.declare(variable, `$${i + 1}`);
    if (mode !== 'in') outputs.push({ name: outputName({ mode, name }, outputs.length), variable });
  }
  return outputs;
}

/** SECURITY DEFINER runs as the procedure's owner; SET holds while it runs. */
async function underSettings(workspace: Workspace, fn: SqlFunction, work: () => Promise<unknown>): Promise<void> {
  const { settings } = workspace;
  const procedure = fn.procedure as Procedure;
  const changes = [
    ...procedure.settings,
    ...(procedure.definer ? [{ name: 'session_authorization', value: fn.owner }] : []),
  ];
  const before = changes.map(({ name }) => ({ name, value: settings.get(name) ?? null }));
  const wasUnderSettings = workspace.isUnderProcedureSettings;
  for (const { name, value } of changes) settings.set(name, value, { local: false });
  workspace.isUnderProcedureSettings ||= procedure.settings.length > 0;
  try {
    await work();
  } finally {
    workspace.isUnderProcedureSettings = wasUnderSettings;
    for (const { name, value } of before) settings.set(name, value, { local: false });
  }
}
