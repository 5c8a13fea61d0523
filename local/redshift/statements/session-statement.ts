import type { RedshiftType } from '../types.ts';
import type { Expression, Identifier, Query } from './syntax.ts';

/** Statements about the session itself. */
export type SessionStatement =
  | { readonly kind: 'begin'; readonly readOnly: boolean }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }
  | {
      readonly kind: 'set';
      readonly name: string;
      readonly value: string | null;
      readonly local: boolean;
      /** RESET, not SET … TO DEFAULT. */
      readonly reset?: boolean;
      readonly position: number;
    }
  | { readonly kind: 'show'; readonly name: string; readonly position: number }
  | { readonly kind: 'showObject'; readonly object: ShowObject; readonly position: number }
  | { readonly kind: 'cancel'; readonly processId: number }
  | { readonly kind: 'vacuum'; readonly table: readonly Identifier[]; readonly position: number }
  | { readonly kind: 'analyze'; readonly table: readonly Identifier[]; readonly position: number }
  | {
      readonly kind: 'analyzeCompression';
      readonly table: readonly Identifier[];
      readonly columns: readonly Identifier[];
      readonly position: number;
    }
  | {
      readonly kind: 'prepare';
      readonly name: string;
      readonly types: readonly RedshiftType[];
      readonly text: string;
      readonly position: number;
    }
  | {
      readonly kind: 'executePrepared';
      readonly name: string;
      readonly arguments: readonly Expression[];
      readonly position: number;
    }
  | { readonly kind: 'deallocate'; readonly name: string | null }
  | { readonly kind: 'lock'; readonly tables: readonly (readonly Identifier[])[] }
  | { readonly kind: 'declareCursor'; readonly name: string; readonly query: Query; readonly position: number }
  /** Without a count all rows that are left. */
  | { readonly kind: 'fetchCursor'; readonly name: string; readonly count?: number }
  | { readonly kind: 'closeCursor'; readonly name: string }
  | { readonly kind: 'empty' };

interface ShowFilter {
  readonly like?: string;
  readonly limit?: number;
}

/** What SHOW tells of the catalog. */
export type ShowObject =
  | { readonly kind: 'table' | 'view'; readonly name: readonly Identifier[] }
  | { readonly kind: 'procedure'; readonly name: readonly Identifier[]; readonly types?: readonly RedshiftType[] }
  | ({
      readonly kind: 'list';
      readonly of: 'databases' | 'schemas' | 'tables' | 'columns';
      readonly from: readonly Identifier[];
    } & ShowFilter)
  | ({
      readonly kind: 'grants';
      readonly of: 'database' | 'schema' | 'table' | 'function' | 'user' | 'role' | 'group' | 'public';
      readonly name: readonly Identifier[];
    } & ShowFilter);
