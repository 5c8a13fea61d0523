import type { FollowedInput } from '../../incremental/follow.ts';
import { quoteText } from '../../names.ts';
import { columnList, datasetChangesTable, qualifiedName, replacedTable } from '../../tables.ts';

/** What has changed of a followed table: after the mark, up to the upper. */
export interface ChangedInput extends FollowedInput {
  readonly mark: number;
  readonly upper: number;
  readonly since: string;
}

const columnsOf = ({ table }: FollowedInput): string => columnList(table.columns);

function loadsOf({ dataset, mark, upper }: ChangedInput): string {
  return `SELECT "load_id" FROM ${qualifiedName(datasetChangesTable)}
  WHERE "dataset" = ${quoteText(dataset)} AND "sequence" > ${mark} AND "sequence" <= ${upper}`;
}

/** The rows that are new, as they are. The constant time keeps most of the table from being read. */
export function newRows(input: ChangedInput): string {
  return `SELECT ${columnsOf(input)} FROM ${qualifiedName(input.table)}
WHERE "_loaded_at" >= ${quoteText(`${input.since}+00`)}::TIMESTAMPTZ
AND "_load_id" IN (${loadsOf(input)})`;
}

/** The rows that are no more, as they were when the model saw them; undefined where rows only come. */
export function oldRows(input: ChangedInput): string | undefined {
  if (!input.isLatest) return undefined;
  return `SELECT ${columnsOf(input)} FROM ${qualifiedName(replacedTable(input.dataset))}
WHERE "_replaced_by" > ${input.mark} AND "_replaced_by" <= ${input.upper}
AND "_load_id" NOT IN (${loadsOf(input)})`;
}

/** The rows that have changed, as they are and as they were. */
export function changedRows(input: ChangedInput): string {
  const old = oldRows(input);
  return old ? `${newRows(input)}\nUNION ALL\n${old}` : newRows(input);
}

/** All rows as they are, and those that have changed as they were; undefined where that is the table itself. */
export function everyRow(input: ChangedInput): string | undefined {
  const old = oldRows(input);
  return old && `SELECT ${columnsOf(input)} FROM ${qualifiedName(input.table)}\nUNION ALL\n${old}`;
}
