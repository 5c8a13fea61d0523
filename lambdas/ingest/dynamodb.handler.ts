import { ingestHandler } from './edge.ts';
import { ingestDynamodb } from './ingest.ts';

/** A batch of a DynamoDB stream becomes one object in the lake. */
export const handler = ingestHandler(ingestDynamodb);
