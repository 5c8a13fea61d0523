export type StatementStatus = 'SUBMITTED' | 'PICKED' | 'STARTED' | 'FINISHED' | 'ABORTED' | 'FAILED';

export interface SqlParameter {
  readonly name: string;
  readonly value: string;
}

/** What one SQL text came to: the whole of ExecuteStatement, or one part of a batch. */
export interface Outcome {
  readonly status: StatementStatus;
  readonly updatedAtMilliseconds: number;
  readonly durationNanoseconds?: number;
  readonly error?: string;
  readonly resultRows?: number;
  readonly resultSizeBytes?: number;
  readonly hasResultSet?: boolean;
  /** query_id of sys_query_history, where the warehouse gave one. */
  readonly redshiftQueryId?: number;
}

/** One call of ExecuteStatement or BatchExecuteStatement, as it is remembered for a day. */
export interface StatementRecord extends Outcome {
  readonly id: string;
  readonly isBatch: boolean;
  readonly sqls: readonly string[];
  readonly parameters: readonly SqlParameter[];
  readonly statementName?: string;
  readonly database: string;
  readonly user: string;
  readonly workgroupName?: string;
  readonly clusterIdentifier?: string;
  readonly secretArn?: string;
  readonly dbUser?: string;
  readonly resultFormat: 'JSON' | 'CSV';
  readonly autoCommit: boolean;
  readonly withEvent: boolean;
  /** The kept session that it runs in. */
  readonly sessionId?: string;
  readonly principal: string;
  readonly clientToken?: string;
  /** Fingerprint of the request, so that a token used again for something else is noticed. */
  readonly requestHash: string;
  readonly createdAtMilliseconds: number;
  /** The process that ran it, in the warehouse. */
  readonly redshiftPid?: number;
  /** The parts of a batch, in order; of a single statement none. */
  readonly parts: readonly Outcome[];
}

export function isFinal(status: StatementStatus): boolean {
  return status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';
}
