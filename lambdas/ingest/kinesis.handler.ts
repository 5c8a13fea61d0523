import { ingestHandler } from './edge.ts';
import { ingestKinesis } from './ingest.ts';

/** A batch of a Kinesis shard becomes one object in the lake. */
export const handler = ingestHandler(ingestKinesis);
