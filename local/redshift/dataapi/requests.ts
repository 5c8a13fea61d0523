import { z } from 'zod';
import { DataApiError, validationError } from './errors.ts';

/** 200 KB of SQL, as the service counts: bytes of UTF-8. */
const maximumStatementBytes = 200 * 1024;
const maximumBatchStatements = 40;

const sql = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= maximumStatementBytes, 'SQL statement exceeds the limit of 200 KB');
const parameter = z.object({ name: z.string().regex(/^[0-9a-zA-Z_]+$/), value: z.string().min(1) });
const waitSeconds = z.int().min(0).max(30).optional();
const pageSize = z.int().min(0).max(1000).optional();
const statementId = z.string().regex(/^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?$/);
const sessionId = z.string().regex(/^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}$/);

const connection = z.object({
  ClusterIdentifier: z.string().optional(),
  WorkgroupName: z.string().optional(),
  SecretArn: z.string().optional(),
  DbUser: z.string().optional(),
  Database: z.string().optional(),
});

const submission = connection.extend({
  ClientToken: z.string().min(1).max(64).optional(),
  Parameters: z.array(parameter).min(1).optional(),
  StatementName: z.string().max(500).optional(),
  WithEvent: z.boolean().optional(),
  ResultFormat: z.enum(['JSON', 'CSV']).optional(),
  WaitTimeSeconds: waitSeconds,
  SessionId: sessionId.optional(),
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
    Sqls: z.array(sql).min(1).max(maximumBatchStatements),
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
  listSessions: z.object({
    MaxResults: z.int().min(0).max(100).optional(),
    NextToken: z.string().optional(),
    SessionId: sessionId.optional(),
    Status: z.enum(['AVAILABLE', 'BUSY', 'CLOSED']).optional(),
    Database: z.string().optional(),
    ClusterIdentifier: z.string().optional(),
    WorkgroupName: z.string().optional(),
    RoleLevel: z.boolean().optional(),
  }),
  listDatabases: listing.extend({ Database: z.string() }),
  listSchemas: listing.extend({ Database: z.string(), SchemaPattern: z.string().optional() }),
  listTables: listing.extend({
    Database: z.string(),
    SchemaPattern: z.string().optional(),
    TablePattern: z.string().optional(),
  }),
  describeTable: listing.extend({ Database: z.string(), Schema: z.string().optional(), Table: z.string().optional() }),
} as const;

export type Submission = z.infer<typeof submission>;
export type Listing = z.infer<typeof listing>;
export type StatementListing = z.infer<typeof requests.listStatements>;
export type SessionListing = z.infer<typeof requests.listSessions>;

const shownCharacters = 200;

/** Reads a request's body, or says which of its members is wrong: of the wrong JSON type, or against a constraint. */
export function readRequest<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const read = schema.safeParse(body ?? {}, { reportInput: true });
  if (read.success) return read.data;
  const { issues } = read.error;
  const misread = issues.find((issue) => issue.code === 'invalid_type' && !isAbsent(issue.input));
  if (misread) {
    throw new DataApiError('SerializationException', `${memberName(misread.path)}: ${misread.message}`);
  }
  const count = `${issues.length} validation error${issues.length === 1 ? '' : 's'} detected`;
  throw validationError(`${count}: ${issues.map(complaint).join('; ')}`);
}

const isAbsent = (input: unknown): boolean => input === undefined || input === null;

function complaint(issue: z.core.$ZodIssue): string {
  const shown = isAbsent(issue.input) ? 'null' : `'${String(issue.input).slice(0, shownCharacters)}'`;
  return `Value ${shown} at '${memberName(issue.path)}' failed to satisfy constraint: ${constraint(issue)}`;
}

function constraint(issue: z.core.$ZodIssue): string {
  if (isAbsent(issue.input)) return 'Member must not be null';
  switch (issue.code) {
    case 'too_small':
      return `Member must have ${measure(issue.origin)} greater than or equal to ${issue.minimum}`;
    case 'too_big':
      return `Member must have ${measure(issue.origin)} less than or equal to ${issue.maximum}`;
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.join(', ')}]`;
    case 'invalid_format':
      return `Member must satisfy regular expression pattern: ${issue.pattern?.replace(/^\/|\/$/g, '') ?? issue.format}`;
    default:
      return issue.message;
  }
}

const measure = (origin: string): string => (origin === 'string' || origin === 'array' ? 'length' : 'value');

function memberName(path: readonly PropertyKey[]): string {
  return path.map((part) => String(part).replace(/^[A-Z]/, (letter) => letter.toLowerCase())).join('.');
}
