import { typeName } from '../binder/types.ts';
import { type Grant, type Relation, relationKey, type SqlFunction } from '../catalog/model.ts';
import { signatureOf } from '../catalog/state.ts';
import { requireProcedure } from '../procedures/find.ts';
import type { Privilege } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { functionKey } from './function-key.ts';
import type { PRIVILEGES_OF } from './privileges.ts';
import { noDatabase, noUser } from './unknown-names.ts';
import type { Workspace } from './workspace.ts';

/** Something that privileges are granted on. */
export type GrantedObject = Pick<Grant, 'schema' | 'objectName'> & {
  readonly objectKind: keyof typeof PRIVILEGES_OF | 'default' | 'scope' | 'assumerole' | 'system';
  readonly relation?: Relation;
  readonly owner?: string;
  /** Of ALTER DEFAULT PRIVILEGES, where it is not about tables. */
  readonly routines?: 'function' | 'procedure';
};

/** What a GRANT or REVOKE is about. */
export function objectsOf(workspace: Workspace, statement: Privilege): GrantedObject[] {
  const { object } = statement;
  if (statement.defaults) return defaultsOf(workspace, statement.defaults);
  if (object.kind === 'system') return [{ objectKind: 'system', schema: '', objectName: '' }];
  return object.names.flatMap((parts, i) => objectsNamed(workspace, object, parts, i));
}

function objectsNamed(
  workspace: Workspace,
  object: Privilege['object'],
  parts: readonly Identifier[],
  index: number,
): GrantedObject[] {
  const last = parts.at(-1) as Identifier;
  const name = workspace.fold(last);
  switch (object.kind) {
    case 'table':
      return [onRelation(workspace.require(parts, ['table', 'view', 'late_binding_view', 'materialized_view']))];
    case 'function':
      return [onFunction(requireFunction(workspace, parts, object.signatures?.[index] ?? []))];
    case 'procedure':
      return [onProcedure(requireProcedure(workspace, parts, object.signatures?.[index]))];
    case 'assumerole':
      return [{ objectKind: 'assumerole', schema: '', objectName: last.name }];
    case 'language':
      return [onLanguage(name)];
    case 'database':
      if (!workspace.cluster.catalogs.has(name)) throw noDatabase(name);
      return [{ objectKind: 'database', schema: 'public', objectName: name }];
    case 'scope':
      if (name !== workspace.database)
        throw new RedshiftError('0A000', 'the box grants FOR TABLES IN the current database only');
      return [{ objectKind: 'scope', schema: '', objectName: '' }];
    default:
      workspace.requireSchema(name);
      return objectsOfSchema(workspace, object.kind, name);
  }
}

/** A schema itself, all that it contains of a kind, or whatever it will contain. */
function objectsOfSchema(workspace: Workspace, kind: Privilege['object']['kind'], name: string): GrantedObject[] {
  const { catalog } = workspace.transaction;
  const isInside = ({ schema }: { readonly schema: string }): boolean => schema === name;
  const routines = [...catalog.functions.values()].flat().filter(isInside);
  switch (kind) {
    case 'allTables':
      return [...catalog.relations.values()].filter(isInside).map(onRelation);
    case 'allFunctions':
      return routines.filter(({ procedure }) => !procedure).map(onFunction);
    case 'allProcedures':
      return routines.filter(({ procedure }) => procedure).map(onProcedure);
    case 'schemaScope':
      return [{ objectKind: 'scope', schema: name, objectName: '' }];
    default:
      return [{ objectKind: 'schema', schema: name, objectName: name }];
  }
}

const LANGUAGES = ['sql', 'plpgsql', 'plpythonu'];

function onLanguage(name: string): GrantedObject {
  if (!LANGUAGES.includes(name)) throw new RedshiftError('42704', `language "${name}" does not exist`);
  return { objectKind: 'language', schema: '', objectName: name };
}

function requireFunction(
  workspace: Workspace,
  parts: readonly Identifier[],
  argumentTypes: SqlFunction['argumentTypes'],
): SqlFunction {
  const [name, schema] = parts.map((part) => workspace.fold(part)).reverse() as [string, string?];
  const schemas = schema === undefined ? workspace.searchPath() : [schema];
  const { functions } = workspace.transaction.catalog;
  const signature = signatureOf({ argumentTypes });
  for (const candidate of schemas) {
    const found = functions
      .get(relationKey(candidate, name))
      ?.find((fn) => !fn.procedure && signatureOf(fn) === signature);
    if (found) return found;
  }
  throw new RedshiftError(
    '42883',
    `function ${name}(${argumentTypes.map((type) => typeName(type)).join(', ')}) does not exist`,
  );
}

const onFunction = (fn: SqlFunction): GrantedObject => ({
  objectKind: 'function',
  schema: fn.schema,
  objectName: functionKey(fn),
  owner: fn.owner,
});

const onProcedure = (fn: SqlFunction): GrantedObject => ({ ...onFunction(fn), objectKind: 'procedure' });

const onRelation = (relation: Relation): GrantedObject => ({
  objectKind: 'table',
  schema: relation.schema,
  objectName: relation.name,
  relation,
});

function defaultsOf(workspace: Workspace, defaults: NonNullable<Privilege['defaults']>): GrantedObject[] {
  const users = defaults.users.length === 0 ? [workspace.user] : defaults.users.map((name) => workspace.fold(name));
  for (const user of users) {
    if (!workspace.isPrincipal('user', user)) throw noUser(user);
    if (user !== workspace.user && !workspace.rights.actor.superuser)
      throw new RedshiftError('42501', 'must be superuser to alter default privileges of other users');
  }
  const schemas = defaults.schemas.map((name) => workspace.fold(name));
  for (const schema of schemas) workspace.requireSchema(schema);
  const routines = ({ tables: undefined, functions: 'function', procedures: 'procedure' } as const)[defaults.on];
  return users.flatMap((objectName) =>
    (schemas.length === 0 ? [''] : schemas).map((schema) => ({
      objectKind: 'default' as const,
      schema,
      objectName,
      routines,
    })),
  );
}
