import { gunzipSync } from 'node:zlib';
import {
  DescribeExportCommand,
  DynamoDBClient,
  ExportTableToPointInTimeCommand,
  ListExportsCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readExportFiles, readExportSummary } from '../../lib/pipeline/dynamodb-export.ts';
import { dynamodbModule } from '../../local/cloud/dynamodb/index.ts';
import { s3Module } from '../../local/cloud/s3/index.ts';
import { closeBenches, openBench } from './sources-bench.ts';

afterEach(closeBenches);

async function openTable(isRecoverable = true) {
  const bench = await openBench({ modules: [dynamodbModule, s3Module] });
  const { physical } = await bench.create('Brackets', 'AWS::DynamoDB::Table', {
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: isRecoverable },
  });
  const { physical: bucket } = await bench.create('Lake', 'AWS::S3::Bucket', {});
  const client = new DynamoDBClient(bench.client);
  const input = { TableArn: physical.attributes.Arn, S3Bucket: bucket.ref, S3Prefix: 'exports/x', ClientToken: 'one' };
  return { bench, client, TableName: physical.ref, input };
}

/** Looks until the export is no longer under way. */
async function ended(client: DynamoDBClient, ExportArn: string | undefined) {
  for (;;) {
    const { ExportDescription } = await client.send(new DescribeExportCommand({ ExportArn }));
    if (ExportDescription?.ExportStatus !== 'IN_PROGRESS') return ExportDescription;
  }
}

test('given items, when their table is exported, then the objects are as AWS lays them out', async () => {
  const { bench, client, TableName, input } = await openTable();
  const n = '12345678901234567890123456789012345678';
  await client.send(new PutItemCommand({ TableName, Item: { id: { S: 'a' }, n: { N: n } } }));
  const begun = (await client.send(new ExportTableToPointInTimeCommand(input))).ExportDescription;
  const description = await ended(client, begun?.ExportArn);
  expect(description).toMatchObject({ ExportStatus: 'COMPLETED', ItemCount: 1, ExportType: 'FULL_EXPORT' });
  const s3 = new S3Client({ ...bench.client, forcePathStyle: true });
  const read = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: input.S3Bucket, Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  const manifest = description?.ExportManifest ?? '';
  expect(manifest).toMatch(/^exports\/x\/AWSDynamoDB\/\d{14}-[0-9a-f]{8}\/manifest-summary\.json$/);
  const summary = readExportSummary(String(await read(manifest)), manifest);
  const [file] = readExportFiles(String(await read(summary.manifestFilesS3Key)), 'files');
  const lines = String(gunzipSync(await read(file?.dataFileS3Key ?? ''))).split('\n');
  expect([JSON.parse(lines[0] ?? ''), lines[1]]).toEqual([{ Item: { id: { S: 'a' }, n: { N: n } } }, '']);
});

test('given the same token, when an export is asked for again, then it is the same export', async () => {
  const { client, input } = await openTable();
  const arns = [1, 2].map(async () => {
    const { ExportDescription } = await client.send(new ExportTableToPointInTimeCommand(input));
    return ExportDescription?.ExportArn;
  });
  const [first, second] = [await arns[0], await arns[1]];
  expect(second).toBe(first);
  await ended(client, first);
  const { ExportSummaries } = await client.send(new ListExportsCommand({}));
  expect(ExportSummaries?.map(({ ExportArn }) => ExportArn)).toEqual([first]);
});

test.each<[string, boolean, object, string]>([
  ['a table without recovery', false, {}, 'PointInTimeRecoveryUnavailableException'],
  ['an incremental export', true, { ExportType: 'INCREMENTAL_EXPORT' }, 'UnsupportedOperationException'],
  [
    'a table that is not there',
    true,
    { TableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/x' },
    'TableNotFoundException',
  ],
])('given %s, when it is asked for, then it is refused by name', async (_what, isRecoverable, over, name) => {
  const { client, input } = await openTable(isRecoverable);
  const refused = client.send(new ExportTableToPointInTimeCommand({ ...input, ...over }));
  await expect(refused).rejects.toMatchObject({ name });
});

test('given a role that may not write to the bucket, when it exports, then the export fails with what is missing', async () => {
  const { bench, input } = await openTable();
  const role = await bench.role('Exporter', [
    { Effect: 'Allow', Action: ['dynamodb:ExportTableToPointInTime'], Resource: input.TableArn },
    { Effect: 'Allow', Action: ['dynamodb:DescribeExport'], Resource: `${input.TableArn}/export/*` },
  ]);
  const client = new DynamoDBClient({ ...bench.client, credentials: bench.context.identities.credentialsOf(role) });
  const { ExportDescription } = await client.send(new ExportTableToPointInTimeCommand(input));
  expect(await ended(client, ExportDescription?.ExportArn)).toMatchObject({
    ExportStatus: 'FAILED',
    FailureMessage: expect.stringContaining('s3:PutObject'),
  });
});
