import type { RedshiftType } from '../types.ts';
import type { Fragment } from './fragments.ts';
import type { Identifier } from './syntax.ts';

export interface ProcedureArgument {
  readonly name?: string;
  readonly mode: 'in' | 'out' | 'inout';
  readonly type: RedshiftType;
  /** REFCURSOR: the name of a cursor. */
  readonly isCursor?: boolean;
}

/** Stored procedures. */
export type RoutineStatement =
  | {
      readonly kind: 'createProcedure';
      readonly name: readonly Identifier[];
      readonly replace: boolean;
      readonly arguments: readonly ProcedureArgument[];
      readonly nonatomic: boolean;
      readonly definer: boolean;
      readonly settings: readonly { readonly name: string; readonly value: string | null }[];
      readonly body: string;
      readonly position: number;
    }
  | {
      readonly kind: 'dropProcedure';
      readonly name: readonly Identifier[];
      readonly types?: readonly RedshiftType[];
      readonly position: number;
    }
  | {
      readonly kind: 'alterProcedure';
      readonly name: readonly Identifier[];
      readonly types?: readonly RedshiftType[];
      readonly rename?: Identifier;
      readonly owner?: Identifier;
      readonly position: number;
    }
  | {
      readonly kind: 'call';
      readonly name: readonly Identifier[];
      readonly arguments: readonly Fragment[];
      readonly position: number;
    };
