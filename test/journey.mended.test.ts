import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { stackOutputs } from '../lib/pipeline/outputs.ts';
import { beginJourney, type Journey, type SynthesizedDemo, synthesizeDemo } from './factories/journey.ts';
import { aLine } from './mend/mend-world.ts';

/** Objects that are in the lake and that the warehouse refuses: the stack's own functions, under their own roles, mend them. */
describe('the journey of objects that cannot be loaded', () => {
  let stack: SynthesizedDemo;
  let journey: Journey;
  const folder = 'raw/brackets/dt=2026-11-20/hh=12';

  async function put(name: string, body: Uint8Array, records: number): Promise<void> {
    const { endpoint, region, credentials, outputs } = journey.platform.instance({});
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    const Metadata = { 'millrace-records': String(records) };
    const Bucket = outputs[stackOutputs.lakeBucketName];
    await client.send(new PutObjectCommand({ Bucket, Key: `${folder}/${name}.ndjson.gz`, Body: body, Metadata }));
    client.destroy();
  }

  beforeAll(async () => {
    stack = await synthesizeDemo();
    journey = await beginJourney(stack, path.join(stack.folder, 'state'));
  }, 120_000);
  afterAll(async () => {
    await journey?.end();
    stack?.remove();
  });

  test('what is bad is in quarantine with its reason, and the rest is loaded', async () => {
    const lines = ['a', 'b', 'c', 'd'].map((id) =>
      aLine(id, { _key: `"${id}"`, ...(id === 'c' && { _at: '2026-02-30T12:00:00.000000Z' }) }),
    );
    const whole = gzipSync(`${lines.join('\n')}\n`);
    await put('one-bad-line', whole, 4);
    await put('cut-short', whole.subarray(0, whole.length - 9), 4);

    await journey.platform.idle();

    const { datasets } = await journey.platform.summary();
    const brackets = datasets.find(({ dataset }) => dataset === 'brackets');
    expect(brackets).toMatchObject({ pending: 0, loaded: 3, quarantined: { LOAD_REFUSED: 1, OBJECT_UNREADABLE: 4 } });
    expect(await journey.rows('SELECT "_id" FROM "latest"."brackets" ORDER BY 1')).toEqual([['a'], ['b'], ['d']]);
  }, 120_000);
});
