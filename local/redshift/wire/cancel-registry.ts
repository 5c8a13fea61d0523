import { randomInt } from 'node:crypto';

export interface CancelKey {
  readonly processId: number;
  readonly secret: number;
}

/** Which running conversation a CancelRequest means: it comes over a connection of its own, with the key it was given. */
export class CancelRegistry {
  readonly #entries = new Map<number, { secret: number; cancel: () => void }>();
  #lastProcessId = 0;

  register(cancel: () => void): CancelKey {
    this.#lastProcessId = (this.#lastProcessId + 1) & 0x7fff_ffff;
    const key = { processId: this.#lastProcessId, secret: randomInt(1, 0x7fff_ffff) };
    this.#entries.set(key.processId, { secret: key.secret, cancel });
    return key;
  }

  forget(processId: number): void {
    this.#entries.delete(processId);
  }

  /** A wrong key is ignored without a word, as the protocol asks. */
  cancel(processId: number, secret: number): void {
    const entry = this.#entries.get(processId);
    if (entry?.secret === secret) entry.cancel();
  }
}
