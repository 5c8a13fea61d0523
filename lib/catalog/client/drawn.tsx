import type { IndexEntry } from '../site-data.ts';
import type { Standing } from '../state.ts';
import { placeOf, type Ways } from './column-ways.ts';
import { boxWidth, curve, type Drawing, headHeight, type PlacedBox, rowHeight } from './drawing.ts';
import { linkTo } from './route.ts';

const short = (text: string, characters: number): string =>
  text.length > characters ? `${text.slice(0, characters - 1)}…` : text;

interface DrawnBoxProps {
  readonly box: PlacedBox;
  readonly entry: IndexEntry;
  readonly standing: Standing;
  readonly isCentre: boolean;
  readonly isFaint: boolean;
  /** The place of the column that was chosen. */
  readonly marked: string | undefined;
  readonly depth: { readonly up: number; readonly down: number };
}

const nameCharacters = 26;

/** A box leads to its table, a row in it to its column. */
export function DrawnBox({ box, entry, standing, isCentre, isFaint, marked, depth }: DrawnBoxProps) {
  const kind = entry.materialization ?? 'dataset';
  return (
    <g transform={`translate(${box.x} ${box.y})`} class={`box ${isCentre ? 'centre' : ''} ${isFaint ? 'faint' : ''}`}>
      <a
        href={linkTo(entry, depth)}
        aria-label={`${entry.name}, ${kind}, ${standing.text}`}
        aria-current={isCentre ? 'true' : undefined}
      >
        <title>{[entry.name, entry.label, entry.description, standing.text].filter(Boolean).join('\n')}</title>
        <rect class={entry.kind} width={box.width} height={box.height} rx="7" />
        <circle class={standing.state} cx="15" cy="18" r="4" />
        <text x="27" y="22">
          {short(entry.table, nameCharacters)}
        </text>
        <text x="27" y="37" class="small">
          {short(`${entry.schema} · ${entry.label ?? kind}`, nameCharacters + 6)}
        </text>
      </a>
      {box.columns.map((column, index) => (
        <a key={column} href={linkTo(entry, { ...depth, column })} aria-label={`${entry.name}, column ${column}`}>
          <title>{column}</title>
          <rect
            class={`row ${placeOf(box.name, column) === marked ? 'marked' : ''}`}
            x="6"
            y={headHeight + index * rowHeight}
            width={boxWidth - 12}
            height={rowHeight - 2}
            rx="4"
          />
          <text x="15" y={headHeight + index * rowHeight + 13} class="column">
            {short(column, nameCharacters + 4)}
          </text>
        </a>
      ))}
    </g>
  );
}

/** Lines between tables; between columns where one was chosen. */
export function DrawnLines({ drawing, ways, isFaint }: { drawing: Drawing; ways: Ways; isFaint: boolean }) {
  const boxes = new Map(drawing.boxes.map((box) => [box.name, box]));
  return (
    <g class="lines">
      {drawing.lines.map(({ from, to, points }) => (
        <path key={`${from} ${to}`} class={isFaint ? 'faint' : ''} d={curve(points)} />
      ))}
      {ways.edges.map((edge) => {
        const [start, end] = [rowAt(boxes, edge.from, boxWidth - 6), rowAt(boxes, edge.to, 6)];
        if (!start || !end) return null;
        return (
          <path
            key={`${edge.from} ${edge.to}`}
            class={`way ${edge.isDirect ? '' : 'indirect'}`}
            d={curve([start, end])}
          >
            <title>{edge.path || edge.from.replace('\n', '.')}</title>
          </path>
        );
      })}
    </g>
  );
}

function rowAt(boxes: ReadonlyMap<string, PlacedBox>, place: string, x: number) {
  const [table = '', column = ''] = place.split('\n');
  const box = boxes.get(table);
  const row = box?.columns.indexOf(column) ?? -1;
  return box && row >= 0 ? { x: box.x + x, y: box.y + headHeight + row * rowHeight + rowHeight / 2 - 1 } : undefined;
}
