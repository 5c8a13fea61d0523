import type { GraphNode } from '../graph.ts';
import type { IndexData, IndexEntry, StatusData, StatusEntry } from '../site-data.ts';
import { type Standing, standingOf } from '../state.ts';
import { now } from './format.ts';

/** The index and the status, looked up by name. */
export interface Catalog {
  readonly service: string;
  readonly database: string;
  readonly atSeconds: number | undefined;
  readonly relations: readonly IndexEntry[];
  readonly byName: ReadonlyMap<string, IndexEntry>;
  readonly graph: ReadonlyMap<string, GraphNode>;
  status(name: string): StatusEntry | undefined;
  standing(name: string): Standing;
}

export function catalogFrom(index: IndexData, status: StatusData): Catalog {
  const statuses = new Map(status.relations.map((entry) => [entry.name, entry]));
  const readBy = new Map<string, string[]>();
  for (const { name, reads } of index.relations) {
    for (const read of reads) readBy.set(read, [...(readBy.get(read) ?? []), name]);
  }
  const nodes = index.relations.map(({ name, reads }) => ({ name, reads, readBy: readBy.get(name) ?? [] }));
  const nowSeconds = now();
  return {
    ...index,
    atSeconds: status.atSeconds,
    byName: new Map(index.relations.map((entry) => [entry.name, entry])),
    graph: new Map(nodes.map((node) => [node.name, node])),
    status: (name) => statuses.get(name),
    standing: (name) => {
      const entry = statuses.get(name);
      return entry ? standingOf(entry, nowSeconds) : { state: 'never', text: 'Nothing is known of it yet' };
    },
  };
}
