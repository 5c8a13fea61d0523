import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompiledModel } from '../../../lib/pipeline/models/model.ts';
import { nearest } from '../../../lib/pipeline/nearest.ts';
import { versionsSelect } from '../../../lib/pipeline/statements/incremental/versions.ts';
import type { DeskProject } from '../project.ts';
import type { Case } from './case-file.ts';
import { type Comparison, compareRows } from './compare.ts';
import type { FileProblem, Place } from './document.ts';
import { type GivenRow, givenRows, type InputRelation, insertStatements, unknownColumn } from './given.ts';
import { type Answered, type Refused, TestBox } from './test-box.ts';

/** What came of a case. */
export type CaseResult = { readonly case: Case; readonly model: CompiledModel; readonly milliseconds: number } & (
  | { readonly kind: 'passed' }
  /** The case itself is wrong. */
  | { readonly kind: 'bad'; readonly problems: readonly FileProblem[] }
  | { readonly kind: 'differs'; readonly answer: Answered; readonly comparison: Comparison }
  /** There was an error, or not the one that is expected, or none; `place` is that of the query's error in its file. */
  | { readonly kind: 'error'; readonly message: string; readonly place?: string }
);

type Ending =
  | { readonly kind: 'passed' }
  | Pick<Extract<CaseResult, { kind: 'bad' }>, 'kind' | 'problems'>
  | Pick<Extract<CaseResult, { kind: 'differs' }>, 'kind' | 'answer' | 'comparison'>
  | Pick<Extract<CaseResult, { kind: 'error' }>, 'kind' | 'message' | 'place'>;

interface Input {
  readonly relation: InputRelation;
  readonly rows: readonly GivenRow[];
}

/** Runs cases, one after the other in one warehouse in memory, and tells of each as soon as it has ended. */
export async function runCases(
  project: DeskProject,
  cases: readonly { readonly model: CompiledModel; readonly case: Case }[],
  tell: (result: CaseResult) => void = () => undefined,
): Promise<CaseResult[]> {
  const box = await TestBox.open(project);
  try {
    const results: CaseResult[] = [];
    for (const { model, case: one } of cases) {
      const since = performance.now();
      const ending = await new CaseRun(box, project, model, one).run();
      const result: CaseResult = { case: one, model, milliseconds: performance.now() - since, ...ending };
      results.push(result);
      tell(result);
    }
    return results;
  } finally {
    await box.close();
  }
}

class CaseRun {
  readonly #box: TestBox;
  readonly #project: DeskProject;
  readonly #model: CompiledModel;
  readonly #case: Case;
  readonly #problems: FileProblem[] = [];

  constructor(box: TestBox, project: DeskProject, model: CompiledModel, one: Case) {
    this.#box = box;
    this.#project = project;
    this.#model = model;
    this.#case = one;
  }

  async run(): Promise<Ending> {
    const inputs = await this.#inputs();
    if (this.#problems.length > 0) return this.#bad();
    const inserts = inputs.flatMap(({ relation, rows }) => insertStatements(relation, rows));
    const said = await this.#box.ask(inserts, publishedQuery(this.#model));
    if (said.kind === 'answered') return this.#compare(said.answer);
    await this.#findRefusedCells(inputs);
    return this.#problems.length > 0 ? this.#bad() : this.#compareError(said);
  }

  async #inputs(): Promise<Input[]> {
    const reads = [...new Set(this.#model.reads.map(({ name }) => name))];
    for (const name of reads) await this.#box.relation(name);
    const inputs: Input[] = [];
    for (const given of this.#case.given) {
      const relation = reads.includes(given.name) ? await this.#box.relation(given.name) : undefined;
      if (!relation) this.#report(given.place, notRead(this.#model.name, given.name, reads));
      else
        inputs.push({ relation, rows: givenRows(given, relation, (place, message) => this.#report(place, message)) });
    }
    return inputs;
  }

  /** Which given value the warehouse does not take: each is tried by itself, because a refused INSERT does not say. */
  async #findRefusedCells(inputs: readonly Input[]): Promise<void> {
    for (const { relation, rows } of inputs) {
      const said = await this.#box.ask(insertStatements(relation, rows), 'SELECT 1');
      if (said.kind === 'answered') continue;
      for (const { column, sql, place } of rows.flat()) {
        const alone = await this.#box.ask([], `SELECT ${sql}`);
        if (alone.kind === 'refused')
          this.#report(place, `${relation.schema}.${relation.name}.${column.name} (${column.type}): ${alone.message}`);
      }
      const place = rows[0]?.[0]?.place ?? this.#case.place;
      if (this.#problems.length === 0) this.#report(place, `${relation.schema}.${relation.name}: ${said.message}`);
    }
  }

  #compare(answer: Answered): Ending {
    const { expect } = this.#case;
    if (expect.kind === 'error') {
      const message = `expected an error with ${JSON.stringify(expect.message)}; there was none, and ${answer.rows.length} rows`;
      return { kind: 'error', message };
    }
    const columns = answer.columns.map(({ name }) => name);
    for (const { name, place } of expect.rows.flatMap(({ members }) => members)) {
      if (!columns.includes(name)) this.#report(place, unknownColumn(this.#model.name, name, columns));
    }
    if (this.#problems.length > 0) return this.#bad();
    const comparison = compareRows(expect.rows, answer, { ordered: expect.ordered, key: rowKey(this.#model) });
    for (const { message, ...place } of comparison.unreadable) this.#report(place, message);
    if (this.#problems.length > 0) return this.#bad();
    return comparison.differences.length === 0 ? { kind: 'passed' } : { kind: 'differs', answer, comparison };
  }

  #compareError(refused: Refused): Ending {
    const { expect } = this.#case;
    if (expect.kind === 'error' && refused.message.includes(expect.message)) return { kind: 'passed' };
    const wanted = expect.kind === 'error' ? `; expected one with ${JSON.stringify(expect.message)}` : '';
    const place = this.#placeOfError(refused);
    return { kind: 'error', message: `${refused.message}${wanted}`, ...(place && { place }) };
  }

  #placeOfError({ position }: Refused): string | undefined {
    if (position === undefined) return undefined;
    const { path, sql } = this.#model;
    const text = readFileSync(join(this.#project.directory, path), 'utf8');
    const within = position - 1 - Math.max(0, publishedQuery(this.#model).indexOf(sql));
    if (within < 0 || within > sql.length) return undefined;
    const before = text.slice(0, Math.max(0, text.indexOf(sql)) + within).split('\n');
    return `${path}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  }

  #report(place: Place, message: string): void {
    this.#problems.push({ path: this.#case.path, ...place, message });
  }

  #bad(): Ending {
    return { kind: 'bad', problems: this.#problems };
  }
}

/** What readers find: a history's versions say how long each one held. */
function publishedQuery(model: CompiledModel): string {
  return model.materialization === 'history' ? versionsSelect(model, model.sql) : model.sql;
}

/** What tells published rows apart. */
const rowKey = ({ key, validFrom }: CompiledModel): string[] => (validFrom ? [...key, validFrom] : key);

function notRead(model: string, name: string, reads: readonly string[]): string {
  const meant = nearest(name, reads);
  return `${model} does not read ${name}; ${meant ? `did you mean ${meant}?` : `it reads: ${reads.join(', ')}`}`;
}
