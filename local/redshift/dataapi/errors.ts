export type DataApiErrorCode =
  | 'ValidationException'
  | 'ResourceNotFoundException'
  | 'ActiveStatementsExceededException'
  | 'ActiveSessionsExceededException'
  | 'ExecuteStatementException'
  | 'BatchExecuteStatementException'
  | 'DatabaseConnectionException'
  | 'InternalServerException'
  | 'SerializationException'
  | 'UnknownOperationException';

const serverFaults: readonly DataApiErrorCode[] = [
  'ExecuteStatementException',
  'BatchExecuteStatementException',
  'DatabaseConnectionException',
  'InternalServerException',
];

/** A call that the Data API refuses, under AWS's name for it. */
export class DataApiError extends Error {
  readonly code: DataApiErrorCode;
  /** Members beside `Message`: ResourceId, StatementId. */
  readonly members: Readonly<Record<string, string>>;

  constructor(code: DataApiErrorCode, message: string, members: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'DataApiError';
    this.code = code;
    this.members = members;
  }

  get status(): 400 | 500 {
    return serverFaults.includes(this.code) ? 500 : 400;
  }
}

export function validationError(message: string): DataApiError {
  return new DataApiError('ValidationException', message);
}
