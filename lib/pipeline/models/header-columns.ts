import { nearest } from '../nearest.ts';
import { normalisedType, typeNames } from './column-types.ts';
import type { Entry, EntryLine } from './header-entries.ts';
import { type ColumnNote, type PersonalDataClass, personalDataClasses } from './model.ts';
import { type Report, unknownWord } from './problem.ts';

/** name, type, "label", (class), description. */
const note =
  /^([\p{L}_][\p{L}\p{N}_$]*)(?: +([a-z][a-z0-9 ]*?(?: ?\( *(?:\d[\d ]*(?:, *\d[\d ]*)?|max) *\))?(?: with(?:out)? time zone)?))?(?: +"((?:[^"]|"")*)")?(?: +\(([^()]*)\))? *: +(.+)$/iu;

/** A column's note and its line in the header. */
export interface NotedColumn extends EntryLine {
  readonly note: ColumnNote;
}

export function columnNotes(entry: Entry | undefined, report: Report): NotedColumn[] {
  const noted = new Map<string, NotedColumn>();
  for (const line of entry?.below ?? []) {
    const one = columnNote(line, report);
    if (one && noted.has(one.name)) report(line.line, `the column ${one.name} is there twice; keep one`);
    else if (one) noted.set(one.name, { ...line, note: one });
  }
  if (entry?.text) report(entry.line, 'columns are described in lines of their own: `--   name: what it is`');
  return [...noted.values()];
}

function columnNote({ text, line }: EntryLine, report: Report): ColumnNote | undefined {
  const [, name, type, label, personalData, description] = note.exec(text) ?? [];
  if (!name || !description) {
    report(
      line,
      'a column is described as `--   name TYPE "label" (personal data class): what it is`; only the name and what it is are needed',
    );
    return undefined;
  }
  return {
    name,
    description,
    ...(type && { type: typeOf(type, line, report) }),
    ...(label && { label: label.replaceAll('""', '"') }),
    ...(personalData !== undefined && { personalData: classOf(personalData.trim(), line, report) }),
  };
}

function typeOf(written: string, line: number, report: Report): string {
  const type = normalisedType(written);
  const meant = nearest(written.replace(/ ?\(.*/, ''), typeNames);
  if (!type)
    report(line, `${written} is not a type of Redshift${meant ? `; did you mean ${meant.toUpperCase()}?` : ''}`);
  return type ?? written;
}

function classOf(word: string, line: number, report: Report): PersonalDataClass {
  const known = personalDataClasses.find((one) => one === word);
  if (!known) report(line, unknownWord('personal data class', word, personalDataClasses));
  return known ?? 'none';
}
