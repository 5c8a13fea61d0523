import { type BuildPlan, executionOf } from '../desk/build-models.ts';
import { dryRun } from '../desk/dry-run.ts';

/** Prints the statements of a build, and sends none. */
export function tellDryRun(plan: BuildPlan, json: boolean): void {
  const piece = { kind: 'model' as const, execution: executionOf(plan), model: '' };
  const all = plan.models.map((model) => ({ model: model.name, steps: dryRun(model, plan.surroundings, piece) }));
  if (json) {
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    return;
  }
  for (const { model, steps } of all) {
    for (const { step, statements } of steps) {
      process.stdout.write(`-- ${model}: ${step}\nBEGIN;\n${statements.join(';\n')};\nCOMMIT;\n\n`);
    }
  }
  process.stdout.write(
    `-- ${all.length} models, each as if it were new and its checks found nothing; nothing was sent\n`,
  );
}
