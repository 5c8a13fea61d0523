import { Construct } from 'constructs';
import { writeEnvironment } from '../pipeline/environment.ts';
import { abandonedPrefix } from '../pipeline/names.ts';
import { stackOutputs } from '../pipeline/outputs.ts';
import type { ReplaySource } from '../pipeline/replay.ts';
import type { StageContext } from './context.ts';
import type { Grant } from './grant.ts';
import type { Lake } from './lake.ts';
import { stackOutput } from './output.ts';
import { pipelineFunction } from './pipeline-function.ts';
import type { Arrivals } from './register.ts';

/** What a replay knows of each dataset's source. */
export function replaySourcesOf({ datasets }: StageContext['config']): Record<string, ReplaySource> {
  return Object.fromEntries(
    Object.entries(datasets).map(([name, { source }]): [string, ReplaySource] => [
      name,
      source.kind === 'rest' ? { kind: 'rest', key: source.key, watermark: source.watermark } : { kind: source.kind },
    ]),
  );
}

/** Tries records that were set aside again, or drops them, when somebody says so. */
export class Replay extends Construct {
  constructor(scope: Construct, id: string, context: StageContext, lake: Lake, arrivals: Arrivals) {
    super(scope, id);
    const target = pipelineFunction(this, 'Function', {
      context,
      handler: 'replay',
      logName: 'replay',
      description: 'Tries quarantined records again, or drops them',
      environment: writeEnvironment('replay', {
        MILLRACE_LAKE_BUCKET: lake.bucket.bucketName,
        MILLRACE_CODEC: context.config.lake.codec,
        MILLRACE_REGISTER_QUEUE_URL: arrivals.queue.queueUrl,
      }),
      grants: [...calls(lake), { actions: ['sqs:SendMessage'], resources: [arrivals.queue.queueArn] }],
      memoryMegabytes: 1024,
      timeoutSeconds: 120,
    });
    stackOutput(this, stackOutputs.replayFunctionName, target.functionName, 'What `millrace quarantine` calls');
  }
}

/** A conditional write or delete asks for reading as well. It lists to be told of a missing object that it is missing. */
function calls(lake: Lake): Grant[] {
  const because = 'Records of any dataset are replayed, one object at a time; the pattern names the prefix only';
  const abandoned = lake.bucket.arnForObjects(`${abandonedPrefix}*`);
  return [
    {
      actions: ['s3:GetObject', 's3:DeleteObject'],
      resources: [lake.objectsArn('quarantine'), abandoned],
      because,
    },
    {
      actions: ['s3:PutObject'],
      resources: [lake.objectsArn('quarantine'), lake.objectsArn('raw'), lake.objectsArn('dropped')],
      because,
    },
    { actions: ['s3:ListBucket'], resources: [lake.bucket.bucketArn] },
  ];
}
