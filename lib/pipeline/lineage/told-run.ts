import * as z from 'zod';
import type { BuiltModel } from '../model-run.ts';
import { queryLineage } from '../models/analysis.ts';
import type { CompiledModel } from '../models/model.ts';
import { type LineageNames, openLineageObject, runEvents } from './open-lineage.ts';

/** What is known of a project's lineage, as the function that ends a run reads it from `lineage.json`. */
export const knownLineage = z.strictObject({
  /** The namespace of the jobs. */
  service: z.string(),
  /** By the model's name. */
  models: z.record(z.string(), queryLineage),
});
export type KnownLineage = z.infer<typeof knownLineage>;

/** A refresh that has ended, and what came of its models. */
export interface ToldRun {
  readonly execution: string;
  /** ISO-8601: a retry of its end writes the same object. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly built: readonly BuiltModel[];
}

/** The object of the lake that tells a run; none where it has built nothing. What a later run has written, that one tells. */
export function toldRun(
  run: ToldRun,
  models: readonly CompiledModel[],
  { lineage, names }: { readonly lineage: KnownLineage['models']; readonly names: LineageNames },
): { readonly key: string; readonly body: string } | undefined {
  const byName = new Map(models.map((model) => [model.name, model]));
  const events = run.built.flatMap(({ model: name, outcome, reason, rows }) => {
    const model = byName.get(name);
    if (!model || outcome === 'fenced') return [];
    const ended = { execution: run.execution, endedAt: run.endedAt, outcome, reason, rows, checks: [] };
    return runEvents({ model, lineage: lineage[name] }, ended, names);
  });
  return events.length > 0 ? openLineageObject(run.execution, run.startedAt, events) : undefined;
}
