import { modelMarksTable } from '../../model-tables.ts';
import type { CompiledModel } from '../../models/model.ts';
import { quoteText } from '../../names.ts';
import { columnList, datasetChangesTable, modelRunsTable, qualifiedName, replacedDays } from '../../tables.ts';
import type { ResultRows } from '../../work.ts';

/** What a model's rows come from: datasets, and models that hold rows of their own. */
export interface Inputs {
  readonly datasets: readonly string[];
  readonly models: readonly string[];
}

/** An input, since the model was last published. */
export interface InputChange {
  readonly input: string;
  /** Up to which change the model has seen it; undefined where it has not. */
  readonly mark: number | undefined;
  /** Up to which change there is. */
  readonly upper: number;
  /** Why what has changed since the mark cannot be followed, if it cannot. */
  readonly obstacle: 'rewritten' | 'too long ago' | undefined;
  /** All that was written over since then in `latest` has been kept. */
  readonly keepsReplaced: boolean;
  /** Before any of the rows that came since were loaded, in UTC: `2026-11-20 12:00:00`. */
  readonly since: string | undefined;
}

export const changesResultIndexes = [1, 2, 3] as const;

/** Asks how far the model has seen its inputs, and how far they are now. This comes before anything is built of them. */
export function changesStatements(model: CompiledModel, { datasets, models }: Inputs): string[] {
  const marks = `(
  SELECT "input", "sequence" FROM ${qualifiedName(modelMarksTable(model))}
  WHERE "definition" = ${quoteText(model.definition)}
)`;
  const unseen = (value: string) => `CASE WHEN "change"."sequence" > "mark"."sequence" THEN ${value} END`;
  const old = `"change"."changed_at" < DATEADD(day, -${replacedDays - 1}, SYSDATE)`;
  const among = (names: readonly string[]) => (names.length > 0 ? names.map(quoteText).join(', ') : `''`);
  return [
    `SELECT "input", "sequence" FROM ${marks} AS "mark"`,
    `SELECT "change"."dataset", MAX("change"."sequence"),
  COUNT(${unseen(`CASE WHEN "change"."rewrites" THEN 1 END`)}),
  COUNT(${unseen(`CASE WHEN ${old} THEN 1 END`)}),
  COUNT(${unseen(`CASE WHEN NOT "change"."keeps_replaced" THEN 1 END`)}),
  TO_CHAR(DATEADD(hour, -1, MIN(${unseen('"change"."changed_at"')}) AT TIME ZONE 'UTC'), 'YYYY-MM-DD HH24:MI:SS')
FROM ${qualifiedName(datasetChangesTable)} AS "change"
LEFT JOIN ${marks} AS "mark" ON "mark"."input" = "change"."dataset"
WHERE "change"."dataset" IN (${among(datasets)})
GROUP BY "change"."dataset"`,
    `SELECT "model", COUNT(*) FROM ${qualifiedName(modelRunsTable)}
WHERE "outcome" = 'published' AND "model" IN (${among(models)})
GROUP BY "model"`,
  ];
}

/** Reads what the statements answer. */
export function inputChanges({ datasets, models }: Inputs, results: readonly ResultRows[]): InputChange[] {
  const [marks = [], changes = [], runs = []] = results;
  const markOf = (input: string) => {
    const mark = marks.find(([name]) => name === input)?.[1];
    return mark ? Number(mark) : undefined;
  };
  const ofDatasets = datasets.map((input): InputChange => {
    const [, upper, rewrites, old, unkept, since] = changes.find(([name]) => name === input) ?? [];
    const obstacle = Number(rewrites ?? 0) > 0 ? 'rewritten' : Number(old ?? 0) > 0 ? 'too long ago' : undefined;
    const keepsReplaced = Number(unkept ?? 0) === 0;
    return {
      input,
      mark: markOf(input),
      upper: Number(upper ?? 0),
      obstacle,
      keepsReplaced,
      since: since ?? undefined,
    };
  });
  const ofModels = models.map((input): InputChange => {
    const upper = Number(runs.find(([name]) => name === input)?.[1] ?? 0);
    return { input, mark: markOf(input), upper, obstacle: undefined, keepsReplaced: false, since: undefined };
  });
  return [...ofDatasets, ...ofModels];
}

/** Notes how far the model has seen its inputs, in the transaction that publishes its rows. */
export function noteMarks(model: CompiledModel, changes: readonly InputChange[]): string[] {
  const table = modelMarksTable(model);
  const rows = changes.map(({ input, upper }) => `(${quoteText(input)}, ${upper}, ${quoteText(model.definition)})`);
  return [
    forgetMarks(model),
    ...(rows.length > 0
      ? [`INSERT INTO ${qualifiedName(table)} (${columnList(table.columns)}) VALUES ${rows.join(', ')}`]
      : []),
  ];
}

/** The next run builds the model whole. */
export const forgetMarks = (model: CompiledModel): string => `DELETE FROM ${qualifiedName(modelMarksTable(model))}`;
