import {
  type LoadErrorRecord,
  type ReplacementRecord,
  recordLoadErrors,
  recordReplacements,
} from '../catalog/history.ts';
import type { Column } from '../catalog/model.ts';
import type { CopyContext, ExecuteCopy } from '../copy-context.ts';
import type { CopyStatement } from '../statements/copy.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { inUtf8 } from './encodings.ts';
import { invalidLines, replaceInvalidCharacters } from './invalid-characters.ts';
import { readJsonPaths } from './json-paths.ts';
import { LineFiles } from './line-files.ts';
import { type LoadedGroup, loadGroup, type PreparedFile, prepareFile } from './load-group.ts';
import { oneAhead, severalAtOnce } from './one-ahead.ts';
import { type CopyFormat, type CopyOptions, readCopyOptions } from './options.ts';
import { loadParquet } from './parquet.ts';
import {
  changedFile,
  findSourceObjects,
  readObject,
  readSourceFile,
  type SourceFile,
  type SourceObject,
} from './source-files.ts';
import { keyPath, type StagePlan, type ValueSource } from './staging.ts';
import { TemporaryDirectory } from './temporary-directory.ts';

/** Lines with replaced characters that are written down for one COPY; there may be more. */
const recordedReplacements = 100;

/** Files are loaded in groups of about this size, unpacked: the next ones are fetched and unpacked meanwhile, and memory stays small. */
const groupBytes = 100 * 1024 * 1024;
/** Objects in transfer. */
const fetchedAtOnce = 4;
/** Files being unpacked and written out: more of them would not be faster, and take fresh memory instead of using it again. */
const preparedAtOnce = 2;

/** Runs a COPY: finds the objects, types and judges their rows, inserts them, and keeps the books. */
export const executeCopy: ExecuteCopy = async (statement, context) => {
  const options = readCopyOptions(statement.options);
  const plan = await planStage(context, options);
  const load = new Load(statement, context, options, plan);
  return load.run();
};

async function planStage(context: CopyContext, options: CopyOptions): Promise<StagePlan> {
  const { columns } = context;
  refuseColumns(columns, options);
  const { format } = options;
  const valuesAreText = format.kind === 'delimited';
  const brackets = { open: '{', close: '}' } as const;
  if (format.kind !== 'jsonpaths') return { columns, sources: sourcesOf(columns, format), valuesAreText, brackets };
  const paths = readJsonPaths(await readObject(context, format.uri), columns.length);
  const byName = { kind: 'json', mapping: 'auto' } as const;
  return { columns, valuesAreText, ...(paths ?? { sources: sourcesOf(columns, byName), brackets }) };
}

function refuseColumns(columns: readonly Column[], { format }: CopyOptions): void {
  const takesVarbyte =
    format.kind === 'parquet' || (format.kind === 'delimited' && !format.widths && !format.removeQuotes);
  const refused = columns.find(
    ({ type }) =>
      (type.kind === 'varbyte' && !takesVarbyte) || (type.kind.startsWith('interval') && format.kind === 'parquet'),
  );
  if (!refused) return;
  const message = `COPY into ${refused.type.kind} column "${refused.name}" is not supported with these options`;
  throw new RedshiftError('0A000', message);
}

function sourcesOf(columns: readonly Column[], format: CopyFormat): ValueSource[] {
  if (format.kind !== 'json') return columns.map((_, index) => ({ kind: 'path', path: `$[${index}]` }));
  if (format.mapping === 'noshred') return [noshredSource(columns)];
  if (format.mapping === 'auto') return columns.map(({ name }) => ({ kind: 'key', name, path: keyPath(name) }));
  return columns.map((column) => ({ kind: 'keyIgnoringCase', name: column.name }));
}

function noshredSource(columns: readonly Column[]): ValueSource {
  if (columns.length === 1 && columns[0]?.type.kind === 'super') return { kind: 'wholeRow' };
  throw new RedshiftError('0A000', "COPY with JSON 'noshred' needs a table with a single column of type SUPER");
}

class Load {
  readonly #statement: CopyStatement;
  readonly #context: CopyContext;
  readonly #options: CopyOptions;
  readonly #plan: StagePlan;
  readonly #startedAtMilliseconds = Date.now();
  readonly #files: { uri: string; sizeBytes: number; lines: number }[] = [];
  readonly #errors: LoadErrorRecord[] = [];
  readonly #replacements: ReplacementRecord[] = [];
  #loadedRows = 0;
  #loadedBytes = 0;
  #errorCount = 0;

  constructor(statement: CopyStatement, context: CopyContext, options: CopyOptions, plan: StagePlan) {
    this.#statement = statement;
    this.#context = context;
    this.#options = options;
    this.#plan = plan;
  }

  async run(): Promise<StatementResult> {
    const directory = new TemporaryDirectory();
    try {
      const objects = await findSourceObjects(this.#context, this.#statement.from, this.#options.manifest);
      this.#requireSizes(objects);
      this.#context.loadBegins();
      await this.#loadAll(objects, directory);
      if (this.#files.length === 0) throw nothingFound(this.#statement.from);
      await this.#record('completed');
      return this.#result();
    } catch (error) {
      await this.#record('failed');
      throw error;
    } finally {
      await directory.remove();
    }
  }

  async #loadAll(objects: readonly SourceObject[], directory: TemporaryDirectory): Promise<void> {
    const { format } = this.#options;
    if (format.kind === 'parquet') {
      for await (const file of this.#read(objects))
        this.#count(await loadParquet(this.#context, format, file, directory));
      return;
    }
    const lineFiles = new LineFiles(directory);
    for await (const group of oneAhead(this.#groups(objects, lineFiles))) {
      await this.#load(group, lineFiles, directory);
      lineFiles.release(group.flatMap(({ quick }) => quick?.path ?? []));
    }
  }

  /** A manifest of columnar files says how long each one is. */
  #requireSizes(objects: readonly SourceObject[]): void {
    if (!this.#options.manifest || this.#options.format.kind !== 'parquet') return;
    const unsized = objects.find(({ expectedBytes }) => expectedBytes === undefined);
    if (unsized)
      throw new RedshiftError(
        'XX000',
        `Manifest entry for ${unsized.uri} has no meta.content_length, which PARQUET needs`,
      );
  }

  async *#groups(objects: readonly SourceObject[], lineFiles: LineFiles): AsyncGenerator<PreparedFile[]> {
    let group: PreparedFile[] = [];
    let bytes = 0;
    const prepare = (file: SourceFile): Promise<PreparedFile> =>
      prepareFile(this.#context, this.#plan, this.#options, file, lineFiles);
    for await (const file of severalAtOnce(this.#read(objects), preparedAtOnce, prepare)) {
      group.push(file);
      bytes += file.unpackedBytes;
      if (bytes < groupBytes) continue;
      yield group;
      group = [];
      bytes = 0;
    }
    if (group.length > 0) yield group;
  }

  /** The next objects are fetched while one is put away. */
  async *#read(objects: readonly SourceObject[]): AsyncGenerator<SourceFile> {
    for await (const file of severalAtOnce(objects, fetchedAtOnce, (object) => this.#readFile(object)))
      if (file) yield file;
  }

  async #readFile(object: SourceObject): Promise<SourceFile | undefined> {
    const { compression, encoding, format, replacementCharacter } = this.#options;
    const packing = format.kind === 'parquet' ? packingOf(object.uri) : compression;
    const file = await readSourceFile(this.#context, object, packing);
    if (!file || (encoding === 'utf8' && replacementCharacter === undefined)) return file;
    const body = inUtf8(await file.body(), encoding, object.uri);
    if (replacementCharacter === undefined) return changedFile(file, body);
    for (const lineNumber of invalidLines(body)) this.#replacements.push({ fileName: file.uri, lineNumber });
    return changedFile(file, replaceInvalidCharacters(body, replacementCharacter));
  }

  async #load(files: readonly PreparedFile[], lineFiles: LineFiles, directory: TemporaryDirectory): Promise<void> {
    const group = await loadGroup(this.#context, this.#plan, this.#options, files, lineFiles, directory, (bad) =>
      this.#tooMany(bad),
    );
    this.#count(group);
    if (this.#tooMany(0)) throw loadFailed(this.#context.table.name);
  }

  #count(group: LoadedGroup): void {
    this.#files.push(...group.files);
    this.#loadedRows += group.loadedRows;
    this.#loadedBytes += group.bytes;
    this.#errorCount += group.errorCount;
    this.#errors.push(...group.errors);
  }

  /** MAXERROR n: n errors fail the load; without it the first one does. */
  #tooMany(more: number): boolean {
    const { maximumErrors } = this.#options;
    const count = this.#errorCount + more;
    return maximumErrors !== undefined && count > 0 && count >= Math.max(1, maximumErrors);
  }

  async #record(status: 'completed' | 'failed'): Promise<void> {
    const context = this.#context;
    await this.#recordTroubles();
    await context.noteLoad({
      ...this.#origin(),
      status,
      schema: context.table.schema,
      table: context.table.name,
      tableId: context.table.id,
      source: this.#statement.from,
      format: formatName(this.#options.format),
      endedAtMilliseconds: Date.now(),
      loadedRows: status === 'completed' ? this.#loadedRows : 0,
      loadedBytes: status === 'completed' ? this.#loadedBytes : 0,
      files: this.#files,
      errorCount: this.#errorCount,
    });
  }

  /** What was wrong with which rows. */
  async #recordTroubles(): Promise<void> {
    if (this.#errors.length === 0 && this.#replacements.length === 0) return;
    const context = this.#context;
    const origin = { ...this.#origin(), tableId: context.table.id };
    await context.independently(async (connection) => {
      await recordLoadErrors(connection, origin, this.#errors);
      await recordReplacements(connection, origin, this.#replacements.slice(0, recordedReplacements));
    });
  }

  #origin() {
    const { queryId, sessionId, user, database } = this.#context;
    return { queryId, sessionId, user, database, startedAtMilliseconds: this.#startedAtMilliseconds };
  }

  #result(): StatementResult {
    const name = this.#context.table.name;
    const notices = [loaded(name, this.#loadedRows)];
    if (this.#errorCount > 0) notices.push(skipped(name, this.#errorCount));
    if (this.#replacements.length > 0) notices.push(replaced(name, this.#replacements.length));
    return {
      tag: 'COPY',
      rowCount: this.#loadedRows,
      notices: notices.map((message) => ({ severity: 'INFO', message })),
    };
  }
}

/** Formats as sys_load_history names them. */
function formatName(format: CopyFormat): string {
  if (format.kind === 'delimited') return format.csv ? 'csv' : 'txt';
  return format.kind === 'parquet' ? 'parquet' : 'json';
}

/** A columnar file says by its name how it is packed as a whole. */
function packingOf(uri: string): CopyOptions['compression'] {
  if (uri.endsWith('.snappy'))
    throw new RedshiftError('0A000', `${uri}: .snappy files are not supported by the local Redshift`);
  return uri.endsWith('.gz') ? 'gzip' : uri.endsWith('.bz2') ? 'bzip2' : 'none';
}

const loaded = (table: string, rows: number): string =>
  `Load into table '${table}' completed, ${rows} record(s) loaded successfully.`;

const skipped = (table: string, rows: number): string =>
  `Load into table '${table}' completed, ${rows} record(s) could not be loaded.  Check 'stl_load_errors' system table for details.`;

const replaced = (table: string, rows: number): string =>
  `Load into table '${table}' completed, ${rows} record(s) were loaded with replacements made for ACCEPTINVCHARS.  Check 'stl_replacements' system table for details.`;

/** Whatever a manifest says is mandatory, something must be there. */
function nothingFound(from: string): RedshiftError {
  return new RedshiftError('XX000', `None of the files that ${from} names was found`);
}

function loadFailed(table: string): RedshiftError {
  return new RedshiftError(
    'XX000',
    `Load into table '${table}' failed.  Check 'stl_load_errors' system table for details.`,
  );
}
