import { takenEnding } from '../statements/model/place.ts';
import { functionSchema, pipelineSchemas } from '../tables.ts';
import { type HeaderPlaces, type ModelHeader, parseHeader } from './header.ts';
import { headerEntries, prose } from './header-entries.ts';
import { checkFileKeys } from './header-keys.ts';
import type { Check } from './model.ts';
import { type ModelProblem, problemAt, type Report, type SourceFile, unknownWord } from './problem.ts';
import { type FunctionCall, type TableReference, tableReferences } from './references.ts';

/** The SELECT of a file. */
export interface ParsedQuery {
  readonly file: SourceFile;
  readonly sql: string;
  /** Where `sql` begins in the file. */
  readonly sqlOffset: number;
  /** Offsets are those of the file. */
  readonly references: readonly TableReference[];
  readonly calls: readonly FunctionCall[];
  /** Nothing can be said about what it yields. */
  readonly isBroken: boolean;
}

export interface ParsedModel extends ParsedQuery {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly header: ModelHeader;
  readonly places: HeaderPlaces;
}

export interface ParsedCheck extends ParsedQuery {
  readonly name: string;
  readonly severity: Check['severity'];
}

/** The Data API takes statements of 200 KB, and the state of Step Functions holds the statement twice in 256 KiB. */
const longestQueryBytes = 100_000;

const modelPath = /(?:^|\/)models\/([a-z][a-z0-9_]{0,62})\/([a-z][a-z0-9_]{0,99})\.sql$/;
const checkPath = /(?:^|\/)checks\/([a-z][a-z0-9_]{0,99})\.sql$/;

export const reportTo =
  (path: string, problems: ModelProblem[]): Report =>
  (line, message) =>
    problems.push({ path, line, message });

export function parseModel(file: SourceFile, problems: ModelProblem[]): ParsedModel | undefined {
  const report = reportTo(file.path, problems);
  const [, schema, table] = modelPath.exec(file.path) ?? [];
  if (!schema || !table) {
    report(1, 'a model is a file models/<schema>/<name>.sql, in lower case');
    return undefined;
  }
  if ([...pipelineSchemas, functionSchema].includes(schema))
    report(1, `the schema ${schema} is the pipeline's own; put models in another`);
  const taken = takenEnding(table);
  if (taken)
    report(1, `the name ${table} has ${taken} in it, as what a model is built from has beside it; choose another`);
  const query = parseQuery(file, problems);
  return { name: `${schema}.${table}`, schema, table, ...query, ...parseHeader(file.text, report) };
}

/** `sql/checks/<name>.sql`. */
export function parseCheckFile(file: SourceFile, problems: ModelProblem[]): ParsedCheck | undefined {
  const report = reportTo(file.path, problems);
  const name = checkPath.exec(file.path)?.[1];
  if (!name) {
    report(1, 'a check is a file checks/<name>.sql, in lower case');
    return undefined;
  }
  const entries = headerEntries(file.text, checkFileKeys, report);
  const severity = prose(entries.get('severity')) || 'error';
  if (severity !== 'error' && severity !== 'warn')
    report(entries.get('severity')?.line ?? 1, unknownWord('severity', severity, ['error', 'warn']));
  return { name, severity: severity === 'warn' ? 'warn' : 'error', ...parseQuery(file, problems) };
}

function parseQuery(file: SourceFile, problems: ModelProblem[]): ParsedQuery {
  const { path, text } = file;
  const sqlOffset = headerEnd(text);
  if (Buffer.byteLength(text) > longestQueryBytes) {
    problems.push({ path, line: 1, message: `it is longer than ${longestQueryBytes} bytes; make two of it` });
    return { file, sql: '', sqlOffset, references: [], calls: [], isBroken: true };
  }
  const read = tableReferences(text);
  if (read.kind === 'references') {
    const sql = text.slice(sqlOffset, read.end);
    return { file, sql, sqlOffset, references: read.tables, calls: read.calls, isBroken: false };
  }
  problems.push(problemAt(file, read.offset, read.message));
  return { file, sql: text.slice(sqlOffset), sqlOffset, references: [], calls: [], isBroken: true };
}

/** Where the SQL begins: behind the comment lines and blank lines at the top. */
export function headerEnd(text: string): number {
  return /^\ufeff?(?:--[^\n]*(?:\n|$)|[ \t\r]*\n)*[ \t]*/.exec(text)?.[0].length ?? 0;
}
