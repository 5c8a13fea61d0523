import { gzipSync, zstdCompressSync } from 'node:zlib';
import { findSourceObjects, readSourceFile } from '../../local/redshift/copy/source-files.ts';
import { MemoryStore } from './memory-store.ts';

const store = new MemoryStore();
const reader = { objectStore: store, roleArn: 'arn:aws:iam::000000000000:role/copy', queryId: 1 };
const put = (uri: string, body: string | Buffer): void => void store.objects.set(uri, Buffer.from(body));

async function read(
  uri: string,
  compression: 'none' | 'gzip' | 'zstd' | 'bzip2',
  more: object = {},
): Promise<string | undefined> {
  const file = await readSourceFile(reader, { uri, mandatory: true, ...more }, compression);
  return (await file?.body())?.toString();
}

describe('what COPY reads', () => {
  it('unpacks every member of a gzip and every frame of a Zstandard file', async () => {
    put('s3://b/g', Buffer.concat([gzipSync('one '), gzipSync('two')]));
    put('s3://b/z', Buffer.concat([zstdCompressSync('one '), zstdCompressSync('two')]));
    expect(await read('s3://b/g', 'gzip')).toBe('one two');
    expect(await read('s3://b/z', 'zstd')).toBe('one two');
    put('s3://b/cut', zstdCompressSync('one '.repeat(100)).subarray(0, 12));
    await expect(read('s3://b/cut', 'zstd')).rejects.toThrow('Invalid ZSTD data in s3://b/cut');
    await expect(read('s3://b/z', 'gzip')).rejects.toThrow('Invalid GZIP data');
  });

  it('unpacks every stream of a bzip2 file', async () => {
    /** `one ` as bzip2 writes it. */
    const one = Buffer.from('QlpoOTFBWSZTWc+6oLQAAAGRAEAAAgGgACGaaDNNDLxdyRThQkM+6oLQ', 'base64');
    put('s3://b/bz', Buffer.concat([one, one]));
    expect(await read('s3://b/bz', 'bzip2')).toBe('one one ');
    put('s3://b/cut', one.subarray(0, 30));
    await expect(read('s3://b/cut', 'bzip2')).rejects.toThrow('Invalid BZIP2 data in s3://b/cut');
    await expect(read('s3://b/g', 'bzip2')).rejects.toThrow('Invalid BZIP2 data');
  });

  it('finds the objects of a prefix, in order, and says when there are none', async () => {
    put('s3://b/part/2', '');
    put('s3://b/part/1', '');
    const found = await findSourceObjects(reader, 's3://b/part/', false);
    expect(found.map((object) => object.uri)).toEqual(['s3://b/part/1', 's3://b/part/2']);
    await expect(findSourceObjects(reader, 's3://b/absent', false)).rejects.toThrow(
      "The specified S3 prefix 'absent' does not exist",
    );
  });

  it('keeps to the manifest', async () => {
    put('s3://b/there', '12345');
    const entries = [
      { url: 's3://b/there', mandatory: true, meta: { content_length: 5 } },
      { url: 's3://b/gone', mandatory: false },
    ];
    put('s3://b/m', JSON.stringify({ entries }));
    const [there, gone] = await findSourceObjects(reader, 's3://b/m', true);
    expect(await readSourceFile(reader, there as never, 'none')).toMatchObject({ sizeBytes: 5 });
    expect(await readSourceFile(reader, gone as never, 'none')).toBeUndefined();
    await expect(read('s3://b/gone', 'none')).rejects.toThrow(
      'S3ServiceException:The specified key does not exist.,Status 404',
    );
    await expect(read('s3://b/there', 'none', { expectedBytes: 6 })).rejects.toThrow('File size mismatch');
    put('s3://b/m', '{"entries":[{"url":"b/there"}]}');
    await expect(findSourceObjects(reader, 's3://b/m', true)).rejects.toThrow('requires full path of an S3 object');
    put('s3://b/m', 'not JSON');
    await expect(findSourceObjects(reader, 's3://b/m', true)).rejects.toThrow('Problem reading manifest file');
  });

  it('says who may not read what', async () => {
    store.denied.add('s3://b/there');
    const refused = await read('s3://b/there', 'none').catch((error: unknown) => error);
    expect(refused).toMatchObject({
      sqlState: 'XX000',
      message: expect.stringMatching(
        /^S3ServiceException:.*role\/copy.*s3:GetObject.*,Status 403,Error AccessDenied,Rid \w{16},CanRetry 0$/,
      ),
    });
    expect(store.calls.at(-1)).toMatchObject({ roleArn: reader.roleArn });
  });
});
