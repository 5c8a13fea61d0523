import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import type { Built } from './build-models.ts';
import { builtText, phaseOf } from './build-text.ts';

/** Says of each model how it ended; on a terminal also what is under way. */
export class Progress {
  readonly #quiet: boolean;
  readonly #underWay = new Map<string, string>();

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  step(model: CompiledModel, step: string): void {
    this.#underWay.set(model.name, phaseOf(step));
    this.#show();
  }

  ended(built: Built): void {
    this.#underWay.delete(built.model.name);
    this.clear();
    if (!this.#quiet) process.stdout.write(`${builtText(built)}\n`);
    this.#show();
  }

  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  }

  #show(): void {
    if (!process.stderr.isTTY) return;
    const text = [...this.#underWay].map(([name, phase]) => `${phase} ${name}`).join(', ');
    process.stderr.write(`\r\u001b[K${text.slice(0, process.stderr.columns - 1)}`);
  }
}
