import { formatType } from '../binder/types.ts';
import { relationKey, type SqlFunction } from '../catalog/model.ts';
import { signatureOf } from '../catalog/state.ts';
import { functionKey } from '../engine/function-key.ts';
import { settingValue } from '../engine/known-settings.ts';
import { grantsOfNewRoutine } from '../engine/privileges.ts';
import { done } from '../engine/results.ts';
import { shownName } from '../engine/shown-name.ts';
import { noUser } from '../engine/unknown-names.ts';
import type { Workspace } from '../engine/workspace.ts';
import type { RoutineStatement } from '../statements/routine-statement.ts';
import { RedshiftError, type RedshiftType, type StatementResult } from '../types.ts';
import { requireProcedure } from './find.ts';
import { parseBody } from './parse.ts';

type Kind<Name extends RoutineStatement['kind']> = Extract<RoutineStatement, { kind: Name }>;

const MAXIMUM_ARGUMENTS = 32;

/** The body is read now, so that mistakes in its shape are found here. */
export async function runCreateProcedure(
  workspace: Workspace,
  create: Kind<'createProcedure'>,
): Promise<StatementResult> {
  const place = workspace.target(create.name);
  const { nonatomic, definer, settings, body } = create;
  if (nonatomic && (definer || settings.length > 0))
    throw new RedshiftError('0A000', 'NONATOMIC procedures take neither SECURITY DEFINER nor SET');
  for (const { name, value } of settings) settingValue(name, value);
  const inputs = create.arguments.filter(({ mode }) => mode !== 'out');
  const outputs = create.arguments.filter(({ mode }) => mode !== 'in');
  if (inputs.length > MAXIMUM_ARGUMENTS || outputs.length > MAXIMUM_ARGUMENTS)
    throw new RedshiftError('54023', `procedures take at most ${MAXIMUM_ARGUMENTS} input and output arguments`);
  parseBody(body);
  const others = workspace.transaction.catalog.functions.get(relationKey(place.schema, place.name)) ?? [];
  const fn: SqlFunction = {
    ...place,
    argumentTypes: inputs.map(({ type }) => type),
    returnType: { kind: 'varchar' },
    body,
    volatility: 'volatile',
    owner: workspace.user,
    procedure: { arguments: create.arguments, nonatomic, definer, settings },
  };
  const present = others.find((other) => signatureOf(other) === signatureOf(fn));
  if (present) requireReplaceable(workspace, create, present, fn);
  await workspace.transaction.change({ kind: 'putFunction', function: { ...fn, owner: present?.owner ?? fn.owner } });
  const routine = { kind: 'procedure', schema: fn.schema, objectName: functionKey(fn), owner: fn.owner } as const;
  const grants = present ? [] : grantsOfNewRoutine(routine, workspace.transaction.catalog.grants);
  if (grants.length > 0) await workspace.transaction.change({ kind: 'addGrants', grants });
  return done('CREATE PROCEDURE');
}

function requireReplaceable(
  workspace: Workspace,
  create: Kind<'createProcedure'>,
  present: SqlFunction,
  fn: SqlFunction,
): void {
  if (!create.replace || !present.procedure)
    throw new RedshiftError('42723', `procedure "${fn.name}" already exists with same argument types`);
  if (!workspace.rights.isOwner(present.owner))
    throw new RedshiftError('42501', `must be owner of procedure ${fn.name}`);
  const outputs = ({ procedure }: SqlFunction): string =>
    (procedure?.arguments ?? []).flatMap(({ mode, type }) => (mode === 'in' ? [] : [formatType(type)])).join();
  if (outputs(present) !== outputs(fn))
    throw new RedshiftError('42P13', 'cannot change return type of existing procedure', {
      hint: 'Use DROP PROCEDURE first.',
    });
}

function requireOwn(workspace: Workspace, fn: SqlFunction): void {
  if (!workspace.rights.isOwner(fn.owner)) throw new RedshiftError('42501', `must be owner of procedure ${fn.name}`);
}

export async function runDropProcedure(workspace: Workspace, drop: Kind<'dropProcedure'>): Promise<StatementResult> {
  const fn = requireProcedure(workspace, drop.name, drop.types);
  if (!workspace.rights.holdsSystem('drop procedure')) requireOwn(workspace, fn);
  await remove(workspace, fn);
  return done('DROP PROCEDURE');
}

async function remove(workspace: Workspace, fn: SqlFunction): Promise<void> {
  const key = functionKey(fn);
  const grants = workspace.transaction.catalog.grants.filter(
    (grant) => grant.objectKind === 'procedure' && grant.schema === fn.schema && grant.objectName === key,
  );
  if (grants.length > 0) await workspace.transaction.change({ kind: 'removeGrants', grants });
  const signature = signatureOf(fn);
  await workspace.transaction.change({ kind: 'dropFunction', schema: fn.schema, name: fn.name, signature });
}

export async function runAlterProcedure(workspace: Workspace, alter: Kind<'alterProcedure'>): Promise<StatementResult> {
  const fn = requireProcedure(workspace, alter.name, alter.types);
  requireOwn(workspace, fn);
  const owner = alter.owner === undefined ? fn.owner : ownerNamed(workspace, alter.owner);
  const name = alter.rename === undefined ? fn.name : workspace.fold(alter.rename);
  const key = functionKey(fn);
  const held = workspace.transaction.catalog.grants.filter(
    (grant) => grant.objectKind === 'procedure' && grant.schema === fn.schema && grant.objectName === key,
  );
  await remove(workspace, fn);
  const changed = { ...fn, name, owner };
  await workspace.transaction.change({ kind: 'putFunction', function: changed });
  const grants = held.map((grant) => ({ ...grant, objectName: functionKey(changed) }));
  if (grants.length > 0) await workspace.transaction.change({ kind: 'addGrants', grants });
  return done('ALTER PROCEDURE');
}

function ownerNamed(workspace: Workspace, owner: NonNullable<Kind<'alterProcedure'>['owner']>): string {
  const name = workspace.fold(owner);
  if (name === 'current_user' || name === 'session_user') return workspace.user;
  if (!workspace.isPrincipal('user', name)) throw noUser(name);
  return name;
}

/** CREATE PROCEDURE as it would make the procedure again. */
export function procedureDefinition(fn: SqlFunction): string {
  const list = (fn.procedure?.arguments ?? []).map(({ name, mode, type, isCursor }) =>
    [mode === 'in' ? '' : mode.toUpperCase(), name === undefined ? '' : shownName(name), shownType(type, isCursor)]
      .filter((part) => part !== '')
      .join(' '),
  );
  const manner = [
    fn.procedure?.nonatomic ? 'NONATOMIC' : '',
    fn.procedure?.definer ? 'SECURITY DEFINER' : '',
    ...(fn.procedure?.settings ?? []).map(({ name, value }) => `SET ${name} TO ${value}`),
  ].filter((part) => part !== '');
  const head = `CREATE OR REPLACE PROCEDURE ${shownName(fn.schema)}.${shownName(fn.name)}(${list.join(', ')})`;
  return `${[head, 'LANGUAGE plpgsql', ...manner].join('\n')}\nAS $_$${fn.body}$_$\n`;
}

/** Arguments are shown without their lengths. */
const shownType = (type: RedshiftType, isCursor?: boolean): string =>
  isCursor ? 'refcursor' : formatType({ kind: type.kind }).replace(/\(.*\)$/, '');
