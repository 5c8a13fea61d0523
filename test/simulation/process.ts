import { ServiceError } from '../../lambdas/aws/service-error.ts';
import { ProcessKilled, type World } from './world.ts';

/** What the SDK throws; the edges' own classification makes of it what may pass and what may not. */
const troubles = {
  throttled: { name: 'ThrottlingException', message: 'slow down' },
  answerLost: { name: 'TimeoutError', message: 'no answer came' },
  denied: { name: 'AccessDeniedException', message: 'the security token included in the request is expired' },
} as const;

/** One invocation of a function. Once killed, none of its calls comes back: it is never heard of again. */
export class Process {
  readonly name: string;
  readonly #world: World;
  readonly #lost: (error: ProcessKilled) => void;
  #isDead = false;
  #calls = 0;

  constructor(world: World, name: string, lost: (error: ProcessKilled) => void) {
    this.#world = world;
    this.name = name;
    this.#lost = lost;
  }

  /** A call to a service: it takes its time, and it is here that things go wrong. */
  call<T>(place: string, effect: () => Promise<T> | T): Promise<T> {
    const world = this.#world;
    this.#waits(1);
    return new Promise<T>((resolve, reject) => {
      world.after(world.random.between(1, 40), place, async () => {
        if (this.#isDead) return;
        const fault = world.faultOfCall(place);
        if (fault) world.note(`${this.name}: ${fault} at ${place}`);
        const fail = (trouble: keyof typeof troubles) => {
          this.#waits(-1);
          reject(new ServiceError(place, this.name, troubles[trouble]));
        };
        if (fault === 'throttled' || fault === 'denied') return fail(fault);
        if (fault === 'killedBefore') return this.kill();
        const outcome = await settledOutcome(effect);
        if (fault === 'killedAfter') return this.kill();
        if (fault === 'answerLost') return fail(fault);
        this.#waits(-1);
        if (outcome.kind === 'failed') return reject(outcome.error);
        resolve(outcome.value);
      });
    });
  }

  /** Waits for the world's clock. It is not at work meanwhile: the clock would stand still for it. */
  sleep(milliseconds: number): Promise<void> {
    this.#waits(1);
    return new Promise<void>((resolve) => {
      this.#world.after(milliseconds, 'sleep', () => {
        this.#waits(-1);
        resolve();
      });
    });
  }

  /** One call more or less that it waits for; without any it is at work. */
  #waits(change: 1 | -1): void {
    this.#calls += change;
    if (this.#isDead) return;
    if (this.#calls === 0) this.#world.working.add(this);
    else this.#world.working.delete(this);
  }

  /** It has returned, or will never. */
  end(): void {
    this.#isDead = true;
    this.#world.working.delete(this);
  }

  kill(): void {
    this.end();
    this.#lost(new ProcessKilled(`${this.name} did not come back`));
  }
}

type Settled<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'failed'; readonly error: unknown };

async function settledOutcome<T>(effect: () => Promise<T> | T): Promise<Settled<T>> {
  try {
    return { kind: 'done', value: await effect() };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** Runs a function as a process of its own: what it returns, what it throws, or that it was killed. */
export function invoke<T>(world: World, name: string, body: (self: Process) => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const self = new Process(world, name, reject);
    body(self)
      .finally(() => self.end())
      .then(resolve, reject);
  });
}

/** The same object, each of its methods a call that takes time and can fail. */
export function through<T extends object>(self: Process, service: string, port: T): T {
  return new Proxy(port, {
    get(target, method) {
      const value = Reflect.get(target, method);
      if (typeof value !== 'function') return value;
      return (...parameters: unknown[]) =>
        self.call(`${service}.${String(method)}`, () => value.apply(target, parameters));
    },
  });
}
