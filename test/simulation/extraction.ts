import { extract } from '../../lambdas/extract/extract.ts';
import type { LandingPorts } from '../../lambdas/ingest/land.ts';
import type { DatasetPlan } from '../../lib/pipeline/environment.ts';
import { datasetPrefix } from '../../lib/pipeline/reload-range.ts';
import { latestTable, loadsTable, qualifiedName, rawTable } from '../../lib/pipeline/tables.ts';
import type { Redshift } from '../../local/redshift/types.ts';
import { MemoryWatermarks } from '../factories/memory-watermarks.ts';
import { SimulatedApi } from './api.ts';
import type { Decay } from './decay.ts';
import { invoke, type Process, through } from './process.ts';
import { clockOf } from './refresh-functions.ts';
import { troubledMilliseconds, type World } from './world.ts';

/** The dataset that is pulled. */
export const organizers: DatasetPlan = {
  name: 'organizers',
  owner: 'tournament-team',
  freshnessSeconds: 600,
  keyed: true,
};

const source = {
  key: ['id'],
  watermark: { field: 'updatedAt', parameter: 'since', overlapSeconds: 60 },
  records: 'data',
  pagination: { kind: 'cursor' as const, field: 'nextCursor', parameter: 'cursor' },
};
const everyMilliseconds = 60_000;
const timeoutMilliseconds = 300_000;

/** How the extractor's ports are changed by a sabotage. */
export type ExtractSabotage = (ports: { lake: LandingPorts['lake']; watermarks: MemoryWatermarks }) => {
  lake: LandingPorts['lake'];
  watermarks: Pick<MemoryWatermarks, 'read' | 'write'>;
};

/** A REST source and the scheduled function that pulls it, until all is quiet for long. */
export class Extraction {
  readonly #world: World;
  readonly #landing: LandingPorts;
  readonly #api: SimulatedApi;
  readonly #watermarks = new MemoryWatermarks();
  readonly #sabotage: ExtractSabotage;

  constructor(world: World, landing: LandingPorts, sabotage: ExtractSabotage = (ports) => ports) {
    this.#world = world;
    this.#landing = landing;
    this.#api = new SimulatedApi(world);
    this.#sabotage = sabotage;
  }

  begin(): void {
    this.#api.begin();
    const end = troubledMilliseconds + 10 * everyMilliseconds;
    // Seldom while nothing is written, so that a seed stays short.
    for (let at = 0; at < end; at += at < 15 * everyMilliseconds ? everyMilliseconds : 4 * everyMilliseconds) {
      this.#world.after(at + this.#world.random.between(0, 30_000), 'the schedule', () => this.#invoke());
    }
  }

  #invoke(): void {
    const world = this.#world;
    if (world.faults.strikes('scheduledTwice', 'extract'))
      world.after(world.random.between(0, 2_000), 'the schedule again', () => this.#invoke());
    invoke(world, 'extract', (self) => this.#pull(self)).then(
      ({ kind, counts }) => {
        if (counts.RecordsReceived > 0 || kind !== 'complete')
          world.note(`extract ${kind}: ${counts.RecordsReceived} records`);
      },
      (error) => world.note(`extract: ${(error as Error).message}`),
    );
  }

  #pull(self: Process) {
    const world = this.#world;
    const deadline = world.nowMilliseconds + timeoutMilliseconds;
    const clock = clockOf(world);
    const ports = this.#sabotage({
      lake: through(self, 's3', this.#landing.lake),
      watermarks: through(self, 'watermarks', this.#watermarks),
    });
    return extract(
      { dataset: organizers.name, codec: 'gzip', source, secretArn: 'secret', pagesAtMost: 3 },
      {
        ...{ ...this.#landing, ...ports, nowMilliseconds: clock },
        queue: through(self, 'sqs', this.#landing.queue),
        secrets: { read: async () => '{"url":"https://api.example.com/organizers","token":"t"}' },
        fetch: (input) => self.call('source.get', () => this.#api.get(new URL(String(input)))),
        sleep: (milliseconds) => self.sleep(milliseconds),
        random: () => 0.5,
        remainingMilliseconds: () => deadline - world.nowMilliseconds,
        now: () => new Date(clock()),
      },
    );
  }

  /** What does not hold when all is quiet: what the source serves is in `latest`, and nothing in `raw` that it never served, or twice. */
  async violations(redshift: Redshift, { damaged, garbled }: Decay): Promise<string[]> {
    const session = await redshift.session({ database: 'prod', user: 'admin' });
    const rows = async (sql: string) => (await session.execute(sql)).at(-1)?.rows ?? [];
    const [latestName, rawName] = [latestTable(organizers.name), rawTable(organizers.name)].map(qualifiedName);
    const latest = await rows(`SELECT JSON_SERIALIZE("payload") FROM ${latestName}`);
    const raw = await rows(`SELECT "_id", JSON_SERIALIZE("payload") FROM ${rawName}`);
    const counted = await rows(
      `SELECT COALESCE(SUM("rows_inserted"), 0)::BIGINT FROM ${qualifiedName(loadsTable)} WHERE "dataset" = 'organizers'`,
    );
    await session.close();
    const found: string[] = [];
    const expect = (what: string, is: unknown, should: unknown) => {
      if (JSON.stringify(is) !== JSON.stringify(should))
        found.push(`${what}: is ${JSON.stringify(is)}, should be ${JSON.stringify(should)}`);
    };
    const served = [...this.#api.rows.values()].map(({ json }) => json);
    // A record that was harmed in the lake is set aside, and what the source serves is not pulled again for it.
    const isHarmed =
      [...damaged.keys()].some((key) => key.startsWith(datasetPrefix(organizers.name))) ||
      [...garbled.values()].some((line) => line.includes('"updatedAt"'));
    if (!isHarmed) expect('latest.organizers', latest.map(([payload]) => payload).toSorted(), served.toSorted());
    expect(
      'raw.organizers that was never served',
      raw.filter(([, payload]) => !this.#api.versions.has(String(payload))),
      [],
    );
    expect('ids of raw.organizers', new Set(raw.map(([id]) => id)).size, raw.length);
    expect('versions in raw.organizers', new Set(raw.map(([, payload]) => payload)).size, raw.length);
    expect('rows of organizers in ops.loads', counted, [[String(raw.length)]]);
    return found;
  }
}
