import { quoteText } from '../../rewriter/sql.ts';
import { CLOSED, OF_ROUTINES } from '../model.ts';
import { catalogTable, define, ownRows, userId } from './define.ts';
import type { SystemRelation, SystemSession } from './relation.ts';

const cluster = 'millrace_cluster.main';

/** The id of whom something was granted to. */
const granteeId = `CASE grantee_kind WHEN 'user' THEN ${userId('grantee')} WHEN 'role' THEN (SELECT max(o.role_id) FROM ${cluster}.roles o WHERE o.role_name = grantee) WHEN 'group' THEN (SELECT max(o.group_id) FROM ${cluster}.groups o WHERE o.group_name = grantee) ELSE 0 END`;

/** What is kept of what PUBLIC may not do any more is no privilege. */
const isPrivilege = `regexp_replace(privilege, '${OF_ROUTINES.source}', '') <> '${CLOSED}'`;

/** Privileges that were granted: superusers see all, everybody else what is for them or for everybody. */
function grantsSql(session: SystemSession, columns: string, condition: string): string {
  const own = session.superuser
    ? 'TRUE'
    : `(grantee_kind = 'public' OR (grantee_kind = 'user' AND ${ownRows(session, 'grantee')}))`;
  return `SELECT ${columns} FROM ${catalogTable(session.database, 'grants')} g WHERE ${isPrivilege} AND ${condition} AND ${own}`;
}

const identity = 'identity_id int4, identity_name text, identity_type text';
const identityValues = `${granteeId}, grantee, grantee_kind`;
const values = `upper(privilege), ${identityValues}, grant_option`;

const kinds = `array_to_string(list_transform(from_json(f.document->'argumentTypes', '["JSON"]'), lambda t: t->>'kind'), ', ')`;
const typeNames = `array_to_string(list_transform(f.argument_types, lambda t: regexp_replace(t, '\\(.*\\)', '')), ', ')`;

/** Functions and procedures are granted on by name and kinds of arguments; the view shows names of types. */
function functionPrivileges(session: SystemSession): string {
  const grants = grantsSql(session, `schema_name, object_name, ${values}`, `object_kind IN ('function', 'procedure')`);
  return `SELECT g.schema_name, f.function_name, ${typeNames}, g.* EXCLUDE (schema_name, object_name) FROM (${grants}) g JOIN ${catalogTable(session.database, 'functions')} f ON f.schema_name = g.schema_name AND f.function_name || '(' || ${kinds} || ')' = g.object_name`;
}

const routine = `regexp_extract(privilege, '${OF_ROUTINES.source}', 1)`;

/** Who may do what, and who will. */
export const privilegeRelations: readonly SystemRelation[] = [
  define(
    'pg_catalog.svv_relation_privileges',
    `namespace_name text, relation_name text, privilege_type text, ${identity}, admin_option bool`,
    (session) =>
      grantsSql(session, `schema_name, object_name, ${values}`, `object_kind = 'table' AND column_name IS NULL`),
  ),
  define(
    'pg_catalog.svv_column_privileges',
    `namespace_name text, relation_name text, column_name text, privilege_type text, ${identity}, admin_option bool`,
    (session) => grantsSql(session, `schema_name, object_name, column_name, ${values}`, 'column_name IS NOT NULL'),
  ),
  define(
    'pg_catalog.svv_schema_privileges',
    `namespace_name text, privilege_type text, ${identity}, admin_option bool, privilege_scope text`,
    (session) =>
      grantsSql(
        session,
        `schema_name, ${values}, CASE object_kind WHEN 'scope' THEN 'TABLES' ELSE 'SCHEMA' END`,
        `(object_kind = 'schema' OR (object_kind = 'scope' AND schema_name <> ''))`,
      ),
  ),
  define(
    'pg_catalog.svv_database_privileges',
    `database_name text, privilege_type text, ${identity}, admin_option bool, privilege_scope text`,
    (session) =>
      grantsSql(
        session,
        `CASE object_kind WHEN 'scope' THEN ${quoteText(session.database)} ELSE object_name END, ${values}, CASE object_kind WHEN 'scope' THEN 'TABLES' ELSE 'DATABASE' END`,
        `(object_kind = 'database' OR (object_kind = 'scope' AND schema_name = ''))`,
      ),
  ),
  define(
    'pg_catalog.svv_function_privileges',
    `namespace_name text, function_name text, argument_types text, privilege_type text, ${identity}, admin_option bool`,
    functionPrivileges,
  ),
  define(
    'pg_catalog.svv_language_privileges',
    `language_name text, privilege_type text, ${identity}, admin_option bool`,
    (session) => grantsSql(session, `object_name, ${values}`, `object_kind = 'language'`),
  ),
  define('pg_catalog.svv_system_privileges', `system_privilege text, ${identity}`, (session) =>
    grantsSql(session, `upper(privilege), ${identityValues}`, `object_kind = 'system'`),
  ),
  define('pg_catalog.svv_iam_privileges', `iam_arn text, command_type text, ${identity}`, (session) =>
    grantsSql(session, `object_name, upper(privilege), ${identityValues}`, `object_kind = 'assumerole'`),
  ),
  define(
    'pg_catalog.svv_default_privileges',
    `schema_name text, object_type text, owner_id int4, owner_name text, owner_type text, privilege_type text, grantee_id int4,
    grantee_name text, grantee_type text, admin_option bool`,
    (session) =>
      grantsSql(
        session,
        `nullif(schema_name, ''), coalesce(upper(nullif(${routine}, '')), 'RELATION'), ${userId('object_name')}, object_name, 'user', upper(regexp_replace(privilege, '^(function|procedure):', '')), ${identityValues}, grant_option`,
        `object_kind = 'default'`,
      ),
  ),
];
