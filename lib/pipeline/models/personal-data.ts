import type { ModelToAnalyse } from './analyse.ts';
import type { ColumnSource, QueryLineage } from './analysis.ts';
import { type ColumnNote, type PersonalDataClass, personalDataClasses } from './model.ts';
import type { ModelProblem } from './problem.ts';
import { placeOf } from './sql-tokens.ts';

const rank = (one: PersonalDataClass): number => personalDataClasses.indexOf(one);
/** From here on a column must say itself what it is. */
const mustBeSaid = rank('personal');

/** Where a class comes from. */
interface Inherited {
  readonly personalData: PersonalDataClass;
  readonly from: string;
}

/**
 * Classes of personal data go where values go: a column made of a personal one is personal, unless a function masks it, and has
 * to say so. Models come in dependency order; answers with their notes, in which what is inherited is filled in.
 */
export function personalData(
  models: readonly ModelToAnalyse[],
  lineage: ReadonlyMap<string, QueryLineage>,
  problems: ModelProblem[],
): ReadonlyMap<string, ColumnNote[]> {
  /** By `schema.table`, then column. */
  const classes = new Map<string, ReadonlyMap<string, PersonalDataClass>>();
  const notes = new Map<string, ColumnNote[]>();
  for (const entry of models) {
    const { name, columns } = entry.model;
    const said = new Map(columns.map((note) => [note.name, note.personalData]));
    const own = new Map([...said].flatMap(([column, personal]) => (personal ? [[column, personal] as const] : [])));
    for (const { name: column, sources } of lineage.get(name)?.columns ?? []) {
      const inherited = strongest(sources, classes);
      if (!inherited) continue;
      const declared = said.get(column) ?? 'none';
      const isTold = rank(inherited.personalData) >= mustBeSaid && rank(inherited.personalData) > rank(declared);
      if (isTold) problems.push(untold(entry, column, inherited));
      if (!said.get(column)) own.set(column, inherited.personalData);
    }
    classes.set(name, own);
    notes.set(
      name,
      columns.map((note) => ({ ...note, ...classNote(own.get(note.name)) })),
    );
  }
  return notes;
}

const classNote = (personal: PersonalDataClass | undefined) => (personal ? { personalData: personal } : {});

function strongest(
  sources: readonly ColumnSource[],
  classes: ReadonlyMap<string, ReadonlyMap<string, PersonalDataClass>>,
): Inherited | undefined {
  const inherited = sources
    .filter(({ influences }) => influences.some(({ type, masking }) => type === 'DIRECT' && !masking))
    .flatMap(({ table, column }): Inherited[] => {
      const personal = classes.get(table)?.get(column);
      return personal && personal !== 'none' ? [{ personalData: personal, from: `${table}.${column}` }] : [];
    });
  return inherited.toSorted((one, other) => rank(other.personalData) - rank(one.personalData))[0];
}

function untold({ parsed }: ModelToAnalyse, column: string, { personalData: personal, from }: Inherited): ModelProblem {
  const { file, places, sqlOffset } = parsed;
  const line = places.noteLines.get(column) ?? placeOf(file.text, sqlOffset).line;
  const message = `${column} is made of ${from}, which is ${personal}; say so (--   ${column} (${personal}): …), or mask it, as with SHA2(${column}, 256)`;
  return { path: file.path, line, message };
}
