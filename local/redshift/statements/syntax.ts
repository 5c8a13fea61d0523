import type { RedshiftType } from '../types.ts';

/** The syntax tree of queries. Names are as written; the binder folds their case by the session's settings. */
export interface Identifier {
  readonly name: string;
  readonly quoted: boolean;
  /** Offset in the text, from 0. */
  readonly position: number;
}

export type Step =
  | { readonly kind: 'attribute'; readonly name: Identifier }
  | { readonly kind: 'subscript'; readonly index: Expression };

export type Expression = { readonly position: number } & ExpressionBody;

export type ExpressionBody =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'default' }
  | { readonly kind: 'parameter'; readonly index: number }
  | Reference
  | { readonly kind: 'navigate'; readonly base: Expression; readonly steps: readonly Step[] }
  | { readonly kind: 'star'; readonly qualifier: readonly Identifier[]; readonly exclude: readonly Identifier[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'is';
      readonly operand: Expression;
      readonly test: 'null' | 'true' | 'false' | 'unknown';
      readonly not: boolean;
    }
  | {
      readonly kind: 'between';
      readonly operand: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly not: boolean;
    }
  | {
      readonly kind: 'inList';
      readonly operand: Expression;
      readonly items: readonly Expression[];
      readonly not: boolean;
    }
  | { readonly kind: 'inQuery'; readonly operand: Expression; readonly query: Query; readonly not: boolean }
  | {
      readonly kind: 'quantified';
      readonly operand: Expression;
      readonly operator: string;
      readonly quantifier: 'any' | 'all';
      readonly query: Query;
    }
  /** `x = ANY (array)`, with one of PostgreSQL's arrays. */
  | { readonly kind: 'anyElement'; readonly operand: Expression; readonly array: Expression }
  /** `ARRAY(query)`: the query's only column as one of PostgreSQL's arrays. */
  | { readonly kind: 'arrayQuery'; readonly query: Query }
  | {
      readonly kind: 'like';
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly style: 'like' | 'ilike' | 'similar';
      readonly escape?: Expression;
      readonly not: boolean;
    }
  | { readonly kind: 'exists'; readonly query: Query }
  | {
      readonly kind: 'case';
      readonly operand?: Expression;
      readonly branches: readonly { when: Expression; then: Expression }[];
      readonly otherwise?: Expression;
    }
  | { readonly kind: 'cast'; readonly operand: Expression; readonly type: RedshiftType; readonly lax: boolean }
  | { readonly kind: 'interval'; readonly text: string; readonly qualifier?: string }
  | { readonly kind: 'bound'; readonly bound: unknown }
  | { readonly kind: 'outerMark'; readonly operand: Expression }
  | { readonly kind: 'row'; readonly items: readonly Expression[] }
  | { readonly kind: 'subquery'; readonly query: Query }
  | Call;

/** `a`, `a.b`, `s.t.c.attribute[0].other`: the binder tells tables, columns and SUPER steps apart. */
export interface Reference {
  readonly kind: 'reference';
  readonly root: Identifier;
  readonly steps: readonly Step[];
}

export interface Call {
  readonly kind: 'call';
  readonly name: readonly Identifier[];
  readonly arguments: readonly Expression[];
  readonly distinct: boolean;
  /** `count(*)`. */
  readonly star: boolean;
  readonly approximate: boolean;
  readonly withinGroup?: readonly OrderItem[];
  readonly nulls?: 'ignore' | 'respect';
  readonly over?: Window;
  /** OBJECT_TRANSFORM's KEEP and SET lists. */
  readonly keep?: readonly Expression[];
  readonly set?: readonly Expression[];
}

export interface Window {
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame?: WindowFrame;
}

export interface WindowFrame {
  readonly unit: 'rows' | 'range';
  readonly start: FrameBound;
  readonly end?: FrameBound;
}

export interface FrameBound {
  readonly kind: 'unboundedPreceding' | 'preceding' | 'currentRow' | 'following' | 'unboundedFollowing';
  readonly offset?: Expression;
}

export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls?: 'first' | 'last';
}

export interface Query {
  readonly kind: 'query';
  readonly position: number;
  readonly recursive: boolean;
  readonly with: readonly CommonTable[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly limit?: Expression;
  readonly offset?: Expression;
}

export interface CommonTable {
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
  readonly query: Query;
}

export type QueryBody = Select | SetOperation | { readonly kind: 'nested'; readonly query: Query } | ValuesList;

export interface ValuesList {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}

export interface SetOperation {
  readonly kind: 'setOperation';
  readonly operator: 'union' | 'intersect' | 'except';
  readonly all: boolean;
  readonly left: QueryBody;
  readonly right: QueryBody;
}

export interface Select {
  readonly kind: 'select';
  readonly position: number;
  readonly distinct: boolean;
  readonly top?: Expression;
  readonly items: readonly SelectItem[];
  readonly into?: { readonly name: readonly Identifier[]; readonly temporary: boolean };
  readonly from: readonly FromItem[];
  readonly where?: Expression;
  readonly connect?: { readonly startWith?: Expression; readonly by: Expression };
  readonly groupBy?: GroupBy;
  readonly having?: Expression;
  readonly qualify?: Expression;
}

export interface SelectItem {
  readonly expression: Expression;
  readonly alias?: Identifier;
}

export type GroupBy = { readonly kind: 'all' } | { readonly kind: 'items'; readonly items: readonly GroupItem[] };

export type GroupItem =
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'rollup' | 'cube'; readonly items: readonly (readonly Expression[])[] }
  | { readonly kind: 'sets'; readonly sets: readonly GroupItem[] }
  | { readonly kind: 'set'; readonly items: readonly Expression[] };

export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'cross';

export type FromItem =
  | NamedSource
  | {
      readonly kind: 'derived';
      readonly query: Query;
      readonly alias?: Identifier;
      readonly columns: readonly Identifier[];
      readonly position: number;
    }
  | {
      readonly kind: 'unpivotObject';
      readonly expression: Expression;
      readonly alias?: Identifier;
      readonly at?: Identifier;
      readonly position: number;
    }
  | Join
  | Pivot
  | Unpivot;

/** A table, a view, a CTE — or an array to unnest, when its first name is that of a source to the left. */
export interface NamedSource {
  readonly kind: 'named';
  readonly expression: Expression;
  readonly alias?: Identifier;
  readonly columns: readonly Identifier[];
  /** `UNNEST(array)`, with or without the element's place. */
  readonly unnest?: 'plain' | 'offset';
  readonly at?: Identifier;
  readonly position: number;
}

export interface Join {
  readonly kind: 'join';
  readonly type: JoinType;
  readonly natural: boolean;
  readonly left: FromItem;
  readonly right: FromItem;
  readonly on?: Expression;
  readonly using?: readonly Identifier[];
  readonly position: number;
}

export interface Pivot {
  readonly kind: 'pivot';
  readonly source: FromItem;
  readonly aggregates: readonly SelectItem[];
  readonly column: Identifier;
  readonly values: readonly SelectItem[];
  readonly alias?: Identifier;
  readonly columns: readonly Identifier[];
  readonly position: number;
}

export interface Unpivot {
  readonly kind: 'unpivot';
  readonly source: FromItem;
  readonly includeNulls: boolean;
  readonly value: Identifier;
  readonly name: Identifier;
  readonly inputs: readonly { readonly column: Identifier; readonly label?: Expression }[];
  readonly alias?: Identifier;
  readonly columns: readonly Identifier[];
  readonly position: number;
}
