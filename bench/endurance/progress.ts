import { setTimeout as wait } from 'node:timers/promises';
import type { Ends, Reached } from './ends.ts';

const lookMilliseconds = 2_000;
/** Of the looks, one in so many is told. */
const looksOfALine = 5;
const paceMilliseconds = 50;

export interface ProgressSources {
  readonly events: number;
  /** How many events may be under way. */
  readonly lead: number;
  readonly datasets: readonly string[];
  readonly ends: Ends;
  readonly isUp: () => boolean;
  readonly tell: (line: string) => void;
  readonly sent: () => number;
  /** "3 process + 17 function kills, 812 MB". */
  readonly kills: () => string;
}

const clock = (seconds: number): string => new Date(Math.max(0, seconds) * 1000).toISOString().slice(11, 19);
const thousands = (count: number): string => count.toLocaleString('en-US');

/** Looks every few seconds how far the records have come, and says so. */
export class Progress {
  readonly #sources: ProgressSources;
  readonly #stopping = new AbortController();
  readonly #begin = performance.now();
  #reached: Reached = { landed: 0, loaded: 0, quarantined: 0 };
  #lastChange = performance.now();
  /** How many records the sources hold, once it is known: some writes change nothing, others are sent twice. */
  expected: number | undefined;

  constructor(sources: ProgressSources) {
    this.#sources = sources;
  }

  /** Sent and arrived in equal parts, from 0 to 1. */
  get fraction(): number {
    const { events, sent } = this.#sources;
    return (sent() / events + Math.min(1, this.arrived / (this.expected ?? events))) / 2;
  }

  get arrived(): number {
    return this.#reached.loaded + this.#reached.quarantined;
  }

  get elapsedSeconds(): number {
    return (performance.now() - this.#begin) / 1000;
  }

  /** For how long nothing has moved. */
  get stillSeconds(): number {
    return (performance.now() - this.#lastChange) / 1000;
  }

  async run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let looks = 0; !signal.aborted; looks += 1) {
      await this.#look();
      if (looks % looksOfALine === 0) this.#sources.tell(this.#line());
      await wait(lookMilliseconds, undefined, { signal }).catch(() => undefined);
    }
    this.#sources.tell(this.#line());
  }

  /** Resolves once what is sent is no more than that far ahead of what has arrived, so that kills strike while all stages work. */
  async pace(): Promise<void> {
    while (this.#sources.sent() - this.arrived > this.#sources.lead) await wait(paceMilliseconds);
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Looks now; keeps what it saw last while nobody answers. */
  async #look(): Promise<void> {
    const { datasets, ends, isUp } = this.#sources;
    if (!isUp()) return;
    try {
      const all: Reached[] = [];
      for (const dataset of datasets) all.push(await ends.reached(dataset));
      const sum = (of: (one: Reached) => number) => all.reduce((total, one) => total + of(one), 0);
      const before = JSON.stringify(this.#reached);
      this.#reached = {
        landed: sum((one) => one.landed),
        loaded: sum((one) => one.loaded),
        quarantined: sum((one) => one.quarantined),
      };
      if (JSON.stringify(this.#reached) !== before) this.#lastChange = performance.now();
    } catch {
      // Killed in the middle of the answer: the next look tells.
    }
  }

  #line(): string {
    const { events, sent, kills } = this.#sources;
    const { landed, loaded, quarantined } = this.#reached;
    const perSecond = this.arrived / this.elapsedSeconds;
    const left = perSecond > 0 ? clock(((this.expected ?? events) - this.arrived) / perSecond) : '--:--:--';
    const share = ((100 * sent()) / events).toFixed(0);
    const counts = `sent ${thousands(sent())} (${share} %), landed ${thousands(landed)}, loaded ${thousands(loaded)}, quarantined ${thousands(quarantined)}`;
    return `${clock(this.elapsedSeconds)}  ${counts}; ${kills()}; ${thousands(Math.round(perSecond))} events/s, ${left} left`;
  }
}
