import type { Fragment } from '../statements/fragments.ts';
import type { RedshiftType } from '../types.ts';

/** A variable or a record's field: `name`, `record.field`. */
export type Target = readonly string[];

export interface Declaration {
  readonly name: string;
  readonly kind: 'scalar' | 'record' | 'cursor' | 'alias';
  readonly type: RedshiftType;
  readonly isConstant: boolean;
  readonly isNotNull: boolean;
  readonly initial?: Fragment;
  /** Which argument an alias names, from 1. */
  readonly argument?: number;
  /** The query that a cursor is bound to, and its own arguments. */
  readonly query?: Fragment;
  readonly parameters?: readonly { readonly name: string; readonly type: RedshiftType }[];
}

export interface Block {
  readonly kind: 'block';
  readonly label?: string;
  readonly declarations: readonly Declaration[];
  readonly body: readonly Step[];
  /** EXCEPTION WHEN OTHERS THEN. */
  readonly handler?: readonly Step[];
}

export type Step =
  | Block
  | { readonly kind: 'assign'; readonly target: Target; readonly value: Fragment }
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly condition: Fragment; readonly body: readonly Step[] }[];
      readonly otherwise: readonly Step[];
    }
  | {
      readonly kind: 'case';
      readonly operand?: Fragment;
      readonly branches: readonly { readonly whens: readonly Fragment[]; readonly body: readonly Step[] }[];
      readonly otherwise?: readonly Step[];
    }
  | Loop
  | { readonly kind: 'exit' | 'continue'; readonly label?: string; readonly condition?: Fragment }
  | { readonly kind: 'return' }
  | {
      readonly kind: 'raise';
      readonly level: 'notice' | 'info' | 'log' | 'warning' | 'exception';
      readonly format: string;
      readonly arguments: readonly Fragment[];
    }
  | { readonly kind: 'raiseAgain' }
  | { readonly kind: 'execute'; readonly command: Fragment; readonly into: readonly Target[] }
  | { readonly kind: 'sql'; readonly sql: Fragment; readonly into: readonly Target[] }
  | { readonly kind: 'perform'; readonly sql: Fragment }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Fragment[]; readonly sql: Fragment }
  | {
      readonly kind: 'open';
      readonly cursor: string;
      readonly query?: Fragment;
      readonly command?: Fragment;
      readonly arguments: readonly Fragment[];
    }
  | { readonly kind: 'fetch'; readonly cursor: string; readonly into: readonly Target[] }
  | { readonly kind: 'close'; readonly cursor: string }
  | { readonly kind: 'rowCount'; readonly target: Target }
  | { readonly kind: 'commit' | 'rollback' | 'start' | 'nothing' };

export interface Loop {
  readonly kind: 'loop';
  readonly label?: string;
  readonly over:
    | { readonly kind: 'forever' }
    | { readonly kind: 'while'; readonly condition: Fragment }
    | {
        readonly kind: 'range';
        readonly variable: string;
        readonly reverse: boolean;
        readonly low: Fragment;
        readonly high: Fragment;
      }
    | {
        readonly kind: 'rows';
        readonly into: readonly Target[];
        readonly query?: Fragment;
        readonly command?: Fragment;
      };
  readonly body: readonly Step[];
}
