import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { parseConfig } from '../lib/config/config.ts';
import { connect, query } from '../local/commands/sql.ts';
import { putItems, putRecords } from '../local/front-door.ts';
import { type Platform, startPlatform, synthesizeInto } from '../local/platform.ts';

/** Sources that exist on AWS and not in the stack: on the laptop, stand-ins take their place. */
describe('a table and a stream that somebody else deployed', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-sources-'));
  const account = 'eu-west-1:111122223333';
  const config = parseConfig({
    name: 'shop',
    environment: 'dev',
    warehouse: { kind: 'serverless' },
    lake: { codec: 'gzip' },
    datasets: {
      orders: {
        owner: 'checkout-team',
        freshnessSeconds: 60,
        source: {
          kind: 'dynamodb',
          table: {
            tableName: 'orders',
            streamArn: `arn:aws:dynamodb:${account}:table/orders/stream/2026-01-01T00:00:00.000`,
            partitionKey: 'orderId',
          },
        },
      },
      clicks: {
        owner: 'web-team',
        freshnessSeconds: 60,
        source: { kind: 'kinesis', stream: { streamArn: `arn:aws:kinesis:${account}:stream/clicks` } },
      },
    },
  });
  let platform: Platform;

  beforeAll(async () => {
    const synthesis = await synthesizeInto(config, folder, folder);
    const options = { stateDirectory: folder, endpointPort: 0, redshiftPort: 0, speed: 100 };
    platform = await startPlatform(config, synthesis, options);
  });
  afterAll(async () => {
    await platform?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test('records put under their own names arrive, in gzip as in zstd', async () => {
    const orders = [1, 2].map((n) => JSON.stringify({ orderId: `o-${n}`, total: n }));
    await putItems(new DynamoDBClient(platform.clientOptions), 'orders', orders);
    const click = { data: Buffer.from('{"page":"/"}'), partitionKey: 'visitor' };
    await putRecords(new KinesisClient(platform.clientOptions), 'clicks', [click]);
    await platform.idle();
    const client = await connect(platform.instance({}));
    const [orderRows, clickRows] = await query(
      client,
      'select _key from latest.orders order by 1; select payload.page::varchar from "raw".clicks',
    ).finally(() => client.end());
    expect(orderRows?.rows).toEqual([['{"orderId":"o-1"}'], ['{"orderId":"o-2"}']]);
    expect(clickRows?.rows).toEqual([['/']]);
    const { datasets } = await platform.summary();
    expect(datasets.map(({ dataset, received, loaded }) => [dataset, received, loaded])).toEqual([
      ['orders', 2, 2],
      ['clicks', 1, 1],
    ]);
  });
});
