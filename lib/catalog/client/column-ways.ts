import { waysThrough } from '../graph.ts';
import type { ColumnLineageData } from '../site-data.ts';

/** A column of a relation, as one text: a line feed is in no name. */
export const placeOf = (table: string, column: string): string => `${table}\n${column}`;

export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly isDirect: boolean;
  readonly path: string;
}
export type ColumnEdges = readonly PlacedEdge[];

export function columnEdges({ places, edges }: ColumnLineageData): ColumnEdges {
  const place = (at: number) => placeOf(...(places[at] ?? ['', '']));
  return edges.map(([from, to, direct, path]) => ({ from: place(from), to: place(to), isDirect: direct === 1, path }));
}

/** The ways through a column, and which columns of a relation they touch. */
export interface Ways {
  readonly edges: readonly PlacedEdge[];
  readonly isEmpty: boolean;
  columns(name: string): string[];
}

const none: Ways = { edges: [], isEmpty: true, columns: () => [] };

export function waysOf(edges: ColumnEdges | undefined, table: string, column: string | undefined): Ways {
  if (!edges || !column) return none;
  const place = placeOf(table, column);
  const found = [...waysThrough(edges, place)];
  const places = new Set([place, ...found.flatMap(({ from, to }) => [from, to])]);
  const byTable = Map.groupBy(
    [...places].map((one) => one.split('\n')),
    ([name]) => name ?? '',
  );
  const columns = (name: string) => (byTable.get(name) ?? []).map(([, one = '']) => one).toSorted();
  return { edges: found, isEmpty: found.length === 0, columns };
}
