const shownFindings = 25;

/** What does not agree, each named to the record; the first are shown, all are counted. */
export class Findings {
  readonly #shown: string[] = [];
  count = 0;

  add(what: string): void {
    this.count += 1;
    if (this.#shown.length < shownFindings) this.#shown.push(what);
  }

  expectEqual(what: string, actual: number | string | undefined, expected: number | string): void {
    if (actual !== expected) this.add(`${what}: ${actual}, expected ${expected}`);
  }

  get lines(): readonly string[] {
    const left = this.count - this.#shown.length;
    return left > 0 ? [...this.#shown, `and ${left} more`] : this.#shown;
  }
}
