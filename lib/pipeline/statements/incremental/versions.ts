import { MillraceError } from '../../error.ts';
import { columnsOfTables } from '../../incremental/follow.ts';
import { readQuery } from '../../incremental/read-query.ts';
import { columnsOfQuery, UnknownShape } from '../../incremental/shape.ts';
import { historyColumns } from '../../models/history-columns.ts';
import type { CompiledModel } from '../../models/model.ts';
import { quoteIdentifier } from '../../names.ts';

/** A column of the versions, and what it is compared by: SUPER has no order. */
interface Column {
  readonly name: string;
  readonly comparable: string;
}

/**
 * The versions of each key as a history: how long each one held, those that say nothing new taken into the one before, and those
 * that say that the key was deleted ending it. Of versions since the same instant the last counts: one that deletes, else the
 * last by its columns, in their order. One that began at no known time was always there.
 */
export function versionsSelect(model: CompiledModel, rows: string): string {
  const { key, validFrom, deleted } = model;
  if (!validFrom)
    throw new MillraceError('NO_VALID_FROM', `${model.name} is a history without a column for valid from`);
  const columns = columnsOf(model);
  const list = (prefix: string) => columns.map(({ name }) => `${prefix}${quoteIdentifier(name)}`).join(', ');
  const since = quoteIdentifier(validFrom);
  const keys = key.map(quoteIdentifier).join(', ');
  const gone = deleted && `COALESCE(${quoteIdentifier(deleted)}, FALSE)`;
  const told = columns.filter(({ name }) => !key.includes(name) && name !== validFrom);
  const inTime = `OVER (PARTITION BY ${keys} ORDER BY ${since} NULLS FIRST)`;
  const before = told.map(({ comparable }, index) => `LAG(${comparable}) ${inTime} AS "_before_${index}"`);
  const same = told.map(({ comparable }, index) => isSame(comparable, `"_before_${index}"`));
  // A window is not ordered by what is the same in all rows: Redshift refuses to.
  const last = [
    ...(gone ? [`${gone} DESC`] : []),
    ...columns.map(({ comparable }) => `${comparable} DESC NULLS LAST`),
  ].join(', ');
  return `SELECT ${list('')}, "_valid_to" AS ${quoteIdentifier(historyColumns.validTo.name)}, "_valid_to" IS NULL AS ${quoteIdentifier(historyColumns.isCurrent.name)}
FROM (
  SELECT ${list('')}, LEAD(${since}) ${inTime}::TIMESTAMPTZ AS "_valid_to"
  FROM (
    SELECT ${[list(''), ...before, `ROW_NUMBER() ${inTime} AS "_version"`].join(',\n      ')}
    FROM (
      SELECT ${list('')}, ROW_NUMBER() OVER (PARTITION BY ${keys}, ${since} ORDER BY ${last}) AS "_turn"
      FROM (${rows}
      ) AS "told"
    ) AS "turned"
    WHERE "_turn" = 1
  ) AS "compared"
  WHERE "_version" = 1 OR NOT (${same.length > 0 ? same.join(' AND ') : 'TRUE'})
) AS "lasting"${gone ? `\nWHERE NOT ${gone}` : ''}`;
}

const isSame = (one: string, other: string): string =>
  `COALESCE(${one} = ${other}, ${one} IS NULL AND ${other} IS NULL)`;

function columnsOf(model: CompiledModel): Column[] {
  const appended = new Set<string>(Object.values(historyColumns).map(({ name }) => name));
  const known = model.output.filter(({ name }) => !appended.has(name));
  if (known.length === 0) return namesOf(model).map((name) => ({ name, comparable: quoteIdentifier(name) }));
  return known.map(({ name, type }) => {
    const quoted = quoteIdentifier(name);
    return { name, comparable: type === 'super' ? `JSON_SERIALIZE_TO_VARBYTE(${quoted})` : quoted };
  });
}

/** Of a model that nobody has analysed. */
function namesOf({ name, sql, datasets }: CompiledModel): readonly string[] {
  try {
    return columnsOfQuery(readQuery(sql, columnsOfTables(datasets)));
  } catch (error) {
    if (!(error instanceof UnknownShape)) throw error;
    throw new MillraceError('UNKNOWN_COLUMNS', `the columns of ${name} are not known: ${error.message}`);
  }
}
