import { describePartResponse, describeResponse, listEntry } from './descriptions.ts';
import { DataApiError, validationError } from './errors.ts';
import { columnMetadata, csvOf, decodeToken, encodeToken, type Field, fieldOf, pageOf } from './fields.ts';
import type { StatementListing } from './requests.ts';
import type { ResultStore, StoredResult } from './result-store.ts';
import type { StatementRecord } from './statement-record.ts';
import type { StatementStore } from './statement-store.ts';

type Members = Record<string, unknown>;

/** What may be asked about statements that were submitted: their state, their results, the list of them. */
export class Retrieval {
  readonly #statements: StatementStore;
  readonly #results: ResultStore;

  constructor(statements: StatementStore, results: ResultStore) {
    this.#statements = statements;
    this.#results = results;
  }

  find(id: string): StatementRecord {
    const { statementId, part } = splitId(id);
    const record = this.#statements.get(statementId);
    if (!record || (part !== undefined && !record.parts[part])) throw notFound(id);
    return record;
  }

  describe(id: string): Members {
    const record = this.find(id);
    const { part } = splitId(id);
    return part === undefined ? describeResponse(record) : describePartResponse(record, part);
  }

  result(id: string, nextToken: string | undefined, format: 'JSON' | 'CSV'): Members {
    const result = this.#findResult(id, format);
    const from = offsetOf(nextToken);
    if (from > result.rows.length) throw validationError('Invalid NextToken');
    const page = pageOf(result, from);
    const rows = result.rows.slice(page.from, page.to);
    return {
      Records: format === 'CSV' ? [{ CSVRecords: csvOf(result, rows, page.from) }] : typedRows(result, rows),
      ColumnMetadata: result.columns.map(columnMetadata),
      TotalNumRows: result.rows.length,
      ResultFormat: format === 'CSV' ? 'CSV' : undefined,
      NextToken: page.nextToken,
    };
  }

  #findResult(id: string, format: 'JSON' | 'CSV'): StoredResult {
    const record = this.find(id);
    if (record.isBatch && splitId(id).part === undefined) {
      throw validationError('BatchExecuteStatement result can only be retrieved with sub-statement id.');
    }
    const result = record.status === 'FINISHED' ? this.#results.get(id) : undefined;
    if (!result) {
      const message = 'Query does not have result. Please check query status with DescribeStatement.';
      throw new DataApiError('ResourceNotFoundException', message, { ResourceId: id });
    }
    if (record.resultFormat !== format) {
      const right = format === 'JSON' ? 'GetStatementResultV2' : 'GetStatementResult';
      throw validationError(`The result format of the query is ${record.resultFormat}. Use ${right} to retrieve it.`);
    }
    return result;
  }

  /** Statements of the caller's role, those that finished where no status is asked for. */
  list(request: StatementListing, principal: string): Members {
    requireOneTarget(request);
    const from = offsetOf(request.NextToken);
    const matching = this.#statements
      .list()
      .filter((record) => isOwn(record.principal, principal, request.RoleLevel) && matches(record, request));
    const to = from + (request.MaxResults || 100);
    const NextToken = to < matching.length ? encodeToken(to) : undefined;
    return { Statements: matching.slice(from, to).map(listEntry), NextToken };
  }
}

/** Whether a principal is the caller, or (`roleLevel`, the default) another session of the caller's role. */
export function isOwn(principal: string, caller: string, roleLevel = true): boolean {
  return principal === caller || (roleLevel && roleOf(principal) === roleOf(caller));
}

/** `…:assumed-role/Load/session` without its session. */
const roleOf = (arn: string): string => arn.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1');

export function requireOneTarget(request: { ClusterIdentifier?: string; WorkgroupName?: string }): void {
  if (request.ClusterIdentifier === undefined || request.WorkgroupName === undefined) return;
  throw validationError('ClusterIdentifier and WorkgroupName cannot be given together');
}

function matches(record: StatementRecord, request: StatementListing): boolean {
  return (
    (request.Status === 'ALL' || record.status === (request.Status ?? 'FINISHED')) &&
    (record.statementName ?? '').startsWith(request.StatementName ?? '') &&
    record.database === (request.Database ?? record.database) &&
    record.workgroupName === (request.WorkgroupName ?? record.workgroupName) &&
    record.clusterIdentifier === (request.ClusterIdentifier ?? record.clusterIdentifier)
  );
}

function typedRows(result: StoredResult, rows: StoredResult['rows']): Field[][] {
  const kinds = result.columns.map((column) => column.type.kind);
  return rows.map((row) => row.map((cell, index) => fieldOf(cell, kinds[index] ?? 'varchar')));
}

export function offsetOf(nextToken: string | undefined): number {
  const offset = decodeToken(nextToken);
  if (offset === undefined) throw validationError('Invalid NextToken');
  return offset;
}

/** `uuid:2` is the second part of a batch. */
export function splitId(id: string): { readonly statementId: string; readonly part?: number } {
  const [statementId = id, number] = id.split(':');
  return number === undefined ? { statementId } : { statementId, part: Number(number) - 1 };
}

function notFound(id: string): DataApiError {
  return new DataApiError('ResourceNotFoundException', 'Query does not exist.', { ResourceId: id });
}
