import { packBatch } from '../../lib/pipeline/batch.ts';
import { futureCounts, isFromFuture } from '../../lib/pipeline/future.ts';
import type { IntakeCounts } from '../../lib/pipeline/metrics.ts';
import { readPage } from '../../lib/pipeline/rest-page.ts';
import {
  afterPage,
  afterPull,
  beginChain,
  type Chain,
  type RestProgress,
  takeUnseen,
} from '../../lib/pipeline/rest-progress.ts';
import { type PulledRecord, pullRecord } from '../../lib/pipeline/rest-record.ts';
import { landBatch } from '../ingest/land.ts';
import type { ExtractPorts, ExtractSettings, ExtractTally, RestSecret } from './extract.ts';
import { addressOf, getPage, RestError, reserveMilliseconds } from './rest-client.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const defaultOverlapSeconds = 60;
/** How sources say that they do not know a cursor (any more). */
const unknownCursorStatuses = [400, 404, 410, 422];

/** One invocation's way through a source's pages. What it counts and notes is in the lake already. */
export class PullRun {
  readonly #settings: ExtractSettings;
  readonly #ports: ExtractPorts;
  readonly #secret: RestSecret;
  /** What the watermark store has: after the claim, that. */
  #before: RestProgress;
  #isClaimed = false;
  readonly #overlapSeconds: number;
  readonly #seen: Set<string>;
  readonly #landed: PulledRecord[] = [];
  readonly #counts: Writable<IntakeCounts> = {
    RecordsReceived: 0,
    RecordsLanded: 0,
    RecordsQuarantined: 0,
    BytesLanded: 0,
  };
  #chain: Chain;
  #pages = 0;
  #repeated = 0;

  constructor(settings: ExtractSettings, ports: ExtractPorts, secret: RestSecret, before: RestProgress) {
    this.#settings = settings;
    this.#ports = ports;
    this.#secret = secret;
    this.#before = before;
    this.#seen = new Set(before.seen);
    this.#overlapSeconds = settings.source.watermark.overlapSeconds ?? defaultOverlapSeconds;
    this.#chain = beginChain(before, this.#overlapSeconds);
  }

  /** Lands page after page until the last, or until pages or time run out. Throws what a page throws. */
  async pull(): Promise<'complete' | 'paused' | 'overtaken'> {
    const cursors = new Set<string>();
    for (;;) {
      if ((await this.#page()) === 'overtaken') return 'overtaken';
      const { cursor } = this.#chain;
      if (cursor === undefined) return 'complete';
      if (cursors.has(cursor)) throw this.#cursorLoop(cursor);
      cursors.add(cursor);
      const isOutOfTime = this.#ports.remainingMilliseconds() < 2 * reserveMilliseconds;
      if (isOutOfTime || this.#pages >= this.#settings.pagesAtMost) return 'paused';
    }
  }

  /** What to note, or undefined where nothing is new: a quiet source costs no write. */
  progress(): RestProgress | undefined {
    const next = afterPull(this.#before, this.#chain, this.#landed, this.#overlapSeconds);
    const isNew =
      this.#landed.length > 0 ||
      next.watermark !== this.#before.watermark ||
      next.chain?.cursor !== this.#before.chain?.cursor;
    return isNew ? next : undefined;
  }

  /** The number that the store has unless another pull has got further. */
  get pullNumber(): number {
    return this.#before.pull;
  }

  tally(): ExtractTally {
    return { pages: this.#pages, repeated: this.#repeated, counts: this.#counts };
  }

  async #page(): Promise<'landed' | 'overtaken'> {
    const page = readPage(await this.#get(), this.#settings.source);
    const now = this.#ports.now();
    const pull = {
      dataset: this.#settings.dataset,
      source: this.#settings.source,
      number: this.#isClaimed ? this.#before.pull - 1 : this.#before.pull,
      page: this.#pages,
      startedAt: now.toISOString().replace('Z', '000Z'),
      address: addressOf(new URL(this.#secret.url)),
    };
    const records = page.records.map((record) => pullRecord(record, pull));
    const fresh = takeUnseen(this.#seen, records);
    if (fresh.length > 0 && (await this.#claim()) === 'overtaken') return 'overtaken';
    await this.#land(fresh);
    this.#landed.push(...fresh);
    this.#repeated += records.length - fresh.length;
    this.#countFuture(fresh, now);
    // One record of next year must not drag the watermark along: until then nothing would be pulled.
    const believable = records.filter(({ intake }) => !isFromFuture(intake.at, now.getTime()));
    this.#chain = afterPage(this.#chain, believable, page.cursor);
    this.#pages += 1;
    return 'landed';
  }

  /**
   * Takes the pull's number before the first record lands: a pull that dies later, or one that runs beside, never shares it, so of
   * two versions with one watermark the later one has the higher position. A pull that finds nothing new takes none.
   */
  async #claim(): Promise<'written' | 'overtaken'> {
    if (this.#isClaimed) return 'written';
    const claimed = { ...this.#before, pull: this.#before.pull + 1 };
    const outcome = await this.#ports.watermarks.write(this.#settings.dataset, claimed, this.#before.pull);
    if (outcome === 'overtaken') return outcome;
    this.#before = claimed;
    this.#isClaimed = true;
    return outcome;
  }

  /** The page's bytes. A cursor kept from an earlier invocation may have expired: then the chain begins anew, once. */
  async #get(): Promise<Uint8Array> {
    try {
      return await getPage(this.#url(), this.#secret.token, this.#ports);
    } catch (error) {
      const isKept = this.#pages === 0 && this.#chain.cursor !== undefined;
      if (!isKept || !(error instanceof RestError) || !unknownCursorStatuses.includes(error.status ?? 0)) throw error;
      this.#restart();
      return getPage(this.#url(), this.#secret.token, this.#ports);
    }
  }

  #url(): URL {
    const url = new URL(this.#secret.url);
    const { watermark, pagination } = this.#settings.source;
    if (this.#chain.since !== undefined) url.searchParams.set(watermark.parameter, this.#chain.since);
    if (this.#chain.cursor !== undefined && pagination.kind === 'cursor') {
      url.searchParams.set(pagination.parameter, this.#chain.cursor);
    }
    return url;
  }

  async #land(fresh: readonly PulledRecord[]): Promise<void> {
    const { dataset, codec } = this.#settings;
    const name = `pull-${String(this.#before.pull).padStart(9, '0')}`;
    const batch = packBatch({ dataset, codec, name, intakes: fresh.map(({ intake }) => intake) });
    await landBatch(batch, this.#ports);
    this.#counts.RecordsReceived += batch.received;
    this.#counts.RecordsLanded += batch.landed;
    this.#counts.RecordsQuarantined += batch.quarantined;
    this.#counts.BytesLanded += batch.raw?.body.length ?? 0;
  }

  #countFuture(fresh: readonly PulledRecord[], now: Date): void {
    const { RecordsFromFuture = 0 } = futureCounts(
      fresh.map(({ intake }) => intake),
      now.getTime(),
    );
    const count = (this.#counts.RecordsFromFuture ?? 0) + RecordsFromFuture;
    if (count > 0) this.#counts.RecordsFromFuture = count;
  }

  #restart(): void {
    const { chain: _dropped, ...progress } = this.#before;
    this.#chain = beginChain(progress, this.#overlapSeconds);
  }

  /** A source that leads in circles: what it gave is landed, the watermark stays, and somebody is told. */
  #cursorLoop(cursor: string): RestError {
    this.#restart();
    const address = addressOf(new URL(this.#secret.url));
    const message = `GET ${address} gave the cursor ${JSON.stringify(cursor.slice(0, 60))} twice: its pages lead in a circle`;
    return new RestError('REST_CURSOR_LOOP', message, { retryable: false });
  }
}
