import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Coverage, Fault } from './faults.ts';
import type { Report } from './simulate.ts';

export type Played = Pick<Report, 'seed' | 'violations' | 'coverage'>;

export interface PlayedPart {
  readonly reports: readonly Played[];
  readonly milliseconds: number;
}

/** As it stands in the file. */
interface Written {
  readonly from: number;
  readonly among: readonly Fault[];
  readonly played: number;
  readonly milliseconds: number;
  readonly bad: readonly Pick<Played, 'seed' | 'violations'>[];
  readonly coverage: readonly (readonly [place: string, times: number])[];
  /** How many seeds each state of the code has played, by its commit. */
  readonly commits: Readonly<Record<string, number>>;
}

/** What a long run has come to so far: hours of it survive whatever ends the process. */
export class SeedRecord {
  readonly coverage: Coverage = new Map();
  readonly bad: Pick<Played, 'seed' | 'violations'>[] = [];
  played = 0;
  milliseconds = 0;
  readonly #from: number;
  readonly #among: readonly Fault[];
  readonly #path: string | undefined;
  readonly #commits: Record<string, number> = {};

  constructor(from: number, among: readonly Fault[], path?: string) {
    this.#from = from;
    this.#among = among;
    this.#path = path;
  }

  /** @throws where the file is of other seeds, or of other faults. */
  static open(path: string, from: number, among: readonly Fault[]): SeedRecord {
    const record = new SeedRecord(from, among, path);
    if (!existsSync(path)) return record;
    const written = JSON.parse(readFileSync(path, 'utf8')) as Written;
    if (written.from !== from || JSON.stringify(written.among) !== JSON.stringify(among))
      throw new Error(
        `${path} is of seeds from ${written.from}, or of other faults: give another file, or the same --from`,
      );
    record.#read(written);
    return record;
  }

  #read(written: Written): void {
    this.played = written.played;
    this.milliseconds = written.milliseconds;
    this.bad.push(...written.bad);
    for (const [place, times] of written.coverage) this.coverage.set(place, times);
    Object.assign(this.#commits, written.commits);
  }

  /** The seeds that follow those that are there. */
  add({ reports, milliseconds }: PlayedPart): void {
    this.played += reports.length;
    this.milliseconds += milliseconds;
    for (const { seed, violations, coverage } of reports) {
      for (const [place, times] of coverage) this.coverage.set(place, (this.coverage.get(place) ?? 0) + times);
      if (violations.length > 0) this.bad.push({ seed, violations });
    }
    if (this.#path !== undefined) this.#write(this.#path, reports.length);
  }

  #write(path: string, seeds: number): void {
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
    this.#commits[commit] = (this.#commits[commit] ?? 0) + seeds;
    const { played, milliseconds, bad } = this;
    const coverage = [...this.coverage];
    const written: Written = {
      ...{ from: this.#from, among: this.#among, played, milliseconds, bad, coverage },
      commits: this.#commits,
    };
    writeFileSync(`${path}.unfinished`, JSON.stringify(written));
    renameSync(`${path}.unfinished`, path);
  }
}
