import { requireBody } from '../binder/function-body.ts';
import { typeName } from '../binder/types.ts';
import { relationKey } from '../catalog/model.ts';
import { isOfSchema, signatureOf } from '../catalog/state.ts';
import type { Definition } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { functionKey } from './function-key.ts';
import { requireColumn } from './insertion.ts';
import { grantsOfNewRoutine } from './privileges.ts';
import { done } from './results.ts';
import type { Workspace } from './workspace.ts';

export async function runCreateSchema(
  workspace: Workspace,
  create: Definition & { kind: 'createSchema' },
): Promise<StatementResult> {
  const name = workspace.fold((create.name ?? create.owner) as Identifier);
  if (workspace.transaction.catalog.schemas.has(name)) {
    if (create.ifNotExists) return done('CREATE SCHEMA');
    throw new RedshiftError('42P06', `schema "${name}" already exists`);
  }
  if (name.startsWith('pg_')) throw new RedshiftError('42939', `unacceptable schema name "${name}"`);
  await workspace.transaction.change({
    kind: 'putSchema',
    schema: { name, owner: create.owner ? workspace.fold(create.owner) : workspace.user },
  });
  return done('CREATE SCHEMA');
}

export async function runAlterSchema(
  workspace: Workspace,
  alter: Definition & { kind: 'alterSchema' },
): Promise<StatementResult> {
  const name = workspace.fold(alter.name);
  workspace.requireSchema(name);
  const old = workspace.transaction.catalog.schemas.get(name);
  if (alter.owner)
    await workspace.transaction.change({ kind: 'putSchema', schema: { name, owner: workspace.fold(alter.owner) } });
  if (!alter.rename) return done('ALTER SCHEMA');
  const next = workspace.fold(alter.rename);
  if (workspace.transaction.catalog.schemas.has(next))
    throw new RedshiftError('42P06', `schema "${next}" already exists`);
  await workspace.transaction.change({
    kind: 'putSchema',
    schema: { name: next, owner: old?.owner ?? workspace.user },
  });
  for (const relation of workspace.transaction.catalog.relations.values()) {
    if (relation.schema === name)
      await workspace.transaction.change({ kind: 'putRelation', relation: { ...relation, schema: next } });
  }
  const grants = workspace.transaction.catalog.grants.filter((grant) => isOfSchema(grant, name));
  const moved = grants.map((grant) => ({
    ...grant,
    schema: next,
    objectName: grant.objectKind === 'schema' ? next : grant.objectName,
  }));
  await workspace.transaction.change({ kind: 'addGrants', grants: moved });
  await workspace.transaction.change({ kind: 'removeGrants', grants });
  await workspace.transaction.change({ kind: 'dropSchema', name });
  return done('ALTER SCHEMA');
}

/** TRUNCATE commits; the session does that when it sees the statement's kind. */
export async function runTruncate(
  workspace: Workspace,
  truncate: Definition & { kind: 'truncate' },
): Promise<StatementResult> {
  const relation = workspace.require(truncate.table);
  await workspace.change(`DELETE FROM ${workspace.physical(relation)}`);
  return done('TRUNCATE');
}

export async function runComment(
  workspace: Workspace,
  comment: Definition & { kind: 'comment' },
): Promise<StatementResult> {
  const text = comment.text ?? undefined;
  if (comment.on === 'table' || comment.on === 'view') {
    const relation = workspace.require(comment.name, ['table', 'view', 'late_binding_view', 'materialized_view']);
    if (!relation.temporary)
      await workspace.transaction.change({ kind: 'putRelation', relation: { ...relation, comment: text } });
  } else if (comment.on === 'column') {
    const relation = workspace.require(comment.name.slice(0, -1), [
      'table',
      'view',
      'late_binding_view',
      'materialized_view',
    ]);
    const column = requireColumn(relation, workspace.fold(comment.name.at(-1) as Identifier));
    const columns = relation.columns.map((other) => (other === column ? { ...other, comment: text } : other));
    if (!relation.temporary)
      await workspace.transaction.change({ kind: 'putRelation', relation: { ...relation, columns } });
  }
  return done('COMMENT');
}

/** A SQL function's body is bound once now, so that its mistakes are found here. */
export async function runCreateFunction(
  workspace: Workspace,
  create: Definition & { kind: 'createFunction' },
): Promise<StatementResult> {
  const place = workspace.target(create.name);
  const fn = {
    ...place,
    argumentTypes: create.types,
    returnType: create.returns,
    body: create.body,
    volatility: create.volatility,
    owner: workspace.user,
  };
  const others = workspace.transaction.catalog.functions.get(relationKey(place.schema, place.name)) ?? [];
  if (!create.replace && others.some((other) => signatureOf(other) === signatureOf(fn)))
    throw new RedshiftError('42723', `function "${place.name}" already exists with same argument types`);
  requireBody(create, workspace.environment());
  const isNew = !others.some((other) => signatureOf(other) === signatureOf(fn));
  await workspace.transaction.change({ kind: 'putFunction', function: fn });
  const routine = { kind: 'function', schema: fn.schema, objectName: functionKey(fn), owner: fn.owner } as const;
  const grants = isNew ? grantsOfNewRoutine(routine, workspace.transaction.catalog.grants) : [];
  if (grants.length > 0) await workspace.transaction.change({ kind: 'addGrants', grants });
  return done('CREATE FUNCTION');
}

export async function runDropFunction(
  workspace: Workspace,
  drop: Definition & { kind: 'dropFunction' },
): Promise<StatementResult> {
  const name = workspace.fold(drop.name.at(-1) as Identifier);
  const schemas =
    drop.name.length > 1
      ? [workspace.fold(drop.name.at(-2) as Identifier)]
      : workspace.settings.searchPath(workspace.user);
  const signature = signatureOf({ argumentTypes: drop.types });
  const schema = schemas.find((candidate) =>
    workspace.transaction.catalog.functions
      .get(relationKey(candidate, name))
      ?.some((fn) => signatureOf(fn) === signature),
  );
  if (schema === undefined) {
    if (drop.ifExists) return done('DROP FUNCTION');
    throw new RedshiftError(
      '42883',
      `function ${name}(${drop.types.map((type) => typeName(type)).join(', ')}) does not exist`,
    );
  }
  const key = functionKey({ name, argumentTypes: drop.types });
  const grants = workspace.transaction.catalog.grants.filter(
    (grant) => grant.objectKind === 'function' && grant.schema === schema && grant.objectName === key,
  );
  if (grants.length > 0) await workspace.transaction.change({ kind: 'removeGrants', grants });
  await workspace.transaction.change({ kind: 'dropFunction', schema, name, signature });
  return done('DROP FUNCTION');
}
