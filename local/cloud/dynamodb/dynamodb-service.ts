import http from 'node:http';
import { z } from 'zod';
import type { CloudContext } from '../resource.ts';
import { type Principal, type Service, ServiceError, type ServiceRequest, type ServiceResponse } from '../service.ts';
import { WriteNotices } from '../storage/write-notices.ts';
import { DynoxideProcess } from './dynoxide-process.ts';
import { isExportOperation, TableExports } from './exports.ts';
import { type Need, needsOf, streamNeedsOf, writtenTables } from './grants.ts';
import { inward, outwardArns, outwardRecords, outwardShards, type TableNames } from './rewrite.ts';

const describedTable = z.object({ TableName: z.string(), LatestStreamArn: z.string().optional() });
const tableAnswer = z.object({ Table: describedTable.optional(), TableDescription: describedTable.optional() });

interface Upstream {
  readonly status: number;
  readonly body: Buffer;
}

/** Operations whose answers carry items: those pass through as they are. */
const itemOperations =
  /^(GetItem|PutItem|UpdateItem|DeleteItem|Query|Scan|BatchGetItem|BatchWriteItem|Transact\w+|ExecuteStatement|BatchExecuteStatement|ExecuteTransaction)$/;

/** DynamoDB and DynamoDB Streams: authorizes each call, then lets dynoxide answer it. */
export class DynamoDbService implements Service {
  readonly signingName = 'dynamodb';
  /** Rings with a stream's ARN after each write to its table. */
  readonly notices = new WriteNotices();
  readonly exports: TableExports;
  readonly #context: CloudContext;
  readonly #process: DynoxideProcess;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  /** dynoxide's own stream ARN, by table. */
  readonly #streams = new Map<string, string>();
  readonly #standIns = new Map<string, TableNames>();

  constructor(context: CloudContext) {
    this.#context = context;
    this.exports = new TableExports(context, this);
    const tell = (detail: string) =>
      context.emit({ kind: 'delivery', from: 'dynoxide', to: 'dynamodb', recordCount: 0, outcome: 'retried', detail });
    this.#process = new DynoxideProcess(context.stateDirectory('dynamodb'), tell);
  }

  /** Waits until dynoxide answers; fails with what to install where it is missing. */
  async ready(): Promise<void> {
    await this.#process.port();
  }

  async handle(request: ServiceRequest): Promise<ServiceResponse> {
    const [prefix = '', operation = ''] = (request.headers['x-amz-target'] ?? '').split('.');
    const streams = prefix.startsWith('DynamoDBStreams');
    const body = parseBody(request.body);
    this.#authorize(request.principal, operation, neededFor(streams, operation, body));
    if (isExportOperation(operation)) return this.exports.answer(operation, body, request.principal);
    const answer = await this.#forward(`${prefix}.${operation}`, body);
    if (answer.status !== 200) return this.#answered(answer);
    for (const table of writtenTables(operation, body)) this.#notify(table);
    if (streams) return this.#streamAnswer(operation, body, answer);
    if (itemOperations.test(operation)) return this.#answered(answer);
    this.#remember(answer.body);
    return { status: 200, body: outwardArns(answer.body.toString('utf8'), (table) => this.namesOf(table)) };
  }

  /** Calls dynoxide as the owner would; the answer has dynoxide's own ARNs. Throws ServiceError where it refuses. */
  async call(operation: string, input: object): Promise<unknown> {
    const answer = await this.#forward(`DynamoDB_20120810.${operation}`, input as Record<string, unknown>);
    const body = JSON.parse(answer.body.toString('utf8')) as { __type?: string; message?: string };
    if (answer.status === 200) {
      this.#remember(answer.body);
      return body;
    }
    throw new ServiceError(body.__type?.split('#').at(-1) ?? 'InternalServerError', body.message ?? '', answer.status);
  }

  /** From now on the table answers to the ARNs of the table that it stands for. */
  standInFor(table: string, streamArn: string): void {
    this.#standIns.set(table, { tableArn: streamArn.replace(/\/stream\/.*$/, ''), streamArn });
  }

  namesOf(table: string): TableNames {
    const standIn = this.#standIns.get(table);
    if (standIn) return standIn;
    const tableArn = this.#context.arn('dynamodb', `table/${table}`);
    const label = this.#streams.get(table)?.split('/stream/')[1];
    return { tableArn, streamArn: label && `${tableArn}/stream/${label}` };
  }

  async close(): Promise<void> {
    await this.exports.close();
    this.#agent.destroy();
    await this.#process.close();
  }

  #authorize(principal: Principal, operation: string, needs: readonly Need[] | undefined): void {
    if (!needs) {
      if (principal.kind === 'owner') return;
      const message = `the local DynamoDB does not know which grant ${operation} needs, so only the owner may call it`;
      throw new ServiceError('UnsupportedOperationException', message);
    }
    for (const { action, on } of needs) {
      this.#context.authorizer.authorize(principal, `dynamodb:${action}`, this.#resourceArn(on));
    }
  }

  #resourceArn(on: Need['on']): string {
    if (on.kind === 'any') return '*';
    const { tableArn, streamArn } = this.namesOf(on.table);
    if (on.kind === 'export') return `${tableArn}/export/${on.exportId}`;
    if (on.kind === 'streams') return `${tableArn}/stream/*`;
    if (on.kind === 'stream') return streamArn ?? `${tableArn}/stream/none`;
    return on.index === undefined ? tableArn : `${tableArn}/index/${on.index}`;
  }

  #notify(table: string): void {
    const { streamArn } = this.namesOf(table);
    if (streamArn) this.notices.notify(streamArn);
  }

  #streamAnswer(operation: string, body: Record<string, unknown>, answer: Upstream): ServiceResponse {
    const output = JSON.parse(outwardArns(answer.body.toString('utf8'), (table) => this.namesOf(table))) as object;
    if (operation === 'DescribeStream') outwardShards(output);
    if (operation === 'GetRecords') {
      // The images may hold text that looks like one of our ARNs: records are read as they came.
      const records = JSON.parse(answer.body.toString('utf8')) as Parameters<typeof outwardRecords>[0];
      const [need] = streamNeedsOf(operation, body) ?? [];
      outwardRecords(records, need ? this.#resourceArn(need.on) : '', this.#context.region);
      return { status: 200, body: JSON.stringify(records) };
    }
    return { status: 200, body: JSON.stringify(output) };
  }

  #remember(body: Buffer): void {
    const answer = tableAnswer.safeParse(JSON.parse(body.toString('utf8')));
    const table = answer.data?.Table ?? answer.data?.TableDescription;
    if (table?.LatestStreamArn) this.#streams.set(table.TableName, table.LatestStreamArn);
  }

  #answered({ status, body }: Upstream): ServiceResponse {
    return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
  }

  async #forward(target: string, input: Record<string, unknown>): Promise<Upstream> {
    const body = JSON.stringify(inward(input, (table) => this.#streams.get(table)));
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send(await this.#process.port(), this.#agent, target, body);
      } catch (error) {
        // dynoxide is being started again, or ended in the middle: whether the write happened is not known, as on AWS.
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED' || attempt === 3) {
          throw new ServiceError('InternalServerError', `dynoxide did not answer: ${(error as Error).message}`, 500);
        }
      }
    }
  }
}

function neededFor(streams: boolean, operation: string, body: unknown): readonly Need[] | undefined {
  try {
    return streams ? streamNeedsOf(operation, body) : needsOf(operation, body);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new ServiceError('ValidationException', `dynamodb:${operation} refuses its input: ${z.prettifyError(error)}`);
  }
}

function parseBody(body: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString('utf8') || '{}') as Record<string, unknown>;
  } catch (error) {
    throw new ServiceError('SerializationException', `the request is not JSON: ${(error as Error).message}`);
  }
}

function send(port: number, agent: http.Agent, target: string, body: string): Promise<Upstream> {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
    'x-amz-target': target,
    authorization:
      'AWS4-HMAC-SHA256 Credential=millrace/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    'x-amz-date': '20260101T000000Z',
  };
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method: 'POST', path: '/', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 500, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
