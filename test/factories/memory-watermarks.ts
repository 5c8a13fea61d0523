import type { WatermarkStore } from '../../lambdas/aws/watermark-store.ts';
import { type RestProgress, restProgress } from '../../lib/pipeline/rest-progress.ts';

/** The watermark store's contract on a Map; what is kept goes through JSON, as it does in the table. */
export class MemoryWatermarks implements WatermarkStore {
  readonly items = new Map<string, string>();
  writes = 0;

  async read(dataset: string): Promise<RestProgress | undefined> {
    const text = this.items.get(dataset);
    return text === undefined ? undefined : restProgress.parse(JSON.parse(text));
  }

  async write(dataset: string, progress: RestProgress, previousPull: number): Promise<'written' | 'overtaken'> {
    const text = this.items.get(dataset);
    if (text !== undefined && restProgress.parse(JSON.parse(text)).pull !== previousPull) return 'overtaken';
    this.items.set(dataset, JSON.stringify(progress));
    this.writes += 1;
    return 'written';
  }
}
