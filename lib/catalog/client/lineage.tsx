import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Relation } from '../catalog.ts';
import { neighbourhood } from '../graph.ts';
import type { IndexEntry } from '../site-data.ts';
import type { Catalog } from './catalog-index.ts';
import { type ColumnEdges, columnEdges, placeOf, waysOf } from './column-ways.ts';
import { type Drawing, draw } from './drawing.ts';
import { DrawnBox, DrawnLines } from './drawn.tsx';
import { linkTo, type Route } from './route.ts';
import { load } from './store.ts';

interface LineageProps {
  readonly catalog: Catalog;
  readonly entry: IndexEntry;
  readonly relation: Relation;
  readonly route: Extract<Route, { page: 'relation' }>;
}

/** Where the table comes from and goes to; with a column chosen, where that one does. */
export function Lineage({ catalog, entry, relation, route }: LineageProps) {
  const { up, down, column } = route;
  const edges = useColumnEdges(column);
  const ways = useMemo(() => waysOf(edges, entry.name, column), [edges, entry, column]);
  const near = useMemo(() => neighbourhood(catalog.graph, entry.name, { up, down }), [catalog, entry, up, down]);
  const drawing = useMemo(() => {
    const names = [...near.names];
    const boxes = names.map((name) => ({ name, columns: ways.columns(name) }));
    const lines = names.flatMap((to) => (catalog.byName.get(to)?.reads ?? []).map((from) => ({ from, to })));
    return draw(
      boxes,
      lines.filter(({ from }) => near.names.has(from)),
    );
  }, [near, ways, catalog]);
  return (
    <section>
      <h2 id="section-lineage" tabIndex={-1}>
        Lineage
      </h2>
      <div class="controls">
        <Depth title="Sources" value={up} href={(value) => linkTo(entry, { column, up: value, down })} />
        <Depth title="Users" value={down} href={(value) => linkTo(entry, { column, up, down: value })} />
        <label>
          Column{' '}
          <select
            value={column ?? ''}
            onChange={(event) => {
              location.hash = linkTo(entry, { column: event.currentTarget.value || undefined, up, down });
            }}
          >
            <option value="">none</option>
            {relation.columns.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      <p class="soft">
        {near.leftOut > 0 && `The nearest ${near.names.size}; ${near.leftOut} more are further away. `}
        {column && edges && ways.isEmpty && 'Nothing is known of where this column comes from or goes to. '}
        {column && !ways.isEmpty && 'A dashed line: it only decides which rows, or which value. '}
      </p>
      <Picture
        drawing={drawing}
        catalog={catalog}
        centre={entry.name}
        depth={{ up, down }}
        ways={ways}
        column={column}
      />
    </section>
  );
}

/** They are read when somebody asks for a column. */
function useColumnEdges(column: string | undefined): ColumnEdges | undefined {
  const [edges, setEdges] = useState<ColumnEdges>();
  useEffect(() => {
    if (!column || edges) return;
    load('data/column-lineage.js').then(
      (data) => setEdges(columnEdges(data)),
      () => setEdges([]),
    );
  }, [column, edges]);
  return edges;
}

const depths = [0, 1, 2, 3, 99];

function Depth({ title, value, href }: { title: string; value: number; href: (value: number) => string }) {
  return (
    <fieldset class="depth">
      <legend>{title}</legend>
      {depths.map((one) => (
        <a key={one} href={href(one)} aria-current={one === value ? 'true' : undefined}>
          {one === 99 ? 'all' : one}
        </a>
      ))}
    </fieldset>
  );
}

interface PictureProps {
  readonly drawing: Drawing;
  readonly catalog: Catalog;
  readonly centre: string;
  readonly depth: { readonly up: number; readonly down: number };
  readonly ways: ReturnType<typeof waysOf>;
  readonly column: string | undefined;
}

function Picture({ drawing, catalog, centre, depth, ways, column }: PictureProps) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = drawing.boxes.find(({ name }) => name === centre);
    if (!box || !frame.current) return;
    frame.current.scrollLeft = box.x + box.width / 2 - frame.current.clientWidth / 2;
    frame.current.scrollTop = box.y + box.height / 2 - frame.current.clientHeight / 2;
  }, [drawing, centre]);
  const marked = column ? placeOf(centre, column) : undefined;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <figure class="picture" ref={frame} tabIndex={0} aria-label={`What ${centre} is made of, and what is made of it`}>
      <svg width={drawing.width} height={drawing.height} viewBox={`0 0 ${drawing.width} ${drawing.height}`}>
        <title>Lineage of {centre}</title>
        <DrawnLines drawing={drawing} ways={ways} isFaint={column !== undefined && !ways.isEmpty} />
        {drawing.boxes.map((box) => {
          const entry = catalog.byName.get(box.name);
          if (!entry) return null;
          const isFaint = column !== undefined && !ways.isEmpty && box.columns.length === 0;
          return (
            <DrawnBox
              key={box.name}
              box={box}
              entry={entry}
              standing={catalog.standing(box.name)}
              isCentre={box.name === centre}
              isFaint={isFaint}
              marked={marked}
              depth={depth}
            />
          );
        })}
      </svg>
    </figure>
  );
}
