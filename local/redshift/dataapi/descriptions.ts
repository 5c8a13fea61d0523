import { isFinal, type Outcome, type StatementRecord } from './statement-record.ts';

/** Seconds since 1970 as AWS JSON 1.1 writes times. */
export function epochSeconds(milliseconds: number): number {
  return milliseconds / 1000;
}

function outcomeMembers(outcome: Outcome): Record<string, unknown> {
  const started = outcome.durationNanoseconds !== undefined;
  return {
    Status: outcome.status,
    Duration: started ? outcome.durationNanoseconds : isFinal(outcome.status) ? 0 : -1,
    Error: outcome.error,
    HasResultSet: outcome.hasResultSet ?? false,
    ResultRows: outcome.resultRows ?? -1,
    ResultSize: outcome.resultSizeBytes ?? -1,
    UpdatedAt: epochSeconds(outcome.updatedAtMilliseconds),
  };
}

function origin(record: StatementRecord): Record<string, unknown> {
  return {
    ClusterIdentifier: record.clusterIdentifier,
    WorkgroupName: record.workgroupName,
    Database: record.database,
    DbUser: record.dbUser,
    SecretArn: record.secretArn,
    SessionId: record.sessionId,
    CreatedAt: epochSeconds(record.createdAtMilliseconds),
  };
}

export function submissionResponse(record: StatementRecord): Record<string, unknown> {
  return {
    Id: record.id,
    ...origin(record),
    Status: record.status,
    HasResultSet: record.hasResultSet ?? false,
    RedshiftPid: record.redshiftPid,
  };
}

export function describeResponse(record: StatementRecord): Record<string, unknown> {
  const parameters = record.parameters.length > 0 ? record.parameters : undefined;
  return {
    Id: record.id,
    ...origin(record),
    ...outcomeMembers(record),
    QueryString: record.isBatch ? undefined : record.sqls[0],
    QueryParameters: parameters,
    RedshiftPid: record.redshiftPid ?? 0,
    RedshiftQueryId: record.isBatch ? 0 : (record.redshiftQueryId ?? -1),
    ExecutionMode: record.isBatch ? (record.autoCommit ? 'AUTO_COMMIT' : 'TRANSACTION') : undefined,
    ResultFormat: record.resultFormat,
    SubStatements: record.isBatch ? record.parts.map((part, index) => subStatement(record, part, index)) : undefined,
  };
}

/** DescribeStatement of `id:n`: the part's own outcome under the call's origin. */
export function describePartResponse(record: StatementRecord, index: number): Record<string, unknown> {
  const part = record.parts[index] ?? record;
  return { ...origin(record), ...subStatement(record, part, index), ResultFormat: record.resultFormat };
}

function subStatement(record: StatementRecord, part: Outcome, index: number): Record<string, unknown> {
  return {
    Id: `${record.id}:${index + 1}`,
    ...outcomeMembers(part),
    CreatedAt: epochSeconds(record.createdAtMilliseconds),
    QueryString: record.sqls[index],
    RedshiftQueryId: part.redshiftQueryId ?? -1,
  };
}

export function listEntry(record: StatementRecord): Record<string, unknown> {
  return {
    Id: record.id,
    IsBatchStatement: record.isBatch,
    QueryString: record.isBatch ? undefined : record.sqls[0],
    QueryStrings: record.isBatch ? record.sqls : undefined,
    QueryParameters: record.parameters.length > 0 ? record.parameters : undefined,
    SecretArn: record.secretArn,
    StatementName: record.statementName,
    SessionId: record.sessionId,
    Status: record.status,
    ResultFormat: record.resultFormat,
    CreatedAt: epochSeconds(record.createdAtMilliseconds),
    UpdatedAt: epochSeconds(record.updatedAtMilliseconds),
  };
}

/** The EventBridge event of WithEvent: it says how the statement ended, never why. */
export interface StatementEvent {
  readonly source: 'aws.redshift-data';
  readonly detailType: 'Redshift Data Statement Status Change';
  readonly detail: Readonly<Record<string, unknown>>;
}

export function statementEvent(record: StatementRecord): StatementEvent {
  const detail = {
    principal: record.principal,
    statementName: record.statementName ?? '',
    statementId: record.id,
    redshiftQueryId: record.redshiftQueryId ?? 0,
    state: record.status,
    rows: record.resultRows ?? -1,
    expireAt: Math.floor(record.createdAtMilliseconds / 1000) + 24 * 3600,
  };
  return { source: 'aws.redshift-data', detailType: 'Redshift Data Statement Status Change', detail };
}
