/** The stack's outputs, by name: the stack writes them, the command line and the README read them. */
export const stackOutputs = {
  lakeBucketName: 'LakeBucketName',
  stateTableName: 'StateTableName',
  /** Of these two one is there. */
  workgroupName: 'WorkgroupName',
  clusterIdentifier: 'ClusterIdentifier',
  database: 'Database',
  adminSecretArn: 'AdminSecretArn',
  refreshStateMachineArn: 'RefreshStateMachineArn',
  siteBucketName: 'SiteBucketName',
  reloadStateMachineArn: 'ReloadStateMachineArn',
  replayFunctionName: 'ReplayFunctionName',
  /** Only where a dataset comes from a DynamoDB table. */
  fillStateMachineArn: 'FillStateMachineArn',
  /** These two only where a source can be counted. */
  reconcileStateMachineArn: 'ReconcileStateMachineArn',
  repairStateMachineArn: 'RepairStateMachineArn',
} as const;

const frontDoorSuffixes = { dynamodb: 'TableName', kinesis: 'StreamName', rest: 'SecretArn' } as const;

/** `app_logs` → `AppLogs`: names in CloudFormation are letters and digits. */
export function pascalCase(name: string): string {
  return name.replace(/(^|_+)([a-z0-9])/g, (_match, _separator, letter: string) => letter.toUpperCase());
}

/** The output that names a dataset's front door: `app_logs`, kinesis → `AppLogsStreamName`. */
export function frontDoorOutput(dataset: string, kind: keyof typeof frontDoorSuffixes): string {
  return pascalCase(dataset) + frontDoorSuffixes[kind];
}
