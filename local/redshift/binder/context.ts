import type { CatalogState, Relation, SqlFunction } from '../catalog/model.ts';
import type { RedshiftType } from '../types.ts';
import type { OutputColumn, Settings } from './scope.ts';

/** A table of the system's own: its SQL instead of stored rows. */
export interface SystemTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: RedshiftType; readonly unlisted?: boolean }[];
  /** DuckDB SELECT with the columns c1, c2, … */
  readonly sql: string;
}

/** What somebody may do: the session's user, or the owner of the view that is being bound. */
export interface Rights {
  /** Throws 42501 unless a schema may be used. */
  requireUsage(schema: string, database: string): void;
  /** The columns that may be read, undefined for all of them; throws 42501 where there are none. */
  readableColumns(relation: Relation, database: string): ReadonlySet<string> | undefined;
  /** Throws 42501 unless a function may be called. */
  requireExecute(fn: SqlFunction): void;
  /** The rights that a view's query runs with. */
  ofOwner(view: Relation): Rights;
}

/** What has_table_privilege and its kin ask. Objects are told by the names and ids that a caller may use for them. */
export interface PrivilegeCensus {
  readonly users: readonly string[];
  userId(user: string): number;
  /** Throws where there is no such object. */
  requireObject(kind: PrivilegeObject, name: string): void;
  /** All objects on which a user holds a privilege. */
  held(kind: PrivilegeObject, user: string, privilege: string, withGrantOption: boolean): readonly (string | number)[];
  /** Whether a user belongs to a role or group, directly or through other roles. */
  isMember(user: string, name: string): boolean;
}

export type PrivilegeObject = 'table' | 'schema' | 'database';

/** A session's last COPY and UNLOAD; query -1 where there was none. */
export interface Transfers {
  readonly copy: { readonly queryId: number; readonly rows: number };
  readonly unload: { readonly queryId: number; readonly rows: number };
}

/** What SET_CONFIG changes once its query runs. */
export interface SettingChange {
  readonly name: string;
  readonly value: string;
  readonly local: boolean;
}

/** What the binder asks of the session around it. */
export interface BindEnvironment {
  readonly settings: Settings;
  readonly database: string;
  readonly user: string;
  readonly searchPath: readonly string[];
  /** Absent: nothing is asked, as when a statement only looks at how views depend on each other. */
  readonly rights?: Rights;
  readonly census?: PrivilegeCensus;
  /** Null: a variable of the session's that was taken back. */
  readonly settingValues: ReadonlyMap<string, string | null>;
  readonly sessionId: number;
  readonly transfers: Transfers;
  /** The session's last query that read or changed tables, -1 where there was none. */
  readonly lastQueryId: number;
  /** Where SET_CONFIG notes its changes; absent where a query does not run by itself. */
  readonly settingChanges?: SettingChange[];
  /** The catalog of a database; undefined when there is none of that name. */
  catalog(database: string): CatalogState | undefined;
  /** The catalog as it is, where a view is bound that knows it otherwise. */
  readonly catalogNow?: (database: string) => CatalogState | undefined;
  /** Told of every relation that the query reads itself. */
  readonly noteRead?: (relation: Relation) => void;
  temporary(name: string): Relation | undefined;
  systemTable(schema: string, name: string): SystemTable | undefined;
  /** Values of `$1`, `$2` … as untyped text; an absent map means that the types are only being found out. */
  readonly parameters?: readonly (string | null)[];
  /** Where the binder notes which types the parameters take. */
  readonly parameterTypes: Map<number, RedshiftType>;
  /** The bound arguments of the SQL function whose body is being bound. */
  readonly argumentValues?: readonly import('./bound.ts').Bound[];
  readonly depth: number;
}

/** A query that is bound: DuckDB SQL whose columns are c1, c2, … */
export interface BoundQuery {
  readonly sql: string;
  readonly columns: readonly OutputColumn[];
}
