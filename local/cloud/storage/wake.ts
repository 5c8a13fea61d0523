/** Wakes whoever waits for something to happen in this process, so that nobody has to poll fast. */
export class Wake {
  readonly #waiting = new Set<() => void>();
  #count = 0;

  /** How often it rang; read it before looking, and hand it to `wait`, so that nothing between is missed. */
  get count(): number {
    return this.#count;
  }

  ring(): void {
    this.#count += 1;
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves when it has rung since `count` was read, after `timeoutMilliseconds`, or when the signal aborts. */
  async wait(count: number, timeoutMilliseconds: number, signal?: AbortSignal): Promise<void> {
    if (this.#count !== count || signal?.aborted || timeoutMilliseconds <= 0) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(timeoutMilliseconds, 2 ** 31 - 1));
      this.#waiting.add(done);
      signal?.addEventListener('abort', done);
    });
  }
}

/** Waits, unless the signal aborts first. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const never = new Wake();
  await never.wait(0, milliseconds, signal);
}
