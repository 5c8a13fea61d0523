import type { Rights } from '../binder/context.ts';
import {
  type CatalogState,
  CLOSED,
  type Grant,
  OF_ROUTINES,
  type Relation,
  type SqlFunction,
} from '../catalog/model.ts';
import { RedshiftError } from '../types.ts';
import { functionKey } from './function-key.ts';
import { type Actor, speaksFor } from './principals-directory.ts';
import { permissionsOfSystemRole } from './system-permissions.ts';

export type RelationPrivilege =
  | 'select'
  | 'insert'
  | 'update'
  | 'delete'
  | 'references'
  | 'truncate'
  | 'alter'
  | 'drop'
  | 'rule'
  | 'trigger';

/** What ALL means, and what may be asked for, on each kind of object. */
export const PRIVILEGES_OF = {
  table: ['select', 'insert', 'update', 'delete', 'references', 'truncate', 'alter', 'drop', 'rule', 'trigger'],
  schema: ['create', 'usage', 'alter', 'drop'],
  database: ['create', 'temp', 'usage', 'alter'],
  function: ['execute'],
  procedure: ['execute'],
  language: ['usage'],
} as const;

export const denied = (
  kind: 'relation' | 'schema' | 'database' | 'function' | 'procedure' | 'language',
  name: string,
): RedshiftError => new RedshiftError('42501', `permission denied for ${kind} ${name}`);

export const mustOwn = (kind: 'relation' | 'schema' | 'function', name: string): RedshiftError =>
  new RedshiftError('42501', `must be owner of ${kind} ${name}`);

/** Where rights are looked up. */
export interface RightsSource {
  readonly database: string;
  catalog(database: string): CatalogState | undefined;
  databases(): readonly string[];
  actor(user: string): Actor;
  users(): readonly string[];
}

/** What one user may do. A view is bound with its owner's, and a view that is bound early has proved its schemas when it was made. */
export class EngineRights implements Rights {
  readonly actor: Actor;
  private readonly source: RightsSource;
  private readonly asksForUsage: boolean;

  constructor(source: RightsSource, user: string, asksForUsage = true) {
    this.source = source;
    this.actor = source.actor(user);
    this.asksForUsage = asksForUsage;
  }

  ofOwner(view: Relation): Rights {
    return new EngineRights(this.source, view.owner, view.kind === 'late_binding_view');
  }

  of(user: string): EngineRights {
    return new EngineRights(this.source, user);
  }

  users(): readonly string[] {
    return this.source.users();
  }

  isOwner(owner: string): boolean {
    return this.actor.superuser || owner === this.actor.name;
  }

  private granted(database: string, matches: (grant: Grant) => boolean): boolean {
    const grants = this.source.catalog(database)?.grants ?? [];
    return grants.some((grant) => matches(grant) && speaksFor(this.actor, grant));
  }

  mayOnSchema(privilege: string, schema: string, database = this.source.database, withOption = false): boolean {
    const found = this.source.catalog(database)?.schemas.get(schema);
    if (this.isOwner(found?.owner ?? 'rdsdb')) return true;
    if (!found) return privilege === 'usage' && !withOption;
    return this.granted(
      database,
      (grant) =>
        grant.objectKind === 'schema' &&
        grant.objectName === schema &&
        isFor(grant, privilege) &&
        (grant.grantOption || !withOption),
    );
  }

  mayOnDatabase(privilege: string, name: string, withOption = false): boolean {
    if (this.actor.superuser) return true;
    return this.source
      .databases()
      .some((database) =>
        this.granted(
          database,
          (grant) =>
            grant.objectKind === 'database' &&
            grant.objectName === name &&
            isFor(grant, privilege) &&
            (grant.grantOption || !withOption),
        ),
      );
  }

  mayOnRelation(privilege: string, relation: Relation, database = this.source.database, withOption = false): boolean {
    if (relation.temporary || this.isOwner(relation.owner)) return true;
    return this.granted(
      database,
      (grant) =>
        isOn(grant, relation) &&
        grant.column === undefined &&
        isFor(grant, privilege) &&
        (grant.grantOption || !withOption),
    );
  }

  /**
   * What everybody may use until it is revoked from PUBLIC: functions, languages, the roles that COPY takes. `names` are those under
   * which it may have been granted.
   */
  mayUse(
    kind: 'function' | 'procedure' | 'language' | 'assumerole',
    names: readonly string[],
    privilege: string,
  ): boolean {
    if (this.actor.superuser) return true;
    const own = (grant: Grant): boolean =>
      grant.objectKind === kind && names.includes(`${grant.schema}.${grant.objectName}`);
    const { database } = this.source;
    const isClosed =
      kind === 'procedure' || this.granted(database, (grant) => own(grant) && grant.privilege === CLOSED);
    return !isClosed || this.granted(database, (grant) => own(grant) && isFor(grant, privilege));
  }

  /** Whether a role allows something everywhere. */
  holdsSystem(permission: string): boolean {
    const { roles, superuser } = this.actor;
    if (superuser || [...roles].some((role) => permissionsOfSystemRole(role).includes(permission))) return true;
    return this.granted(
      this.source.database,
      (grant) => grant.objectKind === 'system' && grant.privilege === permission,
    );
  }

  /** The columns on which a privilege was granted by name. */
  columnsOf(privilege: string, relation: Relation, database = this.source.database): ReadonlySet<string> {
    const grants = this.source.catalog(database)?.grants ?? [];
    const own = grants.filter(
      (grant) => isOn(grant, relation) && isFor(grant, privilege) && speaksFor(this.actor, grant),
    );
    return new Set(own.flatMap((grant) => grant.column ?? []));
  }

  /** Whether there is anything that the user may do with a relation: then the system's views show it. */
  sees(relation: Relation, database = this.source.database): boolean {
    if (relation.temporary || this.isOwner(relation.owner)) return true;
    return this.granted(database, (grant) => isOn(grant, relation));
  }

  requireUsage(schema: string, database: string): void {
    if (!this.asksForUsage || this.mayOnSchema('usage', schema, database)) return;
    throw denied('schema', schema);
  }

  requireExecute(fn: SqlFunction): void {
    const name = `${fn.schema}.${functionKey(fn)}`;
    if (!this.isOwner(fn.owner) && !this.mayUse('function', [name], 'execute')) throw denied('function', fn.name);
  }

  requireOnSchema(privilege: string, schema: string): void {
    if (!this.mayOnSchema(privilege, schema)) throw denied('schema', schema);
  }

  requireOnRelation(privilege: RelationPrivilege, relation: Relation): void {
    if (!this.mayOnRelation(privilege, relation)) throw denied('relation', relation.name);
  }

  requireOwnRelation(relation: Relation): void {
    if (!relation.temporary && !this.isOwner(relation.owner)) throw mustOwn('relation', relation.name);
  }

  /** The columns of a table that a statement changes which it may also read; undefined: all. */
  selectable(relation: Relation): ReadonlySet<string> | undefined {
    return this.mayOnRelation('select', relation) ? undefined : this.columnsOf('select', relation);
  }

  /** Undefined: all columns may be read. */
  readableColumns(relation: Relation, database: string): ReadonlySet<string> | undefined {
    if (this.mayOnRelation('select', relation, database)) return undefined;
    const columns = this.columnsOf('select', relation, database);
    if (columns.size === 0) throw denied('relation', relation.name);
    return columns;
  }
}

/** Databases written by earlier versions hold `all` as it was said. */
const isFor = (grant: Grant, privilege: string): boolean => grant.privilege === privilege || grant.privilege === 'all';

const isOn = (grant: Grant, relation: Pick<Relation, 'schema' | 'name'>): boolean =>
  (grant.objectKind === 'table' && grant.schema === relation.schema && grant.objectName === relation.name) ||
  (grant.objectKind === 'scope' && (grant.schema === '' || grant.schema === relation.schema));

/** What ALTER DEFAULT PRIVILEGES says of a function or procedure that has just been made. */
export function grantsOfNewRoutine(
  routine: { kind: 'function' | 'procedure'; schema: string; objectName: string; owner: string },
  grants: readonly Grant[],
): Grant[] {
  const prefix = `${routine.kind}:`;
  return grants
    .filter(
      (grant) =>
        grant.objectKind === 'default' &&
        grant.privilege.startsWith(prefix) &&
        grant.objectName === routine.owner &&
        (grant.schema === '' || grant.schema === routine.schema),
    )
    .map((grant) => ({
      ...grant,
      privilege: grant.privilege.slice(prefix.length),
      objectKind: routine.kind,
      schema: routine.schema,
      objectName: routine.objectName,
    }));
}

/** What ALTER DEFAULT PRIVILEGES says of a table that has just been made. */
export function grantsOfNew(relation: Relation, grants: readonly Grant[]): Grant[] {
  return grants
    .filter(
      (grant) =>
        grant.objectKind === 'default' &&
        !OF_ROUTINES.test(grant.privilege) &&
        grant.objectName === relation.owner &&
        (grant.schema === '' || grant.schema === relation.schema),
    )
    .map((grant) => ({ ...grant, objectKind: 'table', schema: relation.schema, objectName: relation.name }));
}
