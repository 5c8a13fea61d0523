import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { bundledClient } from '../../lib/catalog/bundled.ts';
import { datasetPlanList, readEnvironment } from '../../lib/pipeline/environment.ts';
import { knownLineage } from '../../lib/pipeline/lineage/told-run.ts';
import { compiledModels } from '../../lib/pipeline/models/model.ts';
import { clientSettings } from '../aws/client-settings.ts';
import { s3SiteStore } from '../aws/site-store.ts';
import { redshiftWarehouse } from '../aws/warehouse.ts';
import { readBundled } from '../bundled.ts';
import { logger, observed, tracer } from '../observe/observed.ts';
import { writeCatalog } from './write.ts';

const environment = readEnvironment('catalog', process.env);
const { MILLRACE_WAREHOUSE: target, MILLRACE_SITE_BUCKET: bucket } = environment;
const ports = {
  site: s3SiteStore(bucket, tracer.captureAWSv3Client(new S3Client(clientSettings))),
  warehouse: redshiftWarehouse(target, tracer.captureAWSv3Client(new RedshiftDataClient(clientSettings))),
  project: {
    service: environment.POWERTOOLS_SERVICE_NAME,
    database: target.database,
    models: readBundled('models', compiledModels),
    lineage: new Map(Object.entries(readBundled('lineage', knownLineage).models)),
    datasets: readBundled('datasets', datasetPlanList),
    readers: environment.MILLRACE_READERS,
  },
  client: readBundled('catalogClient', bundledClient),
  nowMilliseconds: Date.now,
};

/** What Step Functions says of an execution that has ended; milliseconds since 1970. */
const executionEnded = z.object({ detail: z.object({ stopDate: z.number() }) });

/** A refresh has ended: the catalog is written anew. */
export const handler = observed('catalog', async (event: unknown) => {
  const written = await writeCatalog(executionEnded.parse(event).detail.stopDate, ports);
  logger.info('the catalog', written);
  return written;
});
