import type { DatasetPlan } from '../environment.ts';
import { quoteIdentifier } from '../names.ts';
import { pipelineTables } from '../tables.ts';
import type { Analyst, QueryLineage } from './analysis.ts';
import { normalisedType } from './column-types.ts';
import { columnsOf, historyColumns } from './history-columns.ts';
import type { CompiledModel, OutputColumn } from './model.ts';
import type { ParsedCheck, ParsedModel, ParsedQuery } from './parse-model.ts';
import { type ModelProblem, problemAt } from './problem.ts';

/** A model and its file. */
export interface ModelToAnalyse {
  readonly parsed: ParsedModel;
  readonly model: CompiledModel;
}

/** What the analyst found, of the models of which something could be found. */
export interface Analysed {
  readonly outputs: ReadonlyMap<string, OutputColumn[]>;
  readonly lineage: ReadonlyMap<string, QueryLineage>;
}

/** Tells the analyst of the tables that are there before any model. */
export function introduceTables(analyst: Analyst, datasets: readonly DatasetPlan[]): void {
  for (const { schema, name, columns } of pipelineTables(datasets)) {
    const known = columns.map((column) => ({ name: column.name, type: normalisedType(column.type) ?? column.type }));
    analyst.know({ schema, name, columns: known });
  }
}

/**
 * Asks about each model, in dependency order, and makes it known by its answer. What is built on a model that does not analyse
 * is left out: what is wrong there would be said again for each reader.
 */
export function analyseModels(
  analyst: Analyst,
  models: readonly ModelToAnalyse[],
  broken: Set<string>,
  problems: ModelProblem[],
): Analysed {
  const outputs = new Map<string, OutputColumn[]>();
  const lineage = new Map<string, QueryLineage>();
  for (const { parsed, model } of models) {
    const answer =
      model.reads.some(({ name }) => broken.has(name)) || broken.has(model.name)
        ? undefined
        : ask(analyst, parsed, problems);
    if (!answer) {
      broken.add(model.name);
      continue;
    }
    outputs.set(model.name, answer.columns);
    lineage.set(model.name, answer.lineage);
    badNames(parsed, answer.columns, problems);
    const { schema, table: name } = model;
    analyst.know({ schema, name, columns: columnsOf({ ...model, output: answer.columns }) });
    analyseExpressions(analyst, parsed, problems);
  }
  return { outputs, lineage };
}

function ask(analyst: Analyst, query: ParsedQuery, problems: ModelProblem[]) {
  const answer = analyst.analyse(query.sql);
  if (answer.kind === 'analysed') return answer;
  problems.push(problemAt(query.file, query.sqlOffset + answer.offset, answer.message));
  return undefined;
}

/** What the queries of check files yield, by the check's name: rows that they find are shown by it. */
export function analyseCheckFiles(
  analyst: Analyst,
  checks: readonly ParsedCheck[],
  broken: ReadonlySet<string>,
  problems: ModelProblem[],
): Map<string, OutputColumn[]> {
  const outputs = new Map<string, OutputColumn[]>();
  for (const check of checks) {
    if ([check.name, ...check.references.map(({ table }) => table)].some((name) => broken.has(name))) continue;
    const answer = ask(analyst, check, problems);
    if (answer) outputs.set(check.name, answer.columns);
  }
  return outputs;
}

/** A table takes each name once, and no name that Redshift made up. */
function badNames(
  { file, sqlOffset, header }: ParsedModel,
  columns: readonly OutputColumn[],
  problems: ModelProblem[],
): void {
  const added = header.materialization === 'history' ? Object.values(historyColumns) : [];
  const names = columns.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    const nth = `column ${index + 1} of what it yields`;
    const message =
      name === '?column?'
        ? `${nth} has no name; give it one: … AS name`
        : names.indexOf(name) < index
          ? `${nth} is called ${name}, as one before it; give it another name`
          : added.some((one) => one.name === name)
            ? `${nth} is called ${name}, as a column that every history has; give it another name`
            : undefined;
    if (message) problems.push(problemAt(file, sqlOffset, message));
  }
}

/** An expression check is bound to the model it is of, so that its mistakes are found here. */
function analyseExpressions(
  analyst: Analyst,
  { file, schema, table, places }: ParsedModel,
  problems: ModelProblem[],
): void {
  for (const { check, line } of places.checks) {
    if (check.kind !== 'expression') continue;
    const relation = `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
    const answer = analyst.analyse(`SELECT (${check.sql}\n) AS holds FROM ${relation}`);
    const report = (message: string) => problems.push({ path: file.path, line, message: `${check.sql}: ${message}` });
    if (answer.kind === 'invalid') report(answer.message);
    else if (answer.columns[0]?.type !== 'boolean')
      report(`it is ${answer.columns[0]?.type}; a check's expression is a condition`);
  }
}
