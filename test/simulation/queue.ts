import { invoke, type Process } from './process.ts';
import type { World } from './world.ts';

const receivesAtMost = 5;
const visibilityMilliseconds = 60_000;
const dayMilliseconds = 24 * 3_600_000;

interface Message {
  readonly body: string;
  receives: number;
}

/** SQS in front of a function: at least once, again after a failure, aside after five, and back from there when somebody looks. */
export class SimulatedQueue {
  readonly #world: World;
  readonly #handle: (self: Process, body: string) => Promise<void>;
  readonly dead: Message[] = [];

  constructor(world: World, handle: (self: Process, body: string) => Promise<void>) {
    this.#world = world;
    this.#handle = handle;
  }

  send(body: string, delayMilliseconds = 0): void {
    this.#deliver({ body, receives: 0 }, delayMilliseconds + this.#world.random.between(5, 200));
  }

  #deliver(message: Message, delayMilliseconds: number): void {
    this.#world.after(delayMilliseconds, 'register is told', () => {
      message.receives += 1;
      invoke(this.#world, 'register', (self) => this.#handle(self, message.body)).then(
        () => this.#taken(message),
        () => this.#again(message),
      );
    });
  }

  #taken(message: Message): void {
    if (this.#world.faults.strikes('redelivered', 'register queue')) this.#deliver({ ...message, receives: 0 }, 100);
    if (this.#world.faults.strikes('redriven', 'register queue')) {
      this.#deliver({ ...message, receives: 0 }, this.#world.random.between(1, 3) * dayMilliseconds);
    }
  }

  #again(message: Message): void {
    if (message.receives < receivesAtMost) return this.#deliver(message, visibilityMilliseconds);
    this.#world.note(`a message is dead: ${message.body.slice(0, 120)}`);
    this.dead.push(message);
    this.#deliver({ ...message, receives: 0 }, dayMilliseconds);
  }
}
