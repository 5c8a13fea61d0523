import type { DatasetPlan } from '../environment.ts';
import { datasetTables } from '../tables.ts';
import { type Analysed, analyseCheckFiles, analyseModels, introduceTables, type ModelToAnalyse } from './analyse.ts';
import type { Analyst, QueryLineage } from './analysis.ts';
import type { CompiledFunction } from './compiled-function.ts';
import { definitionOf } from './definition.ts';
import { compileFunctions, unknownFunctions } from './functions.ts';
import { type Edges, edgesOf, inDependencyOrder, knownTables, resolveReferences } from './graph.ts';
import { columnsOf } from './history-columns.ts';
import { materializedViewLimits } from './materialized-view-limits.ts';
import type { Check, CompiledModel, OutputColumn, TableRead } from './model.ts';
import { type ParsedCheck, type ParsedModel, type ParsedQuery, parseCheckFile, parseModel } from './parse-model.ts';
import { personalData } from './personal-data.ts';
import { type ModelProblem, ModelsError, type SourceFile } from './problem.ts';
import { compareWithHeader } from './shape.ts';

export { type ModelProblem, ModelsError, type SourceFile } from './problem.ts';

/** The files under `sql/`, as read; paths say what each is. */
export interface ProjectFiles {
  /** `…/models/<schema>/<name>.sql`. */
  readonly models: readonly SourceFile[];
  /** `…/checks/<name>.sql`. */
  readonly checks?: readonly SourceFile[];
  /** `…/functions/<name>.sql`. */
  readonly functions?: readonly SourceFile[];
}

export interface CompiledProject {
  /** In dependency order. */
  readonly models: CompiledModel[];
  /** In the order in which they can be created. */
  readonly functions: CompiledFunction[];
  /** By model; empty where nobody has analysed them. */
  readonly lineage: ReadonlyMap<string, QueryLineage>;
}

export interface CompileOptions {
  /** Without one nothing is known of columns and types: only of tables, headers and the graph. */
  readonly analyst?: Analyst;
}

/** Reads a project and resolves what reads what. Throws a ModelsError that tells everything that is wrong. */
export function compileProject(
  files: ProjectFiles,
  datasets: readonly DatasetPlan[],
  { analyst }: CompileOptions = {},
): CompiledProject {
  const problems: ModelProblem[] = [];
  const functions = compileFunctions(files.functions ?? [], problems, analyst);
  const parsed = files.models.flatMap((file) => parseModel(file, problems) ?? []).toSorted(byName);
  const checks = (files.checks ?? []).flatMap((file) => parseCheckFile(file, problems) ?? []).toSorted(byName);
  const known = knownTables(parsed, datasets);
  const broken = new Set<string>();
  for (const query of [...parsed, ...checks]) {
    const isResolved = resolveReferences(query, known, problems);
    unknownFunctions(query.file, query.calls, functions.names, problems);
    const isCallable = query.calls.every(({ name }) => functions.names.includes(name) && !functions.broken.has(name));
    if (query.isBroken || !isResolved || !isCallable) broken.add(query.name);
  }
  const edges = edgesOf(parsed, known, problems);
  const { ordered, circular } = inDependencyOrder(parsed, edges, problems);
  for (const name of circular) broken.add(name);
  const compiled = compileAll(ordered, { datasets, functions: functions.compiled, edges });
  attach(checks, { compiled, broken }, problems);
  refuseMaterialized(compiled, problems);
  if (analyst) introduceTables(analyst, datasets);
  const found = analyst && analyseAll({ analyst, compiled, checks, broken, edges }, problems);
  if (problems.length > 0) throw new ModelsError(problems.toSorted(byPlace));
  return {
    models: compiled.map(({ model }) => model),
    functions: functions.compiled,
    lineage: found?.lineage ?? new Map(),
  };
}

const byName = (one: { readonly name: string }, other: { readonly name: string }) => (one.name < other.name ? -1 : 1);

const byPlace = (one: ModelProblem, other: ModelProblem) =>
  (one.path < other.path ? -1 : one.path > other.path ? 1 : 0) ||
  one.line - other.line ||
  (one.column ?? 0) - (other.column ?? 0);

interface CompiledEntry extends ModelToAnalyse {
  model: CompiledModel;
}

function compileAll(
  ordered: readonly ParsedModel[],
  around: {
    readonly datasets: readonly DatasetPlan[];
    readonly functions: readonly CompiledFunction[];
    readonly edges: Edges;
  },
): CompiledEntry[] {
  const datasetOf = new Map(
    around.datasets.flatMap((dataset) =>
      datasetTables(dataset).map(({ schema, name }) => [`${schema}.${name}`, dataset.name]),
    ),
  );
  const functionDefinitions = new Map(around.functions.map(({ name, definition }) => [name, definition]));
  const definitions = new Map<string, string>();
  return ordered.map((parsed) => {
    const { name, schema, table, file, sql, header } = parsed;
    const read = distinct(parsed.references.map((reference) => reference.table));
    const called = distinct(parsed.calls.map((call) => call.name));
    const definition = definitionOf(sql, header, {
      functions: called.map((one) => functionDefinitions.get(one) ?? ''),
      upstream: read.flatMap((one) => definitions.get(one) ?? []),
    });
    definitions.set(name, definition);
    const dependsOn = [...(around.edges.get(name) ?? [])];
    const datasets = distinct(read.flatMap((one) => datasetOf.get(one) ?? []));
    const place = { name, schema, table, path: file.path, sql };
    const model = { ...place, ...header, output: [], reads: readsOf(parsed), dependsOn, datasets, definition };
    return { parsed, model };
  });
}

const distinct = (names: readonly string[]): string[] => [...new Set(names)].toSorted();

const readsOf = ({ references, sqlOffset }: ParsedQuery): TableRead[] =>
  references.map(({ table, start, end, aliased }) => ({
    name: table,
    start: start - sqlOffset,
    end: end - sqlOffset,
    aliased,
  }));

/**
 * A query check belongs to the last of the models that it reads, which is built after the others from then on: none waits for one
 * that is not there yet, and whichever changes, the check is asked again.
 */
function attach(
  checks: readonly ParsedCheck[],
  { compiled, broken }: Pick<Analysis, 'compiled' | 'broken'>,
  problems: ModelProblem[],
): void {
  for (const parsed of checks) {
    const { name, sql, severity, file, references } = parsed;
    const check: Check = { kind: 'query', name, sql, reads: readsOf(parsed), severity };
    const read = compiled.filter(({ model }) => references.some(({ table }) => table === model.name));
    const last = read.at(-1);
    if (last) {
      const { model } = last;
      const others = read.slice(0, -1).map((entry) => entry.model.name);
      last.model = { ...model, checks: [...model.checks, check], dependsOn: distinct([...model.dependsOn, ...others]) };
    } else if (!broken.has(name))
      problems.push({ path: file.path, line: 1, message: 'it reads no model, so nothing would ever run it; read one' });
  }
}

interface Analysis {
  readonly analyst: Analyst;
  readonly compiled: readonly CompiledEntry[];
  readonly checks: readonly ParsedCheck[];
  readonly broken: Set<string>;
  readonly edges: Edges;
}

/** Fills in what only an analyst knows, and tells what does not fit it. */
function analyseAll({ analyst, compiled, checks, broken, edges }: Analysis, problems: ModelProblem[]): Analysed {
  const found = analyseModels(analyst, compiled, broken, problems);
  const outputs = analyseCheckFiles(analyst, checks, broken, problems);
  const notes = personalData(compiled, found.lineage, problems);
  for (const entry of compiled) {
    const output = found.outputs.get(entry.model.name);
    if (!output) continue;
    compareWithHeader(entry, output, edges, problems);
    const columns = notes.get(entry.model.name) ?? entry.model.columns;
    entry.model = { ...entry.model, output, columns, checks: withOutputs(entry.model.checks, outputs) };
  }
  checkRelationships(compiled, problems);
  return found;
}

const withOutputs = (checks: readonly Check[], outputs: ReadonlyMap<string, OutputColumn[]>): Check[] =>
  checks.map((check) => {
    const output = check.kind === 'query' ? outputs.get(check.name) : undefined;
    return output && check.kind === 'query' ? { ...check, output } : check;
  });

/** Redshift makes no materialized view of some queries: better told here than by a run. */
function refuseMaterialized(compiled: readonly CompiledEntry[], problems: ModelProblem[]): void {
  const models = compiled.map(({ model }) => model);
  for (const model of models.filter(({ materialization }) => materialization === 'materialized view'))
    for (const message of materializedViewLimits(model, models)) problems.push({ path: model.path, line: 1, message });
}

/** The field of a relationship is a column of the model it is in. */
function checkRelationships(compiled: readonly CompiledEntry[], problems: ModelProblem[]): void {
  const outputs = new Map(compiled.map(({ model }) => [model.name, columnsOf(model)]));
  for (const { parsed } of compiled) {
    for (const { check, line } of parsed.places.checks) {
      const columns = check.kind === 'relationship' ? (outputs.get(check.table) ?? []) : [];
      if (check.kind !== 'relationship' || columns.length === 0 || columns.some(({ name }) => name === check.field))
        continue;
      const message = `${check.table} has no column ${check.field}; it has: ${columns.map(({ name }) => name).join(', ')}`;
      problems.push({ path: parsed.file.path, line, message });
    }
  }
}
