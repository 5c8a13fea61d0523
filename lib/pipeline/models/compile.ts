import { createHash } from 'node:crypto';
import { init } from '@polyglot-sql/sdk';
import type { DatasetPlan } from '../environment.ts';
import { MillraceError } from '../error.ts';
import { nearest } from '../nearest.ts';
import { datasetTables, pipelineSchemas, pipelineTables } from '../tables.ts';
import { type ModelHeader, type ModelProblem, parseHeader } from './header.ts';
import type { CompiledModel } from './model.ts';
import { type TableReference, tableReferences } from './references.ts';

/** A file of `sql/models`, as read; the path is for messages and says the model's name. */
export interface ModelFile {
  /** `…/models/<schema>/<name>.sql`. */
  readonly path: string;
  readonly text: string;
}

/** The models cannot be compiled; the message has a line for each problem, with file and line. */
export class ModelsError extends MillraceError {
  readonly problems: readonly ModelProblem[];

  constructor(problems: readonly ModelProblem[]) {
    super('BAD_MODELS', problems.map(problemLine).join('\n'));
    this.problems = problems;
  }
}

function problemLine({ path, line, column, message }: ModelProblem): string {
  return `${path}:${line}${column === undefined ? '' : `:${column}`}: ${message}`;
}

/** The parser is WebAssembly: wait for it once before compiling. */
export const modelCompilerReady = async (): Promise<void> => {
  await init();
};

interface ParsedModel {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly path: string;
  readonly sql: string;
  /** Where `sql` begins in the file. */
  readonly sqlOffset: number;
  readonly header: ModelHeader;
  readonly references: readonly TableReference[];
}

/** Parses models and resolves what they read, in dependency order. Throws a ModelsError that tells everything that is wrong. */
export function compileModels(files: readonly ModelFile[], datasets: readonly DatasetPlan[]): CompiledModel[] {
  const problems: ModelProblem[] = [];
  const models = files
    .flatMap((file) => parseModel(file, problems) ?? [])
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const known = knownTables(models, datasets);
  for (const model of models)
    for (const reference of model.references) resolve(model, reference, known, datasets, problems);
  const ordered = problems.length === 0 ? inDependencyOrder(models, problems) : [];
  if (problems.length > 0) throw new ModelsError(problems);
  return compileAll(ordered, datasets);
}

const modelPath = /(?:^|\/)models\/([a-z][a-z0-9_]{0,62})\/([a-z][a-z0-9_]{0,99})\.sql$/;

/** The Data API takes statements of 200 KB, and the state of Step Functions holds the statement twice in 256 KiB. */
const longestModelBytes = 100_000;

function parseModel({ path, text }: ModelFile, problems: ModelProblem[]): ParsedModel | undefined {
  const [, schema, table] = modelPath.exec(path) ?? [];
  if (!schema || !table) {
    problems.push({ path, line: 1, message: 'a model is a file models/<schema>/<name>.sql, in lower case' });
    return undefined;
  }
  if ((pipelineSchemas as readonly string[]).includes(schema)) {
    problems.push({ path, line: 1, message: `the schema ${schema} is the pipeline's own; put models in another` });
  }
  if (Buffer.byteLength(text) > longestModelBytes) {
    problems.push({ path, line: 1, message: `it is longer than ${longestModelBytes} bytes; make two models of it` });
  }
  const header = parseHeader(path, text, problems);
  const read = tableReferences(text);
  if (read.kind === 'invalid') problems.push({ path, ...read });
  const references = read.kind === 'references' ? read.tables : [];
  return { name: `${schema}.${table}`, schema, table, path, ...bodyOf(text), header, references };
}

/** The SELECT without its header and closing semicolon, and where it begins. */
function bodyOf(text: string): Pick<ParsedModel, 'sql' | 'sqlOffset'> {
  const sqlOffset = /^(?:--[^\n]*(?:\n|$)|[ \t\r]*\n)*[ \t]*/.exec(text)?.[0].length ?? 0;
  return { sql: text.slice(sqlOffset).trimEnd().replace(/;$/, '').trimEnd(), sqlOffset };
}

function knownTables(models: readonly ParsedModel[], datasets: readonly DatasetPlan[]): Set<string> {
  const pipeline = pipelineTables(datasets).map(({ schema, name }) => `${schema}.${name}`);
  return new Set([...pipeline, ...models.map(({ name }) => name)]);
}

const nameOf = ({ schema, name }: TableReference): string => (schema ? `${schema}.${name}` : name);

function resolve(
  { path }: ParsedModel,
  reference: TableReference,
  known: ReadonlySet<string>,
  datasets: readonly DatasetPlan[],
  problems: ModelProblem[],
): void {
  if (known.has(nameOf(reference))) return;
  const { line, column } = reference;
  problems.push({ path, line, column, message: unresolved(reference, known, datasets) });
}

function unresolved(reference: TableReference, known: ReadonlySet<string>, datasets: readonly DatasetPlan[]): string {
  const name = nameOf(reference);
  const keyless = datasets.some((dataset) => !dataset.keyed && name === `latest.${dataset.name}`);
  if (keyless)
    return `${name} does not exist: the events of ${reference.name} have no key; read "raw".${reference.name}`;
  const meant = reference.schema ? nearest(name, [...known]) : [...known].find((one) => one.endsWith(`.${name}`));
  return `there is no table ${name}; ${meant ? `did you mean ${meant}?` : `a model reads datasets and other models, each with its schema`}`;
}

/** Depth first, so that a cycle is met on the path that closes it. */
function inDependencyOrder(models: readonly ParsedModel[], problems: ModelProblem[]): ParsedModel[] {
  const byName = new Map(models.map((model) => [model.name, model]));
  const done = new Set<ParsedModel>();
  const visit = (model: ParsedModel, path: readonly ParsedModel[]): void => {
    if (done.has(model)) return;
    for (const reference of model.references) {
      const upstream = byName.get(nameOf(reference));
      const start = upstream ? [...path, model].indexOf(upstream) : -1;
      if (upstream && start < 0) visit(upstream, [...path, model]);
      if (upstream && start >= 0) {
        const circle = [...[...path, model].slice(start), upstream].map(({ name }) => name).join(' → ');
        problems.push({
          path: model.path,
          line: reference.line,
          column: reference.column,
          message: `a circle: ${circle}`,
        });
      }
    }
    done.add(model);
  };
  for (const model of models) visit(model, []);
  return [...done];
}

function compileAll(ordered: readonly ParsedModel[], datasets: readonly DatasetPlan[]): CompiledModel[] {
  const datasetOf = new Map(
    datasets.flatMap((dataset) =>
      datasetTables(dataset).map(({ schema, name }) => [`${schema}.${name}`, dataset.name]),
    ),
  );
  const definitions = new Map<string, string>();
  return ordered.map(({ references, header, sqlOffset, ...model }) => {
    const read = [...new Set(references.map(nameOf))].toSorted();
    const dependsOn = read.filter((name) => definitions.has(name));
    const definition = definitionOf(
      model.sql,
      header,
      dependsOn.map((name) => definitions.get(name) ?? ''),
    );
    definitions.set(model.name, definition);
    const own = [...new Set(read.flatMap((name) => datasetOf.get(name) ?? []))].toSorted();
    const reads = references.map((reference) => ({
      name: nameOf(reference),
      start: reference.start - sqlOffset,
      end: reference.end - sqlOffset,
      aliased: reference.aliased,
    }));
    return { ...model, ...header, output: [], reads, dependsOn, datasets: own, definition };
  });
}

/** Two models with the same definition have the same columns, comments and grants; checks and freshness are no part of it. */
function definitionOf(sql: string, header: ModelHeader, upstream: readonly string[]): string {
  const { materialization, description, columns, grants } = header;
  const parts = JSON.stringify([sql, materialization, description, columns, grants, upstream]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 32);
}
