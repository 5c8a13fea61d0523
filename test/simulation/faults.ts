import type { Random } from './random.ts';

/** What can go wrong with one call to a service, and what its caller sees of it. */
export const callFaults = [
  /** Refused before anything happened; it passes. */
  'throttled',
  /** It happened, and the answer was lost. */
  'answerLost',
  /** The process dies before the call has an effect. */
  'killedBefore',
  /** The process dies when the call has had its effect. */
  'killedAfter',
  /** The caller may not, for a while: an expired credential, a grant taken away. */
  'denied',
] as const;
export type CallFault = (typeof callFaults)[number];

/** What can go wrong around the calls. */
export const worldFaults = [
  /** A batch that was done is delivered again. */
  'redelivered',
  /** A shard is split: what follows of a key may be read before what came first. */
  'shardSplit',
  /** A record that cannot land. */
  'poison',
  'eventDoubled',
  'eventLate',
  /** S3 tells nobody of an object. */
  'eventLost',
  /** An object of the lake loses its end. */
  'objectTruncated',
  /** An object of the lake is no archive any more. */
  'objectCorrupt',
  /** An object of the lake is deleted. */
  'objectMissing',
  /** A line of an object is one that COPY refuses. */
  'lineGarbled',
  /** The warehouse refuses lines and does not say which. */
  'findingsLost',
  /** An event for an object that is none of ours. */
  'eventForeign',
  /** The execution ends at a state: aborted by somebody, or cut off by its time limit. */
  'runAborted',
  /** The execution stands still for minutes. */
  'runPaused',
  /** It is said that the run has died, and it goes on: two runs believe that they hold the lane. */
  'falseDeath',
  /** Step Functions asks a function again that has answered. */
  'stateRepeated',
  /** A transaction is taken back because of another one. */
  'conflict',
  /** A transaction is gone because the connection is. */
  'connectionReset',
  /** The warehouse is paused or being resized: what is submitted begins minutes later. */
  'warehousePaused',
  /** An analyst's long query or a session left open holds what a LOCK asks for. */
  'lockHeld',
  /** A statement's result is asked for when it is no longer kept. */
  'resultExpired',
  /** A kind of call fails for minutes. */
  'outage',
  /** A grant is taken away, and given back minutes later. */
  'revoked',
  /** A function's clock is wrong by up to five minutes. */
  'clockSkewed',
  /** A function's clock jumps back while it works. */
  'clockJumps',
  /** The source begins to write a record another way: a key new, gone, retyped or spelled in another case. */
  'schemaChanged',
  /** A batch without a record. */
  'emptyBatch',
  /** The source answers 429, 404 or 5xx. */
  'apiRefuses',
  /** The source answers what is no page. */
  'apiGarbage',
  /** The source does not answer in time. */
  'apiSlow',
  /** A page brings rows of the page before again. */
  'pageRepeated',
  /** A row whose watermark is two hundred years ahead. */
  'rowFromFuture',
  /** The extractor is invoked twice for one schedule. */
  'scheduledTwice',
  /** A message that register could not take is given to it again, days later. */
  'redriven',
  /** Somebody backfills or rebuilds while live loads run, twice at a time, or again because it was cut off. */
  'reloaded',
  /** Somebody breaks tables by hand, and reloads. */
  'tablesBroken',
  /** Somebody replays what is in quarantine, also what has been superseded since. */
  'replayed',
  /** The stream loses records, and somebody repairs from the table itself. */
  'repaired',
] as const;
export type WorldFault = (typeof worldFaults)[number];
export type Fault = CallFault | WorldFault;

export const everyFault: readonly Fault[] = [...callFaults, ...worldFaults];

/** How often each fault struck, and where: `fault at place` → times. */
export type Coverage = Map<string, number>;

/** How often a fault strikes a place, and how many times at most: one place must not use up what others need. */
interface Rule {
  readonly rate: number;
  readonly atMost: number;
}

/**
 * Decides what strikes where. A seed has some of the faults, at some of the places, more or less often; in the end all of them stop:
 * then everything must come right.
 */
export class Faults {
  readonly coverage: Coverage = new Map();
  readonly #random: Random;
  #among: ReadonlySet<Fault>;
  /** The share of all pairs of a fault and a place that this seed has. */
  readonly #share: number;
  readonly #rules = new Map<string, Rule>();
  #left: number;
  /** Faults wait for it: else what comes first would use up what there is. */
  isTroubled = true;

  constructor(random: Random, among: readonly Fault[] = everyFault) {
    this.#random = random;
    this.#among = new Set(among);
    this.#share = random.pick([0.02, 0.1, 0.3, 0.6]);
    this.#left = random.pick([3, 10, 40]);
  }

  /** Whether the fault strikes here and now. */
  strikes(fault: Fault, place: string): boolean {
    if (!this.isTroubled) return false;
    const pair = `${fault} at ${place}`;
    const rule = this.#rule(fault, pair);
    const struck = this.coverage.get(pair) ?? 0;
    if (this.#left <= 0 || struck >= rule.atMost || !this.#random.chance(rule.rate)) return false;
    this.#left -= 1;
    this.coverage.set(pair, struck + 1);
    return true;
  }

  /** The fault that strikes a call, if any. */
  ofCall(place: string): CallFault | undefined {
    return callFaults.find((fault) => this.strikes(fault, place));
  }

  /** Whether the fault is among those of this world at all. */
  allows(fault: Fault): boolean {
    return this.#among.has(fault);
  }

  /** What strikes without being asked here is counted all the same. */
  count(fault: Fault, place: string): void {
    const pair = `${fault} at ${place}`;
    this.coverage.set(pair, (this.coverage.get(pair) ?? 0) + 1);
  }

  /** These strike nothing in this seed. */
  without(faults: readonly Fault[]): void {
    this.#among = new Set([...this.#among].filter((fault) => !faults.includes(fault)));
  }

  stop(): void {
    this.#left = 0;
  }

  #rule(fault: Fault, pair: string): Rule {
    const known = this.#rules.get(pair);
    if (known) return known;
    const isHere = this.#among.has(fault) && this.#random.chance(this.#share);
    const rule = { rate: isHere ? this.#random.pick([0.1, 0.3, 1]) : 0, atMost: this.#random.pick([1, 2, 3, 12]) };
    this.#rules.set(pair, rule);
    return rule;
  }
}
