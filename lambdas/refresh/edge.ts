import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { S3Client } from '@aws-sdk/client-s3';
import { datasetPlanList, type EnvironmentOf, readEnvironment } from '../../lib/pipeline/environment.ts';
import { warehouseNamespace } from '../../lib/pipeline/lineage/open-lineage.ts';
import { knownLineage } from '../../lib/pipeline/lineage/told-run.ts';
import { compiledFunctions } from '../../lib/pipeline/models/compiled-function.ts';
import { compiledModels } from '../../lib/pipeline/models/model.ts';
import { preparationOf, type Surroundings } from '../../lib/pipeline/next.ts';
import { scheduledModel } from '../../lib/pipeline/schedule.ts';
import { clientSettings, hastyClientSettings } from '../aws/client-settings.ts';
import { redshiftDataApi, redshiftStatementRunner } from '../aws/data-api.ts';
import { s3ObjectStore } from '../aws/object-store.ts';
import { dynamodbStateTable } from '../aws/state-table.ts';
import { readBundled } from '../bundled.ts';
import { tracer } from '../observe/observed.ts';
import type { LineagePorts } from './tell-lineage.ts';

/** What every step of the refresh is made with, read once at cold start. */
export function refreshSettings() {
  const environment = readEnvironment('refresh', process.env);
  const surroundings = surroundingsOf(environment);
  return {
    surroundings,
    preparation: preparationOf(surroundings),
    datasets: surroundings.datasets,
    scheduled: surroundings.models.map((model) => scheduledModel(model, surroundings.readers)),
    warehouse: environment.MILLRACE_WAREHOUSE,
    database: environment.MILLRACE_WAREHOUSE.database,
    nowMilliseconds: Date.now,
    table: (settings = clientSettings) =>
      dynamodbStateTable(environment.MILLRACE_STATE_TABLE, tracer.captureAWSv3Client(new DynamoDBClient(settings))),
    lake: (settings = clientSettings) =>
      s3ObjectStore(environment.MILLRACE_LAKE_BUCKET, tracer.captureAWSv3Client(new S3Client(settings))),
    dataApi: () => redshiftDataApi(tracer.captureAWSv3Client(new RedshiftDataClient(clientSettings))),
    statementRunner: () =>
      redshiftStatementRunner(
        environment.MILLRACE_WAREHOUSE,
        tracer.captureAWSv3Client(new RedshiftDataClient(hastyClientSettings)),
      ),
  };
}

/** What the end of a run is told with, beside that. */
export function lineagePorts(settings: ReturnType<typeof refreshSettings>): LineagePorts {
  const { surroundings, warehouse, database, lake, nowMilliseconds } = settings;
  const { service: jobs, models: lineage } = readBundled('lineage', knownLineage);
  const names = { jobs, tables: warehouseNamespace(warehouse, process.env.AWS_REGION), database };
  return { lake: lake(), models: surroundings.models, lineage, names, nowMilliseconds };
}

function surroundingsOf(environment: EnvironmentOf<'refresh'>): Omit<Surroundings, 'nowMilliseconds'> {
  return {
    datasets: readBundled('datasets', datasetPlanList),
    models: readBundled('models', compiledModels),
    functions: readBundled('functions', compiledFunctions),
    readers: environment.MILLRACE_READERS,
    lakeBucket: environment.MILLRACE_LAKE_BUCKET,
    copyRoleArn: environment.MILLRACE_WAREHOUSE.copyRoleArn,
  };
}
