import type { Identifier } from './syntax.ts';

/** CREATE and ALTER of what belongs to the whole warehouse: users, groups, roles, databases. */
export type PrincipalDefinition =
  | ({
      readonly kind: 'createPrincipal';
      readonly object: 'user' | 'group' | 'role';
      readonly name: Identifier;
      readonly members: readonly Identifier[];
      readonly ifNotExists: boolean;
      readonly position: number;
    } & UserOptions)
  | ({
      readonly kind: 'alterUser';
      readonly name: Identifier;
      readonly rename?: Identifier;
      /** What the user's next sessions begin with; null takes it back. */
      readonly setting?: { readonly name: string; readonly value: string | null };
      readonly position: number;
    } & UserOptions)
  | {
      readonly kind: 'alterGroup';
      readonly name: Identifier;
      readonly rename?: Identifier;
      readonly add: boolean;
      readonly members: readonly Identifier[];
      readonly position: number;
    }
  | {
      readonly kind: 'alterRole';
      readonly name: Identifier;
      readonly rename?: Identifier;
      readonly owner?: Identifier;
      readonly position: number;
    }
  | {
      readonly kind: 'createDatabase';
      readonly name: Identifier;
      readonly options: DatabaseOptions;
      readonly position: number;
    }
  | {
      readonly kind: 'alterDatabase';
      readonly name: Identifier;
      readonly rename?: Identifier;
      readonly options: DatabaseOptions;
      readonly position: number;
    };

/** What CREATE USER and ALTER USER say of a user; null takes something away. */
export interface UserOptions {
  readonly password?: string | null;
  readonly createDatabase?: boolean;
  readonly superuser?: boolean;
  readonly groups?: readonly Identifier[];
  readonly validUntil?: string;
  readonly connectionLimit?: number | null;
}

export interface DatabaseOptions {
  readonly owner?: Identifier;
  readonly connectionLimit?: number | null;
  readonly caseInsensitive?: boolean;
  readonly isolation?: 'serializable' | 'snapshot';
}
