import fs from 'node:fs';
import path from 'node:path';
import type { Config } from '../../lib/config/config.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { nearest } from '../../lib/pipeline/nearest.ts';
import { pipelineSchemas, qualifiedName } from '../../lib/pipeline/tables.ts';
import { attributesOf } from '../desk/new-model/attributes.ts';
import { type Source, skeletonOf } from '../desk/new-model/skeleton.ts';
import { type DeskProject, readProject } from '../desk/project.ts';
import { caseFileOf } from '../desk/unit-tests/files.ts';
import { loadConfig } from '../load-config.ts';
import { findRunning } from '../running.ts';
import { keyFields } from './dataset.ts';
import { connectOperator, type OperatorOptions } from './operator.ts';

export interface NewModelOptions extends OperatorOptions {
  readonly from?: string;
}

/** `millrace new model`: a file that runs as it is, and a case beside it. */
export async function newModel(name: string, options: NewModelOptions, directory = process.cwd()): Promise<void> {
  const file = fileOf(name);
  const cases = caseFileOf({ path: file });
  for (const one of [file, cases]) refuseExisting(path.join(directory, one));
  const config = await loadConfig(directory);
  const from = options.from === undefined ? undefined : await sourceOf(options.from, config, options, directory);
  const owner = from?.owner ?? Object.values(config.datasets)[0]?.owner ?? 'somebody';
  const skeleton = skeletonOf({ name, owner, source: from?.source ?? { kind: 'none' } });
  fs.mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
  // The case first: where npm start runs, the model is built as soon as it is there.
  fs.writeFileSync(path.join(directory, cases), skeleton.cases, { flag: 'wx' });
  fs.writeFileSync(path.join(directory, file), skeleton.sql, { flag: 'wx' });
  process.stdout.write(nextText(name, [file, cases], from));
}

function fileOf(name: string): string {
  const [, schema = '', table = ''] = /^([a-z][a-z0-9_]{0,62})\.([a-z][a-z0-9_]{0,99})$/.exec(name) ?? [];
  if (!schema) {
    const message = `${JSON.stringify(name)} is no name of a model: write schema.name in small letters, digits and _, as mart.daily_kpi`;
    throw new MillraceError('BAD_MODEL_NAME', message);
  }
  if ((pipelineSchemas as readonly string[]).includes(schema)) {
    throw new MillraceError('BAD_MODEL_NAME', `the schema ${schema} is the pipeline's own; put models in another`);
  }
  return `sql/models/${schema}/${table}.sql`;
}

function refuseExisting(file: string): void {
  if (fs.existsSync(file)) throw new MillraceError('MODEL_EXISTS', `${file} is there already, and is left as it is`);
}

interface Found {
  readonly source: Source;
  readonly owner: string;
  /** What people should know of how it was found. */
  readonly note: string;
}

async function sourceOf(from: string, config: Config, options: OperatorOptions, directory: string): Promise<Found> {
  const [schema = '', table = ''] = from.split('.');
  const dataset = Object.hasOwn(config.datasets, table) ? config.datasets[table] : undefined;
  const key = dataset ? keyFields(dataset.source) : [];
  if (dataset && (schema === 'raw' || (schema === 'latest' && key.length > 0))) {
    const payloads = await payloadsOf({ schema, name: table }, options);
    const attributes = attributesOf(payloads);
    const note =
      payloads.length > 0 ? `its columns are guessed from ${payloads.length} rows of ${from}` : unseen(from, options);
    return {
      source: { kind: 'payload', table: from, attributes, key: schema === 'latest' ? key : [] },
      owner: dataset.owner,
      note,
    };
  }
  return modelSource(from, await readProject(config, directory), config);
}

function modelSource(from: string, { models }: DeskProject, config: Config): Found {
  const model = models.find(({ name }) => name === from);
  if (model) {
    return {
      source: { kind: 'columns', table: from, columns: model.output },
      owner: model.owner,
      note: `its columns are those of ${from}`,
    };
  }
  const datasets = Object.entries(config.datasets).flatMap(([name, { source }]) => [
    `raw.${name}`,
    ...(keyFields(source).length > 0 ? [`latest.${name}`] : []),
  ]);
  const known = [...datasets, ...models.map(({ name }) => name)];
  const meant = nearest(from, known);
  throw new MillraceError(
    'UNKNOWN_TABLE',
    `there is no table ${from}; ${meant ? `did you mean ${meant}?` : `there are: ${known.join(', ')}`}`,
  );
}

const looksAtRows = ({ stack, stateDirectory }: OperatorOptions): boolean =>
  stack !== undefined || findRunning(stateDirectory) !== undefined;

const unseen = (from: string, options: OperatorOptions): string =>
  looksAtRows(options)
    ? `${from} has no row to guess columns from`
    : `nothing runs here, so what ${from} holds is not known: start it with npm start, or name a --stack`;

/** Rows that are looked at; payloads that are too long for the Data API's answer are not. */
const sampledRows = 200;
const sampledBytes = 30_000;

async function payloadsOf(table: { schema: string; name: string }, options: OperatorOptions): Promise<string[]> {
  if (!looksAtRows(options)) return [];
  const operator = await connectOperator(options);
  const rows = await operator.query(
    `SELECT JSON_SERIALIZE("payload") FROM ${qualifiedName(table)} WHERE JSON_SIZE("payload") <= ${sampledBytes} LIMIT ${sampledRows}`,
  );
  return rows.flatMap(([text]) => (text ? [text] : []));
}

function nextText(name: string, files: readonly string[], from: Found | undefined): string {
  return [
    ...files.map((file) => `wrote ${file}`),
    ...(from ? [`  ${from.note}`] : []),
    '',
    'Next:',
    '  say in its header what a row is and who owns it',
    `  millrace test ${name}     runs the case beside it`,
    `  millrace build ${name}    builds it; while npm start runs, saving it does`,
    '',
  ].join('\n');
}
