import type { Token } from '../models/sql-tokens.ts';

/** A stretch of a query, as it is written; a column that a star stands for is written out. */
export interface Expression {
  readonly text: string;
  readonly tokens: readonly Token[];
}

/** What a SELECT yields under a name. */
export interface Item extends Expression {
  readonly name: string;
}

/** Something of a FROM. */
export interface Source {
  /** Where it stands, alias included. */
  readonly start: number;
  readonly end: number;
  readonly alias: string;
  /** The name that UNPIVOT or unnesting gives to where in the value it is. */
  readonly index: string | undefined;
  /** How it is joined to what stands before it. */
  readonly join: 'first' | 'comma' | 'inner' | 'left';
  /** The parts of its ON that all must hold. */
  readonly on: readonly Expression[];
  readonly of:
    | { readonly kind: 'table'; readonly name: string }
    /** A common table expression. */
    | { readonly kind: 'expression'; readonly query: Query }
    | { readonly kind: 'subquery'; readonly query: Query }
    /** What is unnested of a value of another source, which its first word names. */
    | { readonly kind: 'unnested'; readonly from: string; readonly way: Expression };
}

/** One SELECT. */
export interface Block {
  readonly start: number;
  readonly end: number;
  readonly items: readonly Item[];
  readonly isDistinct: boolean;
  readonly sources: readonly Source[];
  /** The parts of its WHERE that all must hold. */
  readonly where: readonly Expression[];
  /** Undefined where it has no GROUP BY. */
  readonly group: readonly Expression[] | undefined;
  readonly hasAggregates: boolean;
  /** What each of its window functions partitions by. */
  readonly windows: readonly (readonly Expression[])[];
  /** It takes some of its rows, by their number. */
  readonly isCut: boolean;
}

/** SELECTs and how they are united; names are those of the first. */
export interface Query {
  readonly branches: readonly Block[];
  readonly unitedBy: 'all' | 'distinct' | undefined;
}

/** A whole model. */
export interface QueryShape extends Query {
  readonly sql: string;
  /** WITH and what it names, as written; empty where there is none. */
  readonly with: { readonly start: number; readonly end: number };
  readonly expressions: readonly { readonly name: string; readonly query: Query }[];
}

/** Not every query has a shape that is known here; those are built whole. */
export class UnknownShape extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** The columns of a query's rows. */
export const columnsOfQuery = ({ branches: [first] }: Query): readonly string[] =>
  (first?.items ?? []).map(({ name }) => name);
