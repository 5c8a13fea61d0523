import type { RedshiftType } from '../types.ts';
import type { CopyStatement, UnloadStatement } from './copy.ts';
import type { PrincipalDefinition } from './principal-statement.ts';
import type { RoutineStatement } from './routine-statement.ts';
import type { SessionStatement } from './session-statement.ts';
import type { CommonTable, Expression, FromItem, Identifier, Query } from './syntax.ts';

export type { DatabaseOptions, UserOptions } from './principal-statement.ts';
export type { SessionStatement, ShowObject } from './session-statement.ts';

/** The syntax tree of statements that are not queries. */
export type Statement =
  | { readonly kind: 'select'; readonly query: Query }
  | { readonly kind: 'explain'; readonly statement: Statement }
  | CopyStatement
  | UnloadStatement
  | Insert
  | Update
  | Delete
  | Merge
  | Definition
  | Privilege
  | RoutineStatement
  | SessionStatement;

export interface Insert {
  readonly kind: 'insert';
  readonly table: readonly Identifier[];
  readonly columns: readonly Identifier[];
  readonly source:
    | { readonly kind: 'query'; readonly query: Query }
    | { readonly kind: 'values'; readonly rows: readonly (readonly Expression[])[] }
    | { readonly kind: 'defaults' };
  readonly position: number;
}

export interface Assignment {
  readonly column: Identifier;
  readonly value: Expression;
}

export interface Update {
  readonly kind: 'update';
  readonly with: readonly CommonTable[];
  readonly table: readonly Identifier[];
  readonly alias?: Identifier;
  readonly set: readonly Assignment[];
  readonly from: readonly FromItem[];
  readonly where?: Expression;
  readonly position: number;
}

export interface Delete {
  readonly kind: 'delete';
  readonly with: readonly CommonTable[];
  readonly table: readonly Identifier[];
  readonly alias?: Identifier;
  readonly using: readonly FromItem[];
  readonly where?: Expression;
  readonly position: number;
}

export interface Merge {
  readonly kind: 'merge';
  readonly target: readonly Identifier[];
  readonly source: FromItem;
  readonly on: Expression;
  readonly matched?: { readonly kind: 'delete' } | { readonly kind: 'update'; readonly set: readonly Assignment[] };
  readonly notMatched?: { readonly columns: readonly Identifier[]; readonly values: readonly Expression[] };
  readonly removeDuplicates: boolean;
  readonly position: number;
}

export interface ColumnDefinition {
  readonly name: Identifier;
  readonly type: RedshiftType;
  readonly notNull: boolean;
  readonly defaultText?: string;
  readonly defaultValue?: Expression;
  readonly identity?: { readonly seed: number; readonly step: number; readonly byDefault: boolean };
  readonly encoding?: string;
  readonly distributionKey: boolean;
  readonly sortKey: boolean;
  readonly primaryKey: boolean;
  readonly unique: boolean;
  readonly references?: { readonly table: readonly Identifier[]; readonly columns: readonly Identifier[] };
  /** Undefined: as the database has it. */
  readonly caseInsensitive?: boolean;
}

export interface TableConstraint {
  readonly kind: 'primary' | 'unique' | 'foreign';
  readonly name?: Identifier;
  readonly columns: readonly Identifier[];
  readonly table?: readonly Identifier[];
  readonly referenced?: readonly Identifier[];
}

export interface TableAttributes {
  readonly distributionStyle?: 'auto' | 'even' | 'key' | 'all';
  readonly distributionKey?: Identifier;
  readonly sortStyle?: 'auto' | 'compound' | 'interleaved';
  readonly sortKeys?: readonly Identifier[];
}

export type Definition =
  | {
      readonly kind: 'createSchema';
      readonly name?: Identifier;
      readonly ifNotExists: boolean;
      readonly owner?: Identifier;
      readonly position: number;
    }
  | CreateTable
  | {
      readonly kind: 'createTableAs';
      readonly table: readonly Identifier[];
      readonly temporary: boolean;
      readonly columns: readonly Identifier[];
      readonly attributes: TableAttributes;
      readonly query: Query;
      readonly position: number;
    }
  | {
      readonly kind: 'createView';
      readonly view: readonly Identifier[];
      readonly replace: boolean;
      readonly columns: readonly Identifier[];
      readonly query: Query;
      readonly text: string;
      readonly late: boolean;
      readonly materialized: boolean;
      readonly position: number;
    }
  | { readonly kind: 'refresh'; readonly view: readonly Identifier[]; readonly position: number }
  | {
      readonly kind: 'drop';
      readonly object: 'table' | 'view' | 'materialized view' | 'schema' | 'user' | 'group' | 'role' | 'database';
      readonly names: readonly (readonly Identifier[])[];
      readonly ifExists: boolean;
      readonly cascade: boolean;
      /** DROP ROLE … FORCE. */
      readonly force?: boolean;
      readonly position: number;
    }
  | {
      readonly kind: 'dropFunction';
      readonly name: readonly Identifier[];
      readonly types: readonly RedshiftType[];
      readonly ifExists: boolean;
      readonly position: number;
    }
  | {
      readonly kind: 'alterTable';
      readonly table: readonly Identifier[];
      readonly action: AlterAction;
      readonly position: number;
    }
  | {
      readonly kind: 'alterSchema';
      readonly name: Identifier;
      readonly rename?: Identifier;
      readonly owner?: Identifier;
      readonly position: number;
    }
  | { readonly kind: 'truncate'; readonly table: readonly Identifier[]; readonly position: number }
  | {
      readonly kind: 'comment';
      readonly on: 'table' | 'view' | 'column' | 'schema' | 'other';
      readonly name: readonly Identifier[];
      readonly text: string | null;
      readonly position: number;
    }
  | {
      readonly kind: 'createFunction';
      readonly name: readonly Identifier[];
      readonly replace: boolean;
      readonly types: readonly RedshiftType[];
      readonly returns: RedshiftType;
      readonly volatility: 'volatile' | 'stable' | 'immutable';
      readonly body: string;
      readonly language: string;
      readonly position: number;
    }
  | PrincipalDefinition;

export interface CreateTable {
  readonly kind: 'createTable';
  readonly table: readonly Identifier[];
  readonly temporary: boolean;
  readonly ifNotExists: boolean;
  readonly columns: readonly ColumnDefinition[];
  readonly like: readonly { readonly table: readonly Identifier[]; readonly includingDefaults: boolean }[];
  readonly constraints: readonly TableConstraint[];
  readonly attributes: TableAttributes;
  readonly position: number;
}

export type AlterAction =
  | { readonly kind: 'rename'; readonly to: Identifier }
  | { readonly kind: 'addColumn'; readonly column: ColumnDefinition }
  | { readonly kind: 'dropColumn'; readonly column: Identifier; readonly cascade: boolean }
  | { readonly kind: 'renameColumn'; readonly from: Identifier; readonly to: Identifier }
  | { readonly kind: 'columnType'; readonly column: Identifier; readonly type: RedshiftType }
  | { readonly kind: 'encoding'; readonly column: Identifier; readonly encoding: string }
  | { readonly kind: 'owner'; readonly owner: Identifier }
  | { readonly kind: 'attributes'; readonly attributes: TableAttributes }
  | { readonly kind: 'addConstraint'; readonly constraint: TableConstraint }
  | { readonly kind: 'dropConstraint'; readonly name: Identifier }
  | { readonly kind: 'autoRefresh' }
  | {
      readonly kind: 'append';
      readonly source: readonly Identifier[];
      readonly ignoreExtra: boolean;
      readonly fillTarget: boolean;
    };

export interface Privilege {
  readonly kind: 'grant' | 'revoke';
  /** With the columns they are for; none: the whole object. */
  readonly privileges: readonly { readonly name: string; readonly columns: readonly Identifier[] }[];
  readonly object: {
    readonly kind:
      | 'table'
      | 'schema'
      | 'database'
      | 'function'
      | 'procedure'
      | 'language'
      | 'role'
      | 'system'
      | 'assumerole'
      | 'allTables'
      | 'allFunctions'
      | 'allProcedures'
      | 'scope'
      | 'schemaScope'
      | 'default';
    readonly names: readonly (readonly Identifier[])[];
    /** The argument types of functions and procedures. */
    readonly signatures?: readonly (readonly RedshiftType[])[];
  };
  /** ALTER DEFAULT PRIVILEGES: for what these users (none: oneself) will make in these schemas (none: anywhere). */
  readonly defaults?: {
    readonly users: readonly Identifier[];
    readonly schemas: readonly Identifier[];
    readonly on: 'tables' | 'functions' | 'procedures';
  };
  readonly grantees: readonly {
    readonly kind: 'user' | 'group' | 'role' | 'public';
    readonly name: string;
    readonly grantOption: boolean;
  }[];
  /** REVOKE GRANT OPTION FOR; of roles, WITH ADMIN OPTION and ADMIN OPTION FOR. */
  readonly grantOption: boolean;
  /** Of REVOKE: what was passed on goes too. */
  readonly cascade?: boolean;
  readonly position: number;
}
