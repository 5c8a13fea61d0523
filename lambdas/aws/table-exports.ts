import {
  DescribeTableCommand,
  type DynamoDBClient,
  ExportTableToPointInTimeCommand,
  type ExportTableToPointInTimeCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { FillInput } from '../../lib/pipeline/fill.ts';
import { exportPrefix } from '../../lib/pipeline/names.ts';
import { callService } from './service-error.ts';

/** Exports of DynamoDB tables into the lake. Failures are ServiceErrors. */
export interface TableExports {
  /** The names of the key's attributes. */
  keyNames(tableArn: string): Promise<string[]>;
  /** Starts the export of a fill; the same fill again is the same export. */
  start(tableArn: string, fill: FillInput): Promise<string>;
}

export function dynamodbTableExports(bucket: string, client: DynamoDBClient): TableExports {
  return {
    async keyNames(TableName) {
      const command = new DescribeTableCommand({ TableName });
      const { Table } = await callService('dynamodb:DescribeTable', TableName, () => client.send(command));
      return (Table?.KeySchema ?? []).flatMap(({ AttributeName }) => AttributeName ?? []);
    },
    async start(tableArn, fill) {
      const command = new ExportTableToPointInTimeCommand({
        TableArn: tableArn,
        S3Bucket: bucket,
        S3Prefix: exportPrefix(fill.dataset),
        S3SseAlgorithm: 'AES256',
        ExportFormat: 'DYNAMODB_JSON',
        ClientToken: `millrace-${fill.dataset}-${fill.id}`,
        ...windowOf(fill),
      });
      const action = 'dynamodb:ExportTableToPointInTime';
      const { ExportDescription } = await callService(action, tableArn, () => client.send(command));
      return ExportDescription?.ExportArn ?? '';
    },
  };
}

function windowOf({ kind, fromSeconds, toSeconds }: FillInput): Partial<ExportTableToPointInTimeCommandInput> {
  if (kind === 'full') return { ExportType: 'FULL_EXPORT' };
  return {
    ExportType: 'INCREMENTAL_EXPORT',
    IncrementalExportSpecification: {
      ExportFromTime: new Date((fromSeconds ?? 0) * 1000),
      ExportToTime: new Date((toSeconds ?? 0) * 1000),
      ExportViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}
