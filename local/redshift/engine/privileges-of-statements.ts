import { relationKey } from '../catalog/model.ts';
import type { CopyAuthorization } from '../statements/copy.ts';
import type { CreateTable, Definition, Merge, Statement, Update } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { denied, mustOwn, type RelationPrivilege } from './privileges.ts';
import { systemPermissionFor } from './system-permissions.ts';
import type { Workspace } from './workspace.ts';

type Names = readonly Identifier[];
type Guard<Kind extends Statement['kind']> = (
  workspace: Workspace,
  statement: Extract<Statement, { kind: Kind }>,
) => void;

/**
 * What a statement's user must hold before it runs. What queries read is looked at where the binder finds it; what is not there is left for
 * the statement itself to say. BEGIN and the like need nothing.
 */
const GUARDS: { readonly [Kind in Statement['kind']]?: Guard<Kind> } = {
  select: (workspace, { query }) => {
    const into = query.body.kind === 'select' ? query.body.into : undefined;
    if (into) requireCreate(workspace, into.name, into.temporary);
  },
  insert: (workspace, { table, columns }) => requireColumns(workspace, table, 'insert', columns),
  copy: (workspace, { table, authorization, options }) => {
    require(workspace, table, 'insert');
    if (options.STATUPDATE !== undefined) requireOwner(workspace, table);
    requireRole(workspace, authorization, 'copy');
  },
  unload: (workspace, { authorization }) => requireRole(workspace, authorization, 'unload'),
  update: guardUpdate,
  delete: (workspace, { table }) => require(workspace, table, 'delete'),
  merge: guardMerge,
  truncate: (workspace, { table }) => require(workspace, table, 'truncate'),
  lock: (workspace, { tables }) => {
    for (const table of tables) requireAny(workspace, table, 'update', 'delete', 'truncate');
  },
  vacuum: (workspace, { table }) => requireOwner(workspace, table),
  analyze: (workspace, { table }) => requireOwner(workspace, table),
  analyzeCompression: (workspace, { table }) => requireOwner(workspace, table),
  refresh: (workspace, { view }) => requireOwner(workspace, view),
  comment: guardComment,
  createSchema: guardCreateSchema,
  alterSchema: (workspace, { name, owner }) => guardAlterSchema(workspace, workspace.fold(name), owner !== undefined),
  createTable: guardCreateTable,
  createTableAs: (workspace, { table, temporary }) => requireCreate(workspace, table, temporary),
  createView: guardCreateView,
  alterTable: guardAlterTable,
  drop: guardDrop,
  createFunction: (workspace, { name, language }) => {
    requireCreate(workspace, name, false);
    if (!workspace.rights.mayUse('language', [`.${language}`], 'usage')) throw denied('language', language);
  },
  createProcedure: (workspace, { name }) => {
    requireCreate(workspace, name, false);
    if (!workspace.rights.mayUse('language', ['.plpgsql'], 'usage')) throw denied('language', 'plpgsql');
  },
  dropFunction: guardDropFunction,
  createPrincipal: (workspace, { object }) => requireSuperuser(workspace, `create ${object}s`),
  alterGroup: (workspace) => requireSuperuser(workspace, 'alter groups'),
  alterRole: guardAlterRole,
  alterDatabase: guardAlterDatabase,
  alterUser: guardAlterUser,
  createDatabase: guardCreateDatabase,
};

export function requirePrivileges(workspace: Workspace, statement: Statement): void {
  if (workspace.rights.actor.superuser) return;
  const permission = systemPermissionFor(statement);
  if (permission !== undefined && workspace.rights.holdsSystem(permission)) return;
  (GUARDS[statement.kind] as ((workspace: Workspace, statement: Statement) => void) | undefined)?.(
    workspace,
    statement,
  );
}

function require(workspace: Workspace, table: Names, ...privileges: RelationPrivilege[]): void {
  const relation = workspace.find(table);
  if (!relation) return;
  for (const privilege of privileges) workspace.rights.requireOnRelation(privilege, relation);
}

function requireAny(workspace: Workspace, table: Names, ...privileges: RelationPrivilege[]): void {
  const relation = workspace.find(table);
  if (relation && !privileges.some((privilege) => workspace.rights.mayOnRelation(privilege, relation)))
    throw denied('relation', relation.name);
}

/** A privilege on the table, or on each of these columns. */
function requireColumns(
  workspace: Workspace,
  table: Names,
  privilege: RelationPrivilege,
  columns: readonly Identifier[],
): void {
  const relation = workspace.find(table);
  if (!relation || workspace.rights.mayOnRelation(privilege, relation)) return;
  const granted = workspace.rights.columnsOf(privilege, relation);
  if (columns.length === 0 || !columns.every((column) => granted.has(workspace.fold(column))))
    throw denied('relation', relation.name);
}

/** COPY and UNLOAD take a role for which ASSUMEROLE was not revoked from everybody, or was granted. */
function requireRole(workspace: Workspace, authorization: CopyAuthorization, purpose: 'copy' | 'unload'): void {
  const role = authorization.kind === 'role' ? authorization.roleArn : 'default';
  if (workspace.rights.mayUse('assumerole', ['.all', `.${role}`], purpose)) return;
  throw new RedshiftError(
    '42501',
    `permission denied for IAM role ${role}: ASSUMEROLE was not granted for ${purpose.toUpperCase()}`,
  );
}

function requireOwner(workspace: Workspace, names: Names): void {
  const relation = names.length === 0 ? undefined : workspace.find(names);
  if (relation) workspace.rights.requireOwnRelation(relation);
}

function requireSuperuser(_workspace: Workspace, what: string): void {
  throw new RedshiftError('42501', `must be superuser to ${what}`);
}

/** Something new needs CREATE on its schema; a temporary table TEMP on the database. */
function requireCreate(workspace: Workspace, names: Names, temporary: boolean): void {
  const { rights, database } = workspace;
  if (temporary) {
    if (!rights.mayOnDatabase('temp', database) && !rights.mayOnDatabase('create', database))
      throw new RedshiftError('42501', `permission denied to create temporary tables in database "${database}"`);
    return;
  }
  rights.requireOnSchema('create', workspace.target(names).schema);
}

/** What UPDATE and DELETE read of the table is looked at where the binder finds it. */
function guardUpdate(workspace: Workspace, { table, set }: Update): void {
  requireColumns(
    workspace,
    table,
    'update',
    set.map(({ column }) => column),
  );
}

function guardMerge(workspace: Workspace, merge: Merge): void {
  require(workspace, merge.target, 'select');
  if (merge.removeDuplicates || merge.notMatched) require(workspace, merge.target, 'insert');
  if (merge.removeDuplicates || merge.matched?.kind === 'delete') require(workspace, merge.target, 'delete');
  if (merge.matched?.kind === 'update') require(workspace, merge.target, 'update');
}

function guardComment(workspace: Workspace, comment: Definition & { kind: 'comment' }): void {
  if (comment.on === 'table' || comment.on === 'view') requireOwner(workspace, comment.name);
  if (comment.on === 'column') requireOwner(workspace, comment.name.slice(0, -1));
}

function guardCreateSchema(workspace: Workspace, create: Definition & { kind: 'createSchema' }): void {
  const { rights, database } = workspace;
  if (!rights.mayOnDatabase('create', database)) throw denied('database', database);
  if (create.owner && workspace.fold(create.owner) !== workspace.user) throw denied('database', database);
}

function guardAlterSchema(workspace: Workspace, name: string, changesOwner: boolean): void {
  const schema = workspace.transaction.catalog.schemas.get(name);
  if (!schema || workspace.rights.isOwner(schema.owner)) return;
  if (changesOwner || !workspace.rights.mayOnSchema('alter', name)) throw mustOwn('schema', name);
}

function guardCreateTable(workspace: Workspace, create: CreateTable): void {
  requireCreate(workspace, create.table, create.temporary);
  for (const like of create.like) require(workspace, like.table, 'select');
  const referenced = [
    ...create.columns.map(({ references }) => references?.table),
    ...create.constraints.map(({ table }) => table),
  ];
  for (const table of referenced) if (table) require(workspace, table, 'references');
}

function guardCreateView(workspace: Workspace, create: Definition & { kind: 'createView' }): void {
  requireCreate(workspace, create.view, false);
  const { schema, name } = workspace.target(create.view);
  const present = workspace.transaction.catalog.relations.get(relationKey(schema, name));
  if (present && create.replace) workspace.rights.requireOwnRelation(present);
}

/** The owner, or who has ALTER; only the owner gives the table to somebody else. */
function guardAlterTable(workspace: Workspace, { table, action }: Definition & { kind: 'alterTable' }): void {
  const relation = workspace.find(table);
  if (!relation) return;
  if (action.kind === 'owner' || !workspace.rights.mayOnRelation('alter', relation))
    workspace.rights.requireOwnRelation(relation);
}

function guardDrop(workspace: Workspace, drop: Definition & { kind: 'drop' }): void {
  for (const names of drop.names) {
    if (drop.object === 'schema') guardDropSchema(workspace, workspace.fold(names.at(-1) as Identifier));
    else if (drop.object === 'database')
      throw new RedshiftError('42501', `must be owner of database ${names[0]?.name}`);
    else if (['user', 'group', 'role'].includes(drop.object)) requireSuperuser(workspace, `drop ${drop.object}s`);
    else guardDropRelation(workspace, names);
  }
}

function guardDropSchema(workspace: Workspace, name: string): void {
  const schema = workspace.transaction.catalog.schemas.get(name);
  if (!schema || workspace.rights.isOwner(schema.owner) || workspace.rights.mayOnSchema('drop', name)) return;
  throw mustOwn('schema', name);
}

/** Its owner, the schema's owner, or who has DROP. */
function guardDropRelation(workspace: Workspace, names: Names): void {
  const relation = workspace.find(names);
  if (!relation) return;
  const schema = workspace.transaction.catalog.schemas.get(relation.schema);
  if (schema && workspace.rights.isOwner(schema.owner)) return;
  if (!workspace.rights.mayOnRelation('drop', relation)) workspace.rights.requireOwnRelation(relation);
}

function guardDropFunction(workspace: Workspace, drop: Definition & { kind: 'dropFunction' }): void {
  const name = workspace.fold(drop.name.at(-1) as Identifier);
  const schemas = drop.name.length > 1 ? [workspace.fold(drop.name.at(-2) as Identifier)] : workspace.searchPath();
  const found = schemas.flatMap(
    (schema) => workspace.transaction.catalog.functions.get(relationKey(schema, name)) ?? [],
  );
  if (found.some((fn) => !workspace.rights.isOwner(fn.owner))) throw mustOwn('function', name);
}

/** Everybody may change their own password and settings. */
function guardAlterUser(workspace: Workspace, alter: Definition & { kind: 'alterUser' }): void {
  const changesRights =
    alter.rename !== undefined || alter.superuser !== undefined || alter.createDatabase !== undefined;
  if (changesRights || workspace.fold(alter.name) !== workspace.user)
    throw new RedshiftError('42501', 'permission denied');
}

function guardCreateDatabase(workspace: Workspace): void {
  if (!workspace.cluster.users.get(workspace.user)?.createDatabase)
    throw new RedshiftError('42501', 'permission denied to create database');
}

function guardAlterRole(workspace: Workspace, { name }: Definition & { kind: 'alterRole' }): void {
  if (workspace.cluster.directory.roles.get(workspace.fold(name)) !== workspace.user)
    throw new RedshiftError('42501', `must be owner of role ${name.name}`);
}

/** Its owner may rename it or limit its connections; only a superuser gives it to somebody else. */
function guardAlterDatabase(workspace: Workspace, { name, options }: Definition & { kind: 'alterDatabase' }): void {
  const owner = workspace.cluster.directory.databases.get(workspace.fold(name))?.owner;
  if (options.owner || owner !== workspace.user)
    throw new RedshiftError('42501', `must be owner of database ${name.name}`);
}
