import { setTimeout as wait } from 'node:timers/promises';
import { Random } from '../../test/simulation/random.ts';
import type { Runtime } from './runtime.ts';

const lookMilliseconds = 100;
/** How long after its place in the run a kill strikes at most; a start takes about as long. */
const delayMilliseconds = 3_000;
/** Of the kills, those that strike while the runtime is still starting after the one before. */
const whileStarting = 0.2;

/** Kills the process at moments that chance chose, spread over sending and loading alike. */
export class Killer {
  readonly #runtime: Runtime;
  readonly #random: Random;
  readonly #places: number[];
  kills = 0;

  constructor(runtime: Runtime, options: { seed: number; kills: number }) {
    this.#runtime = runtime;
    this.#random = new Random(options.seed);
    this.#places = Array.from({ length: options.kills }, () => this.#random.fraction() * 0.97).sort((a, b) => a - b);
  }

  /** Spares what it has not killed yet. */
  stop(): void {
    this.#places.length = 0;
  }

  /** Until it has killed as often as it was told; `progress` goes from 0 to 1. */
  async run(progress: () => number): Promise<void> {
    while (this.#places.length > 0) {
      this.#runtime.check();
      if (progress() >= (this.#places[0] ?? 0)) await this.#strike();
      else await wait(lookMilliseconds);
    }
  }

  async #strike(): Promise<void> {
    this.#places.shift();
    await wait(this.#random.fraction() * delayMilliseconds);
    await this.#kill();
    let starting = this.#runtime.start();
    while (this.#places.length > 0 && this.#random.chance(whileStarting)) {
      this.#places.shift();
      await wait(this.#random.fraction() * delayMilliseconds);
      await this.#kill();
      await starting;
      starting = this.#runtime.start();
    }
    await starting;
  }

  async #kill(): Promise<void> {
    await this.#runtime.kill();
    this.kills += 1;
  }
}
