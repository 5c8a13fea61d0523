/** A graph's nodes around one of them. */
export interface Neighbourhood {
  readonly names: ReadonlySet<string>;
  /** Nodes that are in reach and are left out, because a drawing of so many tells nothing. */
  readonly leftOut: number;
}

export interface GraphNode {
  readonly name: string;
  readonly reads: readonly string[];
  readonly readBy: readonly string[];
}

/** A drawing with more boxes is a hairball. */
export const drawnAtMost = 90;

/**
 * The nodes within so many steps up (what it reads) and so many down (what reads it), nearest first, so that what is left out is
 * what is furthest.
 */
export function neighbourhood(
  graph: ReadonlyMap<string, GraphNode>,
  centre: string,
  depth: { readonly up: number; readonly down: number },
  atMost = drawnAtMost,
): Neighbourhood {
  const up = layers(graph, centre, depth.up, ({ reads }) => reads);
  const down = layers(graph, centre, depth.down, ({ readBy }) => readBy);
  const found = new Set([centre]);
  for (let distance = 0; distance < Math.max(up.length, down.length); distance += 1) {
    for (const name of [...(up[distance] ?? []), ...(down[distance] ?? [])]) found.add(name);
  }
  const names = [...found];
  return { names: new Set(names.slice(0, atMost)), leftOut: Math.max(0, names.length - atMost) };
}

/** What is one step away, what is two, … */
function layers(
  graph: ReadonlyMap<string, GraphNode>,
  from: string,
  depth: number,
  next: (node: GraphNode) => readonly string[],
): string[][] {
  const seen = new Set([from]);
  const found: string[][] = [];
  let layer = [from];
  while (layer.length > 0 && found.length < depth) {
    const beyond = layer.flatMap((name) => next(graph.get(name) ?? noNode)).filter((name) => graph.has(name));
    layer = [...new Set(beyond)].filter((name) => !seen.has(name));
    for (const name of layer) seen.add(name);
    if (layer.length > 0) found.push(layer);
  }
  return found;
}

const noNode: GraphNode = { name: '', reads: [], readBy: [] };

export interface Edge {
  readonly from: string;
  readonly to: string;
}

/** All edges on a way into a place or out of it; the places are columns, written as one text. */
export function waysThrough<E extends Edge>(edges: readonly E[], place: string): Set<E> {
  const into = Map.groupBy(edges, ({ to }) => to);
  const outOf = Map.groupBy(edges, ({ from }) => from);
  const found = new Set<E>();
  follow(
    place,
    (at) => into.get(at) ?? [],
    ({ from }) => from,
    found,
  );
  follow(
    place,
    (at) => outOf.get(at) ?? [],
    ({ to }) => to,
    found,
  );
  return found;
}

function follow<E>(place: string, edgesAt: (place: string) => E[], far: (edge: E) => string, found: Set<E>): void {
  const seen = new Set([place]);
  const open = [place];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const edge of edgesAt(at)) {
      found.add(edge);
      const next = far(edge);
      if (!seen.has(next)) open.push(next);
      seen.add(next);
    }
  }
}
