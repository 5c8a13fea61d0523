import { z } from 'zod';
import { validationError } from './errors.ts';

/** 200 KB of SQL, as the service counts: bytes of UTF-8. */
const maximumStatementBytes = 200 * 1024;
const maximumBatchStatements = 40;

const sql = z
  .string()
  .min(1, 'Member must have length greater than or equal to 1')
  .refine((text) => Buffer.byteLength(text) <= maximumStatementBytes, 'SQL statement exceeds the limit of 200 KB');
const parameter = z.object({
  name: z.string().regex(/^[0-9a-zA-Z_]+$/, 'Member must satisfy regular expression pattern: [0-9a-zA-Z_]+'),
  value: z.string().min(1, 'Member must have length greater than or equal to 1'),
});
const waitSeconds = z.int().min(0).max(30).optional();
const pageSize = z.int().min(0).max(1000).optional();
const statementId = z
  .string()
  .regex(
    /^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?$/,
    'id must satisfy regex pattern: ^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\\d+)?$',
  );

const connection = z.object({
  ClusterIdentifier: z.string().optional(),
  WorkgroupName: z.string().optional(),
  SecretArn: z.string().optional(),
  DbUser: z.string().optional(),
  Database: z.string().optional(),
});

const submission = connection.extend({
  ClientToken: z.string().min(1).max(64, 'Member must have length less than or equal to 64').optional(),
  Parameters: z.array(parameter).min(1, 'Member must have length greater than or equal to 1').optional(),
  StatementName: z.string().max(500).optional(),
  WithEvent: z.boolean().optional(),
  ResultFormat: z.enum(['JSON', 'CSV']).optional(),
  WaitTimeSeconds: waitSeconds,
  SessionId: z.uuid('Member must be the id of a session').optional(),
  SessionKeepAliveSeconds: z.int().min(0).max(86_400).optional(),
});

const listing = connection.extend({
  ConnectedDatabase: z.string().optional(),
  NextToken: z.string().optional(),
  MaxResults: pageSize,
});

/** The members of each operation; what AWS does not know either is dropped, as AWS drops it. */
export const requests = {
  executeStatement: submission.extend({ Sql: sql }),
  batchExecuteStatement: submission.extend({
    Sqls: z.array(sql).min(1).max(maximumBatchStatements, 'Member must have length less than or equal to 40'),
    ExecutionMode: z.enum(['TRANSACTION', 'AUTO_COMMIT']).optional(),
  }),
  describeStatement: z.object({ Id: statementId, WaitTimeSeconds: waitSeconds }),
  getStatementResult: z.object({ Id: statementId, NextToken: z.string().optional(), WaitTimeSeconds: waitSeconds }),
  cancelStatement: z.object({ Id: statementId }),
  listStatements: z.object({
    MaxResults: z.int().min(0).max(100).optional(),
    NextToken: z.string().optional(),
    StatementName: z.string().optional(),
    Status: z.enum(['SUBMITTED', 'PICKED', 'STARTED', 'FINISHED', 'ABORTED', 'FAILED', 'ALL']).optional(),
    Database: z.string().optional(),
    ClusterIdentifier: z.string().optional(),
    WorkgroupName: z.string().optional(),
    RoleLevel: z.boolean().optional(),
  }),
  listDatabases: listing,
  listSchemas: listing.extend({ Database: z.string(), SchemaPattern: z.string().optional() }),
  listTables: listing.extend({
    Database: z.string(),
    SchemaPattern: z.string().optional(),
    TablePattern: z.string().optional(),
  }),
  describeTable: listing.extend({ Database: z.string(), Schema: z.string().optional(), Table: z.string().optional() }),
} as const;

export type Submission = z.infer<typeof submission>;
export type ExecuteRequest = z.infer<typeof requests.executeStatement>;
export type BatchRequest = z.infer<typeof requests.batchExecuteStatement>;
export type Listing = z.infer<typeof listing>;
export type StatementListing = z.infer<typeof requests.listStatements>;

/** Reads a request's body, or answers ValidationException with the member that is wrong. */
export function readRequest<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const read = schema.safeParse(body ?? {});
  if (read.success) return read.data;
  const complaints = read.error.issues.map((issue) => `Value at '${memberName(issue.path)}': ${issue.message}`);
  throw validationError(
    `${complaints.length} validation error${complaints.length === 1 ? '' : 's'} detected: ${complaints.join('; ')}`,
  );
}

function memberName(path: readonly PropertyKey[]): string {
  return path.map((part) => String(part).replace(/^[A-Z]/, (letter) => letter.toLowerCase())).join('.');
}
