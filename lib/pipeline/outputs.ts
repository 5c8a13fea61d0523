/** The stack's outputs, by name: the stack writes them, the command line and the README read them. */
export const stackOutputs = {
  lakeBucketName: 'LakeBucketName',
  stateTableName: 'StateTableName',
  workgroupName: 'WorkgroupName',
  database: 'Database',
  adminSecretArn: 'AdminSecretArn',
  refreshStateMachineArn: 'RefreshStateMachineArn',
} as const;

const frontDoorSuffixes = { dynamodb: 'TableName', kinesis: 'StreamName', rest: 'SecretArn' } as const;

/** The output that names a dataset's front door: `app_logs`, kinesis → `AppLogsStreamName`. */
export function frontDoorOutput(dataset: string, kind: keyof typeof frontDoorSuffixes): string {
  const words = dataset.split('_').filter((word) => word !== '');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('') + frontDoorSuffixes[kind];
}
