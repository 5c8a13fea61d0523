/** Tells pollers in this process that a stream has something new, so that they need not look often. */
export class WriteNotices {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Returns how to stop listening. */
  subscribe(source: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(source) ?? new Set();
    this.#listeners.set(source, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  notify(source: string): void {
    for (const listener of this.#listeners.get(source) ?? []) listener();
  }
}
