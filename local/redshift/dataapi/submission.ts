import { createHash, randomUUID } from 'node:crypto';
import { RedshiftError } from '../types.ts';
import { validationError } from './errors.ts';
import { holdsSeveralStatements, positionalStatement } from './named-parameters.ts';
import type { Submission } from './requests.ts';
import type { StatementRecord } from './statement-record.ts';

/** What a submission is beside its request: resolved by the API before anything is noted. */
export interface SubmissionFacts {
  readonly isBatch: boolean;
  readonly autoCommit: boolean;
  readonly database: string;
  readonly user: string;
  readonly principal: string;
  readonly sessionId?: string;
  readonly createdAtMilliseconds: number;
}

/** The record with which a statement's life begins. */
export function newRecord(request: Submission, sqls: readonly string[], facts: SubmissionFacts): StatementRecord {
  const updatedAtMilliseconds = facts.createdAtMilliseconds;
  return {
    ...facts,
    id: randomUUID(),
    sqls,
    parameters: request.Parameters ?? [],
    statementName: request.StatementName,
    workgroupName: request.WorkgroupName,
    clusterIdentifier: request.ClusterIdentifier,
    secretArn: request.SecretArn,
    dbUser: request.DbUser,
    resultFormat: request.ResultFormat ?? 'JSON',
    withEvent: request.WithEvent ?? false,
    clientToken: request.ClientToken,
    requestHash: hashOf(request, sqls, facts),
    updatedAtMilliseconds,
    status: 'SUBMITTED',
    parts: facts.isBatch ? sqls.map(() => ({ status: 'SUBMITTED', updatedAtMilliseconds })) : [],
  };
}

function hashOf(request: Submission, sqls: readonly string[], facts: SubmissionFacts): string {
  const { Parameters, StatementName, WithEvent, ResultFormat, WorkgroupName, ClusterIdentifier } = request;
  const { isBatch, autoCommit, database, user } = facts;
  const asked = { Parameters, StatementName, WithEvent, ResultFormat, WorkgroupName, ClusterIdentifier };
  return createHash('sha256')
    .update(JSON.stringify({ asked, sqls, isBatch, autoCommit, database, user }))
    .digest('hex');
}

/** A repeated token answers the statement that it began; a token used for something else is a mistake worth telling. */
export function sameRequest(known: StatementRecord, repeated: StatementRecord): StatementRecord {
  if (known.requestHash === repeated.requestHash) return known;
  throw validationError('The ClientToken was already used for a request with other parameters');
}

/** Text that cannot be read fails later, when it runs, with the parser's own words. */
export function checkSingleStatement(sql: string): void {
  try {
    if (!holdsSeveralStatements(sql)) return;
  } catch (error) {
    if (error instanceof RedshiftError) return;
    throw error;
  }
  throw validationError('Multiple SQL statements in one Sql are not supported');
}

/** Every named parameter is used, and every name in the SQL has its parameter. */
export function checkParameters(sqls: readonly string[], parameters: NonNullable<Submission['Parameters']>): void {
  if (parameters.length === 0) return;
  const names = parameters.map((parameter) => parameter.name);
  if (new Set(names).size < names.length) throw validationError('Parameters list contains duplicate parameters.');
  const statements = sqls.map((sql) => positionalStatement(sql, parameters));
  const unused = names.filter((name) => !statements.some((statement) => statement.usedNames.has(name)));
  if (unused.length > 0) {
    throw validationError(`Parameters list contains unused parameters. Unused parameters: [${unused.join(', ')}]`);
  }
  const missing = statements.flatMap((statement) => statement.missingNames);
  if (missing.length > 0) {
    throw validationError(
      `Parameters list lacks parameters of the statement. Missing parameters: [${missing.join(', ')}]`,
    );
  }
}
