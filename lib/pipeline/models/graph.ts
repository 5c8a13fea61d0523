import type { DatasetPlan } from '../environment.ts';
import { nearest } from '../nearest.ts';
import { pipelineTables } from '../tables.ts';
import type { ParsedModel, ParsedQuery } from './parse-model.ts';
import { type ModelProblem, problemAt } from './problem.ts';
import type { TableReference } from './references.ts';

/** What can be read: the pipeline's tables and the models. */
export interface Known {
  readonly names: ReadonlySet<string>;
  readonly datasets: readonly DatasetPlan[];
}

export function knownTables(models: readonly ParsedModel[], datasets: readonly DatasetPlan[]): Known {
  const pipeline = pipelineTables(datasets).map(({ schema, name }) => `${schema}.${name}`);
  return { names: new Set([...pipeline, ...models.map(({ name }) => name)]), datasets };
}

/** Says which names of a query's FROM are no tables; true where all are. */
export function resolveReferences(query: ParsedQuery, known: Known, problems: ModelProblem[]): boolean {
  const lost = query.references.filter(({ table }) => !known.names.has(table));
  problems.push(...lost.map((reference) => problemAt(query.file, reference.start, unresolved(reference, known))));
  return lost.length === 0;
}

function unresolved({ table, schema, name }: TableReference, { names, datasets }: Known): string {
  const keyless = datasets.some((dataset) => !dataset.keyed && table === `latest.${dataset.name}`);
  if (keyless) return `${table} does not exist: the events of ${name} have no key; read "raw".${name}`;
  const meant = schema ? nearest(table, [...names]) : [...names].find((one) => one.endsWith(`.${name}`));
  const mend = meant ? `did you mean ${meant}?` : 'a model reads datasets and other models, each with its schema';
  return `there is no table ${table}; ${mend}`;
}

/** Which models each model is built after. */
export type Edges = ReadonlyMap<string, readonly string[]>;

/** A model that is checked against another is built after it, unless that one is built from it. */
export function edgesOf(models: readonly ParsedModel[], known: Known, problems: ModelProblem[]): Edges {
  const names = new Set(models.map(({ name }) => name));
  const edges = new Map(
    models.map(({ name, references }) => {
      const read = references.map(({ table }) => table).filter((table) => names.has(table));
      return [name, [...new Set(read)].toSorted()];
    }),
  );
  for (const { name, file, places } of models) {
    for (const { check, line } of places.checks) {
      if (check.kind !== 'relationship' || check.table === name) continue;
      const { table } = check;
      const upstream = edges.get(table);
      if (!known.names.has(table)) {
        const [schema, last = ''] = table.split('.');
        problems.push({ path: file.path, line, message: unresolved({ ...nowhere, table, schema, name: last }, known) });
      } else if (upstream && reaches(edges, table, name)) {
        const message = `${table} is built from ${name}, so ${name} cannot be checked against it before; write a file in sql/checks`;
        problems.push({ path: file.path, line, message });
      } else if (upstream && !edges.get(name)?.includes(table)) {
        edges.set(name, [...(edges.get(name) ?? []), table].toSorted());
      }
    }
  }
  return edges;
}

const nowhere = { start: 0, end: 0, aliased: false };

function reaches(edges: Edges, from: string, to: string): boolean {
  const seen = new Set<string>();
  const next = [from];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    if (at === to) return true;
    if (!seen.has(at)) next.push(...(edges.get(at) ?? []));
    seen.add(at);
  }
  return false;
}

interface Visit {
  readonly model: ParsedModel;
  /** Models that it is built after and that have not been visited from it. */
  readonly left: string[];
}

/** Models in dependency order. A circle is told where the path that closes it does; the models are in the order nevertheless. */
export function inDependencyOrder(
  models: readonly ParsedModel[],
  edges: Edges,
  problems: ModelProblem[],
): { readonly ordered: ParsedModel[]; readonly circular: ReadonlySet<string> } {
  const byName = new Map(models.map((model) => [model.name, model]));
  const done = new Set<ParsedModel>();
  const circular = new Set<string>();
  const visit = (model: ParsedModel): Visit => ({ model, left: [...(edges.get(model.name) ?? [])].toReversed() });
  for (const first of models) {
    const path = done.has(first) ? [] : [visit(first)];
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const upstream = byName.get(top.left.pop() ?? '');
      const start = path.findIndex(({ model }) => model === upstream);
      if (!upstream) done.add((path.pop() as Visit).model);
      else if (start >= 0)
        tellCircle(
          path.slice(start).map(({ model }) => model),
          circular,
          problems,
        );
      else if (!done.has(upstream)) path.push(visit(upstream));
    }
  }
  return { ordered: [...done], circular };
}

function tellCircle(circle: readonly ParsedModel[], circular: Set<string>, problems: ModelProblem[]): void {
  const first = circle[0] as ParsedModel;
  const last = circle.at(-1) as ParsedModel;
  for (const { name } of circle) circular.add(name);
  const names = [...circle, first].map(({ name }) => name).join(' → ');
  const start = last.references.find(({ table }) => table === first.name)?.start ?? 0;
  problems.push(problemAt(last.file, start, `a circle: ${names}`));
}

/** Every model that is built after one, directly or not, in name order. */
export function downstreamOf(name: string, edges: Edges): string[] {
  const found = new Set([name]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const [model, upstream] of edges) if (upstream.some((one) => found.has(one))) found.add(model);
  }
  found.delete(name);
  return [...found].toSorted();
}
