import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';
import { recordUnload } from '../catalog/history.ts';
import type { ExecuteUnload, UnloadContext } from '../copy-context.ts';
import type { UnloadStatement } from '../statements/copy.ts';
import type { Query } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { s3Error } from './s3-error.ts';
import { manifestOf } from './unload-manifest.ts';
import { checkColumns, readUnloadOptions, type UnloadOptions } from './unload-options.ts';
import { type Part, renderParts } from './unload-parts.ts';

/** An object that was written. */
export interface WrittenFile {
  readonly uri: string;
  readonly sizeBytes: number;
  readonly rows: number;
  /** The lines in it, the header's too. */
  readonly lines: number;
}

/** Runs an UNLOAD: the query's rows as objects under the prefix, named as Redshift names the first slice's. */
export const executeUnload: ExecuteUnload = async (statement, context) => {
  const options = readUnloadOptions(statement.options);
  refuseLimit(statement);
  checkColumns(context.columns, options);
  const unload = new Unload(statement, context, options);
  return unload.run();
};

function refuseLimit({ query }: UnloadStatement): void {
  if (!isLimited(query)) return;
  throw new RedshiftError('0A000', 'Limit clause is not supported', { hint: 'Use LIMIT in a subquery' });
}

/** Whether the outer SELECT is limited, parentheses around it or not. */
function isLimited({ limit, offset, body }: Query): boolean {
  if (limit !== undefined || offset !== undefined) return true;
  if (body.kind === 'nested') return isLimited(body.query);
  return body.kind === 'select' && body.top !== undefined;
}

class Unload {
  readonly #context: UnloadContext;
  readonly #options: UnloadOptions;
  readonly #prefix: string;
  readonly #startedAtMilliseconds = Date.now();

  constructor(statement: UnloadStatement, context: UnloadContext, options: UnloadOptions) {
    if (!statement.to.startsWith('s3://'))
      throw new RedshiftError('42601', 'UNLOAD destination is not supported. (Hint: only S3 based unload is allowed)');
    this.#context = context;
    this.#options = options;
    const isFolder = options.partitionBy.length === 0 || statement.to.endsWith('/');
    this.#prefix = isFolder ? statement.to : `${statement.to}/`;
  }

  async run() {
    await this.#requireRoom();
    const parts = await renderParts(this.#context, this.#options);
    await this.#cleanPath(parts);
    const files: WrittenFile[] = [];
    for (const part of parts) files.push(await this.#write(part));
    if (this.#options.manifest !== 'none') await this.#store(`${this.#prefix}manifest`, this.#manifest(files));
    await this.#record(files);
    const rows = files.reduce((sum, file) => sum + file.rows, 0);
    const message = `UNLOAD completed, ${rows} record(s) unloaded successfully.`;
    return { tag: 'UNLOAD', rowCount: rows, notices: [{ severity: 'INFO' as const, message }] };
  }

  async #requireRoom(): Promise<void> {
    const { cleanPath, allowOverwrite } = this.#options;
    if (cleanPath && !this.#context.objectStore.delete)
      throw new RedshiftError('0A000', 'UNLOAD with CLEANPATH is not supported by this object store');
    if (cleanPath || allowOverwrite || (await this.#list(this.#prefix)).length === 0) return;
    const message = `Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option.`;
    throw new RedshiftError('XX000', message);
  }

  /** CLEANPATH: what is under the prefix goes, or what is in the folders that get new files. */
  async #cleanPath(parts: readonly Part[]): Promise<void> {
    if (!this.#options.cleanPath) return;
    const isPartitioned = this.#options.partitionBy.length > 0;
    const folders = isPartitioned ? new Set(parts.map(({ folder }) => this.#prefix + folder)) : [this.#prefix];
    for (const folder of folders) {
      for (const uri of await this.#list(folder))
        await this.#orS3Error(uri, async () => this.#context.objectStore.delete?.(uri, this.#context.roleArn));
    }
  }

  async #write({ folder, number, body, rows, lines }: Part): Promise<WrittenFile> {
    const { parallel, extension } = this.#options;
    const name = parallel ? `0000_part_${String(number).padStart(2, '0')}` : String(number).padStart(3, '0');
    const uri = this.#prefix + folder + name + extension;
    const packed = await pack(body, this.#options);
    await this.#store(uri, packed);
    return { uri, sizeBytes: packed.length, rows, lines };
  }

  #manifest(files: readonly WrittenFile[]): Buffer {
    const { columns } = this.#context;
    const { partitionBy, includePartitions } = this.#options;
    const written = includePartitions ? columns : columns.filter(({ name }) => !partitionBy.includes(name));
    return manifestOf(files, written, this.#options.manifest === 'verbose');
  }

  async #record(files: readonly WrittenFile[]): Promise<void> {
    const { queryId, sessionId, user, database } = this.#context;
    const origin = { queryId, sessionId, user, database, startedAtMilliseconds: this.#startedAtMilliseconds };
    const nothing: WrittenFile = { uri: '', sizeBytes: 0, rows: 0, lines: 0 };
    const { format } = this.#options;
    await this.#context.independently(async (connection) => {
      for (const { uri, sizeBytes, rows } of files.length === 0 ? [nothing] : files)
        await recordUnload(connection, { ...origin, format: formatNames[format], uri, rows, bytes: sizeBytes });
    });
  }

  #list(prefix: string): Promise<string[]> {
    return this.#orS3Error(prefix, async () => {
      const objects = await this.#context.objectStore.list(prefix, this.#context.roleArn);
      return objects.map(({ uri }) => uri);
    });
  }

  #store(uri: string, body: Buffer): Promise<void> {
    return this.#orS3Error(uri, () => this.#context.objectStore.put(uri, body, this.#context.roleArn));
  }

  async #orS3Error<T>(uri: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw s3Error(error, uri, this.#context.queryId);
    }
  }
}

/** Formats as sys_unload_history names them. */
const formatNames = { TEXT: 'Text', FIXEDWIDTH: 'Text', CSV: 'CSV', JSON: 'JSON', PARQUET: 'Parquet' } as const;

const gzipped = promisify(gzip);
const zstdCompressed = promisify(zstdCompress);

async function pack(body: Buffer, { compression }: UnloadOptions): Promise<Buffer> {
  if (compression === 'none') return body;
  return compression === 'gzip' ? gzipped(body) : zstdCompressed(body);
}
