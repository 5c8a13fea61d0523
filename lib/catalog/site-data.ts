import type { ColumnPlace, Relation } from './catalog.ts';
import type { DatasetObservation, ModelObservation } from './observations.ts';
import type { StandingFacts } from './state.ts';

/** What a page needs to show lists, menus and drawings of everything: small, and read first. */
export interface IndexEntry {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly kind: Relation['kind'];
  readonly label?: string | undefined;
  readonly description: string;
  readonly owner: string;
  readonly freshnessSeconds?: number | undefined;
  readonly materialization?: string | undefined;
  readonly lane?: string | undefined;
  readonly hasPersonalData: boolean;
  readonly columnCount: number;
  readonly reads: readonly string[];
  /** Files with the rest. */
  readonly file: string;
  readonly observedFile: string;
}

export interface IndexData {
  readonly service: string;
  readonly database: string;
  readonly relations: readonly IndexEntry[];
}

/** How everything stands: read with the index, changes with every refresh. */
export interface StatusEntry extends StandingFacts {
  readonly name: string;
  readonly rows?: number | undefined;
  /** Of the last days, oldest first. */
  readonly history: readonly number[];
}
export interface StatusData {
  readonly atSeconds?: number | undefined;
  readonly relations: readonly StatusEntry[];
}

/** Relation, column, and what else is searched. */
export type SearchData = readonly (readonly [table: string, column: string, label: string, description: string])[];

/** Relations and columns by their places in `places`. */
export interface ColumnLineageData {
  readonly places: readonly ColumnPlace[];
  readonly edges: readonly (readonly [from: number, to: number, direct: 0 | 1, path: string])[];
}

export type ObservedData = readonly {
  readonly name: string;
  readonly model?: ModelObservation | undefined;
  readonly dataset?: DatasetObservation | undefined;
}[];
