import type { ColumnSource, Influence, QueryLineage } from '../models/analysis.ts';
import type { CompiledModel } from '../models/model.ts';

/** Models that were analysed. */
export interface LineageProject {
  /** In dependency order. */
  readonly models: readonly CompiledModel[];
  /** By the model's name. */
  readonly lineage: ReadonlyMap<string, QueryLineage>;
}

/** A column, or a part of the document in it: `latest.brackets`, `payload`, `payload.matches[*].endedAt`. */
export interface ColumnPlace {
  readonly table: string;
  readonly column: string;
  readonly path: string;
}

/** A column on the way from sources to readers, and those that are next from there. */
export interface ColumnNode extends ColumnPlace {
  /** How it matters for the column that it stands under, or that one for it. */
  readonly influences: readonly Influence[];
  /** Where it matters for a model's rows, and so for all its columns alike. */
  readonly ofRows: boolean;
  readonly next: readonly ColumnNode[];
  /** What is next is told where the same column stands before. */
  readonly isRepeated: boolean;
}

/** What a column comes from, model by model, down to the datasets. */
export function columnSources(project: LineageProject, place: ColumnPlace): ColumnNode[] {
  const seen: Walk['seen'] = new Map();
  const below = (target: ColumnPlace): ColumnNode[] => {
    const column = project.lineage.get(target.table)?.columns.find(({ name }) => name === target.column);
    const sources = (column?.sources ?? []).map((source) => throughPath(source, target));
    return sources.map((source) => nodeOf(source, source.influences, { seen, below }));
  };
  return below(place);
}

/** Steps into a column that is handed on as it is are steps into what it comes from. */
function throughPath(source: ColumnSource, { column, path }: ColumnPlace): ColumnSource {
  const steps = path.startsWith(column) ? path.slice(column.length) : '';
  const isSame = source.influences.some(({ subtype }) => subtype === 'IDENTITY');
  return isSame ? { ...source, path: `${source.path}${steps}` } : source;
}

interface Walk {
  /** Columns that have been met, and whether there is anything next to them. */
  readonly seen: Map<string, boolean>;
  readonly below: (place: ColumnPlace) => ColumnNode[];
}

function nodeOf(place: ColumnPlace, influences: readonly Influence[], { seen, below }: Walk): ColumnNode {
  const { table, column, path } = place;
  const key = `${table}.${path}`;
  const known = seen.get(key);
  const next = known === undefined ? below(place) : [];
  if (known === undefined) seen.set(key, next.length > 0);
  return { table, column, path, influences, ofRows: false, next, isRepeated: known === true };
}

/** The columns that use a column, model by model; where it decides on a model's rows only, the model. */
export function columnReaders(project: LineageProject, place: ColumnPlace): ColumnNode[] {
  const seen: Walk['seen'] = new Map();
  const below = (target: ColumnPlace): ColumnNode[] =>
    [...project.lineage].flatMap(([table, { columns, rows }]) => {
      const using = columns.flatMap(({ name: column, sources }) => {
        const influences = influencesOf(sources, target);
        const node = { table, column, path: column };
        return influences.length > 0 ? [nodeOf(node, influences, { seen, below })] : [];
      });
      const influences = influencesOf(rows, target);
      const ofRows = { table, column: '', path: '', influences, ofRows: true, next: [], isRepeated: false };
      return influences.length > 0 ? [...using, ofRows] : using;
    });
  return below(place);
}

/** How sources that overlap with a place matter. */
function influencesOf(sources: readonly ColumnSource[], place: ColumnPlace): Influence[] {
  const found = sources.filter(({ table, column, path }) => {
    return table === place.table && column === place.column && overlap(path, place.path);
  });
  const each = new Map(found.flatMap(({ influences }) => influences).map((one) => [JSON.stringify(one), one]));
  return [...each.values()];
}

/** A part of a document matters to whoever reads the whole, and the whole to whoever reads a part. */
function overlap(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return long.startsWith(short) && (long.length === short.length || /[.[]/.test(long.charAt(short.length)));
}
