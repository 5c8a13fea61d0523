import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { CloudContext } from '../resource.ts';
import { type Principal, ServiceError, type ServiceResponse } from '../service.ts';
import { Journal } from '../storage/journal.ts';
import { tableNameOf } from './grants.ts';

const operations = ['ExportTableToPointInTime', 'DescribeExport', 'ListExports'];
export const isExportOperation = (operation: string): boolean => operations.includes(operation);

const exportInput = z.object({
  TableArn: z.string(),
  S3Bucket: z.string(),
  S3Prefix: z.string().optional(),
  S3BucketOwner: z.string().optional(),
  S3SseAlgorithm: z.literal('AES256').default('AES256'),
  ExportFormat: z.literal('DYNAMODB_JSON').default('DYNAMODB_JSON'),
  ExportType: z.enum(['FULL_EXPORT', 'INCREMENTAL_EXPORT']).default('FULL_EXPORT'),
  ExportTime: z.number().optional(),
  IncrementalExportSpecification: z.unknown().optional(),
  ClientToken: z.string().min(1).optional(),
});
type ExportInput = z.infer<typeof exportInput>;

interface TableCaller {
  call(operation: string, input: object): Promise<unknown>;
  namesOf(table: string): { readonly tableArn: string };
}

interface Description {
  readonly ExportArn: string;
  readonly ExportStatus: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly TableArn: string;
  readonly S3Bucket: string;
  readonly S3Prefix: string | undefined;
  readonly [name: string]: unknown;
}

interface DataFile {
  readonly itemCount: number;
  readonly md5Checksum: string;
  readonly etag: string;
  readonly dataFileS3Key: string;
}

/** How long a token names its export. (API reference, ExportTableToPointInTime.) */
const tokenMilliseconds = 8 * 60 * 60 * 1000;
const tellsItems = z.object({ Items: z.array(z.unknown()), LastEvaluatedKey: z.unknown().optional() });

/**
 * Exports of tables to S3, in the layout and under the grants of AWS. The scan takes a while, so an item may be as it was a moment after the export's instant; what changed it is in the stream.
 */
export class TableExports {
  readonly #context: CloudContext;
  readonly #tables: TableCaller;
  readonly #journal: Journal;
  readonly #recovery = new Map<string, boolean>();
  readonly #running = new Map<string, Promise<void>>();

  constructor(context: CloudContext, tables: TableCaller) {
    this.#context = context;
    this.#tables = tables;
    const schema =
      'create table if not exists exports (arn text primary key, token text, at integer, asked text, description text)';
    this.#journal = new Journal(context.stateDirectory('dynamodb'), 'exports', schema);
  }

  /** Whether a table of the template has point-in-time recovery; of one that exists elsewhere nothing is known. */
  setRecovery(table: string, isOn: boolean): void {
    this.#recovery.set(table, isOn);
  }

  async answer(operation: string, body: object, principal: Principal): Promise<ServiceResponse> {
    if (operation === 'DescribeExport') return answered({ ExportDescription: this.#described(body) });
    if (operation === 'ListExports') return answered({ ExportSummaries: this.#all().map(summaryOf) });
    const parsed = exportInput.safeParse(body);
    if (!parsed.success)
      throw new ServiceError('ValidationException', `dynamodb:${operation} refuses: ${z.prettifyError(parsed.error)}`);
    return answered({ ExportDescription: await this.#export(parsed.data, principal) });
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.values());
    this.#journal.close();
  }

  async #export(input: ExportInput, principal: Principal): Promise<Description> {
    await this.#refuseWhatIsNotHere(input);
    // From here on nothing is awaited: of two calls with one token the second finds what the first began.
    const now = this.#context.clock.now();
    const asked = JSON.stringify(input);
    const known = input.ClientToken && this.#byToken(input.ClientToken, now);
    if (known) {
      if (known.asked === asked) return JSON.parse(known.description) as Description;
      throw new ServiceError('ExportConflictException', 'another export has this client token');
    }
    const begun = this.#begun(input, now);
    const row = [begun.ExportArn, input.ClientToken ?? null, now, asked, JSON.stringify(begun)];
    this.#journal.run('insert into exports values (?, ?, ?, ?, ?)', ...row);
    this.#running.set(begun.ExportArn, this.#run(begun, principal));
    return begun;
  }

  async #refuseWhatIsNotHere(input: ExportInput): Promise<void> {
    const table = tableNameOf(input.TableArn);
    await this.#tables.call('DescribeTable', { TableName: table }).catch((error: unknown) => {
      throw error instanceof ServiceError ? new ServiceError('TableNotFoundException', error.message) : error;
    });
    if (this.#recovery.get(table) === false) {
      const message = `Point in time recovery is not enabled for table '${table}'`;
      throw new ServiceError('PointInTimeRecoveryUnavailableException', message);
    }
    if (input.ExportType === 'INCREMENTAL_EXPORT' || input.ExportTime !== undefined) {
      const message =
        'the local DynamoDB keeps no history of its tables: it exports them as they are now, and neither a past moment nor an incremental export; those run on AWS only';
      throw new ServiceError('UnsupportedOperationException', message);
    }
  }

  #begun(input: ExportInput, now: number): Description {
    const { S3Bucket, S3Prefix, S3SseAlgorithm, ExportFormat, ExportType, ClientToken } = input;
    const { tableArn: TableArn } = this.#tables.namesOf(tableNameOf(input.TableArn));
    const ExportArn = `${TableArn}/export/${String(now).padStart(14, '0')}-${randomBytes(4).toString('hex')}`;
    const asked = { S3Bucket, S3Prefix, S3SseAlgorithm, ExportFormat, ExportType, ClientToken };
    const times = { ExportTime: now / 1000, StartTime: now / 1000 };
    return { ...asked, ...times, ExportArn, TableArn, ExportStatus: 'IN_PROGRESS' };
  }

  async #run(begun: Description, principal: Principal): Promise<void> {
    const ended = await this.#write(begun, principal).catch((error: Error): Description => {
      const FailureCode = error instanceof ServiceError ? error.code : error.name;
      return { ...begun, ExportStatus: 'FAILED', FailureCode, FailureMessage: error.message };
    });
    this.#journal.run('update exports set description = ? where arn = ?', JSON.stringify(ended), begun.ExportArn);
    this.#running.delete(begun.ExportArn);
  }

  async #write(begun: Description, principal: Principal): Promise<Description> {
    const { S3Bucket, S3Prefix, ExportArn, TableArn } = begun;
    const folder = `${S3Prefix === undefined ? '' : `${S3Prefix}/`}AWSDynamoDB/${ExportArn.split('/').at(-1)}`;
    const put = (key: string, bytes: Buffer) => this.#put(S3Bucket, key, bytes, principal);
    await put(`${folder}/_started`, Buffer.alloc(0));
    const files: DataFile[] = [];
    for await (const items of this.#pages(TableArn)) files.push(await writeFile(put, folder, items));
    const ItemCount = files.reduce((sum, { itemCount }) => sum + itemCount, 0);
    const EndTime = this.#context.clock.now() / 1000;
    const ended = { ...begun, EndTime, ItemCount, BilledSizeBytes: 0 };
    const ExportManifest = await writeManifests(put, folder, ended, files);
    return { ...ended, ExportManifest, ExportStatus: 'COMPLETED' };
  }

  async *#pages(tableArn: string): AsyncGenerator<unknown[]> {
    let ExclusiveStartKey: unknown;
    do {
      const page = { TableName: tableNameOf(tableArn), ConsistentRead: true, ExclusiveStartKey };
      const { Items, LastEvaluatedKey } = tellsItems.parse(await this.#tables.call('Scan', page));
      yield Items;
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey);
  }

  /** DynamoDB writes as whoever asks for the export, who needs these three grants. (Developer Guide, "Requesting a table export".) */
  async #put(bucket: string, key: string, body: Buffer, principal: Principal): Promise<void> {
    for (const action of ['s3:PutObjectAcl', 's3:AbortMultipartUpload'])
      this.#context.authorizer.authorize(principal, action, `arn:aws:s3:::${bucket}/${key}`);
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(body.length) };
    const request = {
      method: 'PUT',
      path: `/${bucket}/${key}`,
      query: new URLSearchParams(),
      headers,
      body,
      principal,
    };
    await this.#context.services.get('s3').handle(request);
  }

  #byToken(token: string, now: number): { asked: string; description: string } | undefined {
    const sql = 'select asked, description from exports where token = ? and at > ? order by at desc';
    return this.#journal.one(sql, token, now - tokenMilliseconds);
  }

  #all(): Description[] {
    const rows = this.#journal.all<{ description: string }>('select description from exports order by at');
    return rows.map(({ description }) => JSON.parse(description) as Description);
  }

  #described(body: object): Description {
    const { ExportArn } = body as { ExportArn?: string };
    const found = this.#all().find((one) => one.ExportArn === ExportArn);
    // Begun by a process that has ended: nobody goes on with it.
    if (found?.ExportStatus === 'IN_PROGRESS' && !this.#running.has(found.ExportArn))
      return { ...found, ExportStatus: 'FAILED', FailureMessage: 'the process that wrote the export has ended' };
    if (found) return found;
    throw new ServiceError('ExportNotFoundException', `there is no export ${ExportArn}`);
  }
}

type Put = (key: string, bytes: Buffer) => Promise<void>;

async function writeFile(put: Put, folder: string, items: readonly unknown[]): Promise<DataFile> {
  const body = gzipSync(Buffer.from(items.map((Item) => `${JSON.stringify({ Item })}\n`).join('')));
  const dataFileS3Key = `${folder}/data/${randomBytes(13).toString('hex')}.json.gz`;
  await put(dataFileS3Key, body);
  const md5 = createHash('md5').update(body).digest();
  return { itemCount: items.length, md5Checksum: md5.toString('base64'), etag: md5.toString('hex'), dataFileS3Key };
}

/** Both manifests and their checksums; the summary last, as it says that all the others are there. */
async function writeManifests(
  put: Put,
  folder: string,
  described: Readonly<Record<string, unknown>>,
  files: readonly DataFile[],
): Promise<string> {
  const manifestFilesS3Key = `${folder}/manifest-files.json`;
  const instant = (seconds: unknown) => new Date(Number(seconds) * 1000).toISOString();
  const summary = {
    version: '2020-06-30',
    exportArn: described.ExportArn,
    startTime: instant(described.StartTime),
    endTime: instant(described.EndTime),
    tableArn: described.TableArn,
    tableId: '00000000-0000-0000-0000-000000000000',
    exportTime: instant(described.ExportTime),
    s3Bucket: described.S3Bucket,
    s3Prefix: described.S3Prefix ?? null,
    s3SseAlgorithm: described.S3SseAlgorithm,
    s3SseKmsKeyId: null,
    manifestFilesS3Key,
    billedSizeBytes: described.BilledSizeBytes,
    itemCount: described.ItemCount,
    outputFormat: described.ExportFormat,
    exportType: described.ExportType,
  };
  const lines = files.map((file) => `${JSON.stringify(file)}\n`).join('');
  const texts = { [manifestFilesS3Key]: lines, [`${folder}/manifest-summary.json`]: JSON.stringify(summary) };
  for (const [key, text] of Object.entries(texts)) {
    await put(key.replace(/json$/, 'checksum'), Buffer.from(createHash('md5').update(text).digest('base64')));
    await put(key, Buffer.from(text));
  }
  return `${folder}/manifest-summary.json`;
}

function summaryOf({ ExportArn, ExportStatus, ExportType }: Description): object {
  return { ExportArn, ExportStatus, ExportType };
}

function answered(output: object): ServiceResponse {
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  return { status: 200, headers, body: JSON.stringify(output) };
}
