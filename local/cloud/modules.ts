import { dynamodbModule } from './dynamodb/index.ts';
import { eventsModule } from './events/index.ts';
import { kinesisModule } from './kinesis/index.ts';
import type { CloudModule } from './resource.ts';
import { schedulerModule } from './scheduler/index.ts';
import { sqsModule } from './sqs/index.ts';
import { statesModule } from './states/index.ts';
import { streamsModule } from './streams/index.ts';

/** Everything the local cloud can run beside what cloud.ts itself brings. Services open in this order and close in the reverse. */
export const modules: readonly CloudModule[] = [
  dynamodbModule,
  kinesisModule,
  sqsModule,
  eventsModule,
  schedulerModule,
  statesModule,
  streamsModule,
];
