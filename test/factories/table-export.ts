import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** A table's export as DynamoDB writes it: objects by key. */
export interface TableExport {
  readonly exportArn: string;
  readonly manifestKey: string;
  readonly objects: ReadonlyMap<string, Buffer>;
}

type ExportKind =
  | { readonly kind: 'full'; readonly exportTime: string }
  | { readonly kind: 'incremental'; readonly from: string; readonly to: string };

const tableArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/brackets';

/** Writes an export: each list of lines is one data file. */
export function aTableExport(
  window: ExportKind,
  files: readonly (readonly (object | string)[])[],
  { prefix = 'exports/brackets', exportId = '01795214400000-a1b2c3d4', eTagOf = etagOf } = {},
): TableExport {
  const objects = new Map<string, Buffer>();
  const isFull = window.kind === 'full';
  const folder = `${prefix}/AWSDynamoDB/${exportId}`;
  const dataFolder = isFull ? `${folder}/data` : `${prefix}/AWSDynamoDB/data`;
  const entries = files.map((lines, index) => {
    const text = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
    const body = gzipSync(Buffer.from(text));
    const dataFileS3Key = `${dataFolder}/file${index}${exportId.slice(-8)}.json.gz`;
    objects.set(dataFileS3Key, body);
    return { itemCount: lines.length, md5Checksum: md5(body).toString('base64'), etag: eTagOf(body), dataFileS3Key };
  });
  const exportArn = `${tableArn}/export/${exportId}`;
  const manifestFilesS3Key = `${folder}/manifest-files.json`;
  const summary = {
    version: isFull ? '2020-06-30' : '2023-08-01',
    exportArn,
    startTime: '2026-11-20T12:00:00.000Z',
    endTime: '2026-11-20T12:05:00.000Z',
    tableArn,
    tableId: '12345a12-abcd-123a-ab12-1234abc12345',
    ...(isFull
      ? { exportTime: window.exportTime }
      : { exportFromTime: window.from, exportToTime: window.to, outputView: 'NEW_AND_OLD_IMAGES' }),
    s3Bucket: 'lake',
    s3Prefix: prefix,
    s3SseAlgorithm: 'AES256',
    s3SseKmsKeyId: null,
    manifestFilesS3Key,
    billedSizeBytes: 0,
    itemCount: entries.reduce((total, { itemCount }) => total + itemCount, 0),
    outputFormat: 'DYNAMODB_JSON',
    exportType: isFull ? 'FULL_EXPORT' : 'INCREMENTAL_EXPORT',
  };
  objects.set(manifestFilesS3Key, Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')));
  const manifestKey = `${folder}/manifest-summary.json`;
  objects.set(manifestKey, Buffer.from(JSON.stringify(summary)));
  return { exportArn, manifestKey, objects };
}

const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest();
/** The exporter uploads in parts: the ETag is the hash of the parts' hashes, and how many they were. */
export const etagOf = (bytes: Uint8Array): string => `${md5(md5(bytes)).toString('hex')}-1`;

/** A line of an incremental export. */
export function aChange(
  keys: object,
  images: { newImage?: object; oldImage?: object },
  writtenAtMicroseconds: bigint,
): object {
  return {
    Metadata: { WriteTimestampMicros: { N: String(writtenAtMicroseconds) } },
    Keys: keys,
    ...(images.newImage && { NewImage: images.newImage }),
    ...(images.oldImage && { OldImage: images.oldImage }),
  };
}
