import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { CopyFixture } from './copy-fixture.ts';

/** Enough lines for several pieces. */
function linesOf(first: number, count: number, price = '1.5'): string {
  const rows = Array.from({ length: count }, (_, index) => {
    const id = first + index;
    return `{"id":"${id}","payload":{"price":${price},"text":"${'x'.repeat(90)}${(id * 7919) % 100_003}"}}\n`;
  });
  return rows.join('');
}

const good = linesOf(0, 20_000);
const load = (compression: string, more = ''): string =>
  `copy t from 's3://b/' iam_role default json 'auto' ${compression} ${more}`;

describe('files that COPY reads piece by piece', () => {
  let box: CopyFixture;
  let directory: string;
  const usualDirectory = process.env.TMPDIR;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-streamed-'));
    box = await CopyFixture.open();
    await box.run('create table t (id varchar(20), payload super)');
    process.env.TMPDIR = directory;
  });
  beforeEach(async () => {
    box.store.objects.clear();
    await box.run('truncate t');
  });
  afterEach(() => {
    expect(readdirSync(directory)).toEqual([]);
  });
  afterAll(async () => {
    if (usualDirectory === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usualDirectory;
    await box.close();
    rmSync(directory, { recursive: true });
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('refuses a %s file that is cut short, and one that is broken, and loads nothing', async (compression, pack) => {
    const whole = pack(good);
    const cut = whole.subarray(0, whole.length - 20);
    const broken = Buffer.from(whole);
    const middle = Math.floor(whole.length / 2);
    broken.fill(0xff, middle, middle + 40);
    for (const body of [cut, broken]) {
      box.store.objects.set('s3://b/1', pack(good));
      box.store.objects.set('s3://b/2', body);
      const reason = `Invalid ${compression.toUpperCase()} data in s3://b/2: `;
      await expect(box.run(load(compression))).rejects.toThrow(reason);
      expect(await box.rows('select count(*) from t')).toEqual([['0']]);
    }
    await expect(box.run(load(compression))).rejects.toMatchObject({ sqlState: 'XX000' });
  });

  it('refuses a gzip file whose checksum is another', async () => {
    const body = Buffer.from(gzipSync(good));
    body.writeUInt32LE(1, body.length - 8);
    box.store.objects.set('s3://b/1', body);
    await expect(box.run(load('gzip'))).rejects.toThrow(/^Invalid GZIP data in s3:\/\/b\/1: .*incorrect data check$/);
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('reads all parts of a %s file, also where they part a line', async (compression, pack) => {
    const parts = [good.slice(0, 1_500_007), good.slice(1_500_007)];
    box.store.objects.set('s3://b/1', Buffer.concat(parts.map((part) => pack(part))));
    await box.run(load(compression));
    expect(await box.rows('select count(distinct id), sum(payload.price::decimal(8,2)) from t')).toEqual([
      ['20000', '30000.00'],
    ]);
    const history = 'select loaded_rows, loaded_bytes from sys_load_history order by query_id desc limit 1';
    expect(await box.rows(history)).toEqual([['20000', String(good.length)]]);
  });

  it('keeps the digits of a doubtful file that follows good ones', async () => {
    box.store.objects.set('s3://b/1', gzipSync(good));
    box.store.objects.set('s3://b/2', gzipSync(linesOf(20_000, 15_000) + linesOf(35_000, 15_000, '2.50')));
    await box.run(load('gzip'));
    const written = 'select json_serialize(payload.price), count(*) from t group by 1 order by 1';
    expect(await box.rows(written)).toEqual([
      ['1.5', '35000'],
      ['2.50', '15000'],
    ]);
  });

  it('reads all files again, row by row, where a line of the last one is no row', async () => {
    box.store.objects.set('s3://b/1', gzipSync(good));
    box.store.objects.set('s3://b/2', gzipSync(`${linesOf(20_000, 12_000)}{"id":"a\n${linesOf(32_000, 5)}`));
    await box.run(load('gzip', 'maxerror 5'));
    expect(await box.rows('select count(*), count(distinct id) from t')).toEqual([['32005', '32005']]);
    expect((await box.errors())?.map(([lineNumber]) => lineNumber)).toEqual(['12001']);
  });
});
