import type { FillTable } from '../../lambdas/aws/fill-table.ts';
import type { FillFile, FillState } from '../../lib/pipeline/fill.ts';

/** What is remembered of fills, in memory. */
export class MemoryFillTable implements FillTable {
  readonly locks = new Map<string, string>();
  readonly states = new Map<string, FillState>();
  readonly noted = new Map<string, FillFile>();

  async take(dataset: string, id: string) {
    const by = this.locks.get(dataset) ?? id;
    if (by !== id) return { taken: false, by } as const;
    this.locks.set(dataset, id);
    return { taken: true } as const;
  }

  async release(dataset: string, id: string): Promise<void> {
    if (this.locks.get(dataset) === id) this.locks.delete(dataset);
  }

  async read(dataset: string, id: string): Promise<FillState | undefined> {
    return this.states.get(`${dataset} ${id}`);
  }

  async note(dataset: string, id: string, state: FillState): Promise<void> {
    this.states.set(`${dataset} ${id}`, state);
  }

  async readFile(dataset: string, id: string, index: number): Promise<FillFile | undefined> {
    return this.noted.get(`${dataset} ${id} ${index}`);
  }

  async noteFile(dataset: string, id: string, index: number, file: FillFile): Promise<void> {
    this.noted.set(`${dataset} ${id} ${index}`, file);
  }

  async files(dataset: string, id: string): Promise<FillFile[]> {
    return this.#under(`${dataset} ${id} `);
  }

  #under(prefix: string): FillFile[] {
    return [...this.noted].filter(([at]) => at.startsWith(prefix)).map(([, file]) => file);
  }
}
