import type { CatalogState, Relation } from '../catalog/model.ts';
import type { RedshiftType } from '../types.ts';
import type { OutputColumn, Settings } from './scope.ts';

/** A table of the system's own: its SQL instead of stored rows. */
export interface SystemTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: RedshiftType }[];
  /** DuckDB SELECT with the columns c1, c2, … */
  readonly sql: string;
}

/** What the binder asks of the session around it. */
export interface BindEnvironment {
  readonly settings: Settings;
  readonly database: string;
  readonly user: string;
  readonly searchPath: readonly string[];
  readonly settingValues: ReadonlyMap<string, string>;
  readonly sessionId: number;
  /** The catalog of a database; undefined when there is none of that name. */
  catalog(database: string): CatalogState | undefined;
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
