import { type CallFault, type Fault, Faults } from './faults.ts';
import { Random } from './random.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly what: string;
  readonly act: () => Promise<void> | void;
}

/** A line of what happened. */
export interface Moment {
  readonly atMilliseconds: number;
  readonly what: string;
}

/** How the platform says that a function did not come back. */
export class ProcessKilled extends Error {}

const startOfTime = Date.UTC(2026, 10, 20, 12);
/** After this nothing goes wrong any more, so that whatever is left must come to rest. */
export const troubledMilliseconds = 30 * 60_000;

/**
 * The world around the pipeline: one clock, one source of chance, one queue of what is due. Processes run between their calls
 * to services, and each call is an event of its own: who comes next is decided here, so the same seed is the same history.
 */
export class World {
  readonly random: Random;
  readonly faults: Faults;
  readonly timeline: Moment[] = [];
  nowMilliseconds = startOfTime;
  /** Processes that are at work, and not waiting for a call. */
  readonly working = new Set<object>();
  /** Of each kind of call that fails for a while, how and until when. */
  readonly #outages = new Map<string, { readonly fault: CallFault; readonly until: number }>();
  readonly #quietMilliseconds: number;
  #due: Due[] = [];
  #order = 0;

  readonly seed: number;

  constructor(seed: number, only?: readonly Fault[]) {
    this.seed = seed;
    this.random = new Random(seed);
    this.faults = new Faults(this.random, only);
    this.#quietMilliseconds = this.random.pick([0, 0, 0, 15_000, 60_000, 180_000]);
  }

  note(what: string): void {
    this.timeline.push({ atMilliseconds: this.nowMilliseconds - startOfTime, what });
  }

  /** What goes wrong with a call to a service, if anything. */
  faultOfCall(place: string): CallFault | undefined {
    const { faults, random } = this;
    for (const [fault, seen] of [
      ['outage', 'throttled'],
      ['revoked', 'denied'],
    ] as const) {
      if (!faults.strikes(fault, place)) continue;
      this.note(`${fault} of ${place}`);
      this.#outages.set(place, { fault: seen, until: this.nowMilliseconds + random.between(10_000, 600_000) });
    }
    const outage = this.#outages.get(place);
    if (outage && outage.until > this.nowMilliseconds) return outage.fault;
    return faults.ofCall(place);
  }

  /** Puts something on the calendar. */
  after(milliseconds: number, what: string, act: () => Promise<void> | void): void {
    const at = this.nowMilliseconds + Math.max(0, Math.round(milliseconds));
    this.#order += 1;
    this.#due.push({ at, order: this.#order, what, act });
  }

  /**
   * Lets what is due happen, one by one, until nothing is. False: it does not come to rest, in so many events after the last trouble. How
   * many there are before tells nothing: an outage may have somebody try again each second.
   */
  async run(quietEventsAtMost: number): Promise<boolean> {
    let quietEvents = 0;
    for (let events = 0; quietEvents < quietEventsAtMost && events < 10 * quietEventsAtMost; events += 1) {
      const next = this.#next();
      if (!next) return true;
      this.nowMilliseconds = Math.max(this.nowMilliseconds, next.at);
      const elapsed = this.nowMilliseconds - startOfTime;
      this.faults.isTroubled = elapsed >= this.#quietMilliseconds;
      if (elapsed > troubledMilliseconds) {
        this.faults.stop();
        quietEvents += 1;
      }
      await next.act();
      do await settled();
      while (this.working.size > 0);
    }
    return false;
  }

  #next(): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#due)
      if (!first || due.at < first.at || (due.at === first.at && due.order < first.order)) first = due;
    if (first) this.#due.splice(this.#due.indexOf(first), 1);
    return first;
  }
}

/** Lets processes run on: to their next call, or as far as what they compute is done. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
