import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { writeEnvironment } from '../pipeline/environment.ts';
import type { StageContext } from './context.ts';
import type { Lake } from './lake.ts';
import { pipelineFunction } from './pipeline-function.ts';

/** Sets aside what the warehouse refuses of a load; objects of a load are of any dataset. */
export function mendFunction(
  scope: Construct,
  context: StageContext,
  { state, lake }: { readonly state: Table; readonly lake: Lake },
): LambdaFunction {
  const because =
    'Objects of every dataset are mended, and new ones are named after the old; the patterns name prefixes only';
  return pipelineFunction(scope, 'Mend', {
    context,
    handler: 'mend',
    logName: 'mend',
    description: 'Sets aside what the warehouse refuses of a load, and lets the rest be loaded',
    environment: writeEnvironment('mend', {
      MILLRACE_STATE_TABLE: state.tableName,
      MILLRACE_LAKE_BUCKET: lake.bucket.bucketName,
    }),
    grants: [
      {
        actions: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'].map((action) => `dynamodb:${action}`),
        resources: [state.tableArn],
      },
      { actions: ['s3:GetObject'], resources: [lake.objectsArn('raw'), lake.objectsArn('manifests')], because },
      { actions: ['s3:PutObject'], resources: [lake.objectsArn('raw'), lake.objectsArn('quarantine')], because },
      // Without it S3 says of an object that is not there that it is forbidden.
      { actions: ['s3:ListBucket'], resources: [lake.bucket.bucketArn] },
    ],
    // A piece of an object's lines and one object as it is packed; a million lines take a minute or two.
    memoryMegabytes: 2048,
    timeoutSeconds: 900,
  });
}
