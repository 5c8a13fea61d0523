import { Graph, layout } from '@dagrejs/dagre';

/** A box to place, with so many rows of columns in it. */
export interface Box {
  readonly name: string;
  readonly columns: readonly string[];
}
export interface PlacedBox extends Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface Line {
  readonly from: string;
  readonly to: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}
export interface Drawing {
  readonly boxes: readonly PlacedBox[];
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
}

export const boxWidth = 216;
export const headHeight = 46;
export const rowHeight = 20;

/** Places boxes and lines, from left to right as the data flows. */
export function draw(boxes: readonly Box[], edges: readonly { readonly from: string; readonly to: string }[]): Drawing {
  const graph = new Graph().setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 64, marginx: 8, marginy: 8 });
  for (const { name, columns } of boxes) {
    const rows = columns.length > 0 ? columns.length * rowHeight + 8 : 0;
    graph.setNode(name, { width: boxWidth, height: headHeight + rows });
  }
  for (const { from, to } of edges) graph.setEdge(from, to, {});
  layout(graph);
  const placed = boxes.map((box) => {
    const { x, y, width, height } = graph.node(box.name) as PlacedBox;
    return { ...box, x: x - width / 2, y: y - height / 2, width, height };
  });
  const byName = new Map(placed.map((box) => [box.name, box]));
  const lines = edges.map(({ from, to }) => {
    const [start, end] = [byName.get(from), byName.get(to)];
    const inner = (graph.edge(from, to) as Line).points.slice(1, -1);
    // From the right side of a box to the left side of the next, wherever the layout would have a line leave it.
    const points = [...(start ? [sideOf(start, boxWidth)] : []), ...inner, ...(end ? [sideOf(end, 0)] : [])];
    return { from, to, points };
  });
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return { boxes: placed, lines, width, height };
}

const sideOf = ({ x, y, height }: PlacedBox, width: number) => ({ x: x + width, y: y + height / 2 });

/** A curve through points, flat where it begins and ends. */
export function curve(points: Line['points']): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let from = first;
  let path = `M${first.x} ${first.y}`;
  for (const to of rest) {
    const middle = (from.x + to.x) / 2;
    path += `C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
    from = to;
  }
  return path;
}
