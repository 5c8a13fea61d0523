import type { CompiledModel } from '../../models/model.ts';
import { quoteIdentifier, quoteText } from '../../names.ts';
import { modelRunsTable, qualifiedName } from '../../tables.ts';
import { fenceStatements, type Holder } from '../fence.ts';
import { dropAside } from '../model/build.ts';
import type { Audited } from '../model/failing.ts';
import { asideOf, changedOf, targetOf } from '../model/place.ts';
import { requireDefinition } from '../model/publish.ts';
import { recordRun } from '../model/record.ts';
import type { ModelRun } from '../model/run.ts';
import { caseSensitivePaths } from '../session.ts';
import { isChanged, isWithin, type KeysFound } from './keys.ts';

/** Builds the rows of the changed keys aside. */
export function rowsStatements(model: CompiledModel, holder: Holder, select: string): string[] {
  const aside = qualifiedName(asideOf(model));
  return [
    caseSensitivePaths,
    ...fenceStatements(model, holder),
    `DROP TABLE IF EXISTS ${aside}`,
    `CREATE TABLE ${aside} AS\n${select}`,
  ];
}

/** The rows where nothing has changed. */
export const noRows = (model: CompiledModel): string => `SELECT * FROM ${qualifiedName(targetOf(model))} WHERE FALSE`;

/** Of the rows of a query, those of the changed keys. */
export function ofChangedKeys(model: CompiledModel, select: string): string {
  return `SELECT "made".* FROM (${select}\n) AS "made"
JOIN ${qualifiedName(changedOf(model))} AS "changed" ON ${isChanged(model, '"made"')}`;
}

/**
 * Counts the changed keys whose rows are not just those that the changed rows made, as they were: other rows make some of the
 * same key, and it does not do to look at the changed ones alone.
 */
export function countShared(model: CompiledModel, found: KeysFound, before: string | undefined): string {
  const columns = model.key.map(quoteIdentifier).join(', ');
  const there = model.key.map((column) => `"there".${quoteIdentifier(column)}`).join(', ');
  const gone = before ? `\n  UNION ALL\n  SELECT ${columns}, -1 FROM (${before}\n  ) AS "before"` : '';
  return `SELECT COUNT(*) FROM (
  SELECT ${columns} FROM (
  SELECT ${there}, 1 AS "rows" FROM ${qualifiedName(targetOf(model))} AS "there"
  JOIN ${qualifiedName(changedOf(model))} AS "changed" ON ${isChanged(model, '"there"')}${isWithin('"there"', found)}${gone}
  ) AS "made"
  GROUP BY ${columns}
  HAVING SUM("rows") <> 0
) AS "shared"`;
}

/** The new rows, and what will be there with them; how many that will be is told without counting what stays. */
export function auditedSlice(model: CompiledModel, found: KeysFound): Audited {
  const rows = qualifiedName(asideOf(model));
  const first = `"changed".${quoteIdentifier(model.key[0] ?? '')}`;
  const whole = `(SELECT "kept".* FROM ${qualifiedName(targetOf(model))} AS "kept"
LEFT JOIN ${qualifiedName(changedOf(model))} AS "changed" ON ${isChanged(model, '"kept"')}
WHERE ${first} IS NULL
UNION ALL
SELECT * FROM ${rows})`;
  const count = `SELECT "before"."row_count" + "added"."rows" - "gone"."rows" AS "rows"
  FROM (
    SELECT "row_count" FROM ${qualifiedName(modelRunsTable)}
    WHERE "model" = ${quoteText(model.name)} AND "outcome" = 'published'
    ORDER BY "finished_at" DESC
    LIMIT 1
  ) AS "before"
  CROSS JOIN (SELECT COUNT(*) AS "rows" FROM ${rows}) AS "added"
  CROSS JOIN (
    SELECT COUNT(*) AS "rows" FROM ${qualifiedName(targetOf(model))} AS "there"
    JOIN ${qualifiedName(changedOf(model))} AS "changed" ON ${isChanged(model, '"there"')}${isWithin('"there"', found)}
  ) AS "gone"`;
  return { rows, whole, count };
}

/** Puts the new rows in the place of the old ones of the same keys; readers of the table wait for nothing. */
export function mergeStatements(model: CompiledModel, run: ModelRun, found: KeysFound): string[] {
  const target = targetOf(model);
  const name = quoteIdentifier(target.name);
  return [
    caseSensitivePaths,
    ...fenceStatements(model, run.holder),
    requireDefinition(model),
    `DELETE FROM ${qualifiedName(target)}
USING ${qualifiedName(changedOf(model))} AS "changed"
WHERE ${isChanged(model, name)}${isWithin(name, found)}`,
    `INSERT INTO ${qualifiedName(target)}\nSELECT * FROM ${qualifiedName(asideOf(model))}`,
    ...dropAside(model),
    ...recordRun(model, run),
  ];
}
