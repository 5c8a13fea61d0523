import type { ColumnNode, LineageProject } from '../../lib/pipeline/lineage/graph.ts';
import { columnReaders, columnSources } from '../../lib/pipeline/lineage/graph.ts';
import type { LineagePlace } from '../../lib/pipeline/lineage/place.ts';
import type { ColumnSource, Influence } from '../../lib/pipeline/models/analysis.ts';
import { graphOf, readsOf } from '../../lib/pipeline/models/selection.ts';
import { bold } from '../summary/bold.ts';
import { counted } from './quarantine-text.ts';
import { type Tree, treeLines } from './tree.ts';

/** Which ways to look. */
export interface Directions {
  readonly up: boolean;
  readonly down: boolean;
}

/** The lineage of a model or a column as people read it. */
export function lineageText(project: LineageProject, place: LineagePlace, directions: Directions): string {
  const sections = place.kind === 'table' ? tableSections(project, place.table) : columnSections(project, place);
  const shown = sections.filter(({ way }) => directions[way]);
  return [headline(project, place), ...shown.flatMap(sectionLines)].join('\n');
}

interface Section {
  readonly way: keyof Directions;
  readonly title: string;
  readonly trees: readonly Tree[];
  /** What is said where there are none; absent: nothing. */
  readonly none?: string;
}

function sectionLines({ title, trees, none }: Section): string[] {
  if (trees.length === 0) return none === undefined ? [] : ['', none];
  return ['', title, ...treeLines(trees)];
}

function headline({ models }: LineageProject, place: LineagePlace): string {
  const model = models.find(({ name }) => name === place.table);
  if (place.kind === 'column') {
    const type = model?.output.find(({ name }) => name === place.column)?.type;
    const note = model?.columns.find(({ name }) => name === place.column)?.description;
    return [bold(`${place.table}.${place.path}`), type, note].filter(Boolean).join('  ');
  }
  if (!model) return `${bold(place.table)}  a table of the pipeline`;
  const facts = [model.materialization, counted(model.output.length, 'column'), model.owner, `lane ${model.lane}`];
  return `${bold(place.table)}  ${facts.join(', ')}`;
}

function tableSections({ models }: LineageProject, table: string): Section[] {
  const { up, down } = graphOf(models, readsOf);
  return [
    { way: 'up', title: 'is built from', trees: tableTrees(table, up), none: 'is built from nothing in the warehouse' },
    { way: 'down', title: 'is read by', trees: tableTrees(table, down), none: 'is read by no model' },
  ];
}

const repeated = '  (see above)';

/** What is below a table is drawn where it is met first. */
function tableTrees(table: string, next: ReadonlyMap<string, readonly string[]>): Tree[] {
  const seen = new Set<string>();
  const below = (name: string): Tree[] =>
    (next.get(name) ?? []).map((one) => {
      if (seen.has(one)) return { text: `${one}${next.get(one)?.length ? repeated : ''}`, below: [] };
      seen.add(one);
      return { text: one, below: below(one) };
    });
  return below(table);
}

function columnSections(project: LineageProject, place: Extract<LineagePlace, { kind: 'column' }>): Section[] {
  const lineage = project.lineage.get(place.table);
  const rows = (lineage?.rows ?? []).map(rowTree);
  const sources = columnSources(project, place).map(columnTree);
  const none = lineage ? 'comes from no column: it is a constant, or counts rows' : 'comes with the events';
  return [
    { way: 'up', title: 'comes from', trees: sources, none },
    { way: 'up', title: `which rows there are in ${place.table} is decided by`, trees: rows },
    {
      way: 'down',
      title: 'is used by',
      trees: columnReaders(project, place).map(columnTree),
      none: 'is used by no model',
    },
  ];
}

const rowTree = ({ table, path, influences }: ColumnSource): Tree => ({
  text: `${table}.${path}  ${howText(influences)}`,
  below: [],
});

const columnTree = ({ table, path, influences, ofRows, next, isRepeated }: ColumnNode): Tree => ({
  text: `${ofRows ? `${table}, all its rows` : `${table}.${path}`}  ${howText(influences)}${isRepeated ? repeated : ''}`,
  below: next.map(columnTree),
});

/** `transformation, filter`; what cannot be read back is said so. */
export function howText(influences: readonly Influence[]): string {
  const words = influences.map(({ subtype, masking }) => {
    const word = subtype === 'IDENTITY' ? 'as it is' : subtype.toLowerCase().replace('_', ' ');
    return masking ? `${word} (masked)` : word;
  });
  return [...new Set(words)].join(', ');
}
