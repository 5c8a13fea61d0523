import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type ObjectStore, RedshiftError } from '../types.ts';

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface HttpObjectStoreOptions {
  /** `http://127.0.0.1:…`; absent: AWS itself. */
  readonly endpoint?: string;
  readonly region?: string;
  /** How the warehouse becomes the role that a COPY names. Rejects when it may not. */
  readonly credentialsForRole: (roleArn: string) => Promise<RoleCredentials>;
}

/** COPY and UNLOAD against an S3 endpoint, each call signed as the role of its statement. */
export function httpObjectStore(options: HttpObjectStoreOptions): ObjectStore & { close(): void } {
  const clients = new Map<string, S3Client>();
  const clientOf = (roleArn: string): S3Client => {
    const known = clients.get(roleArn);
    if (known) return known;
    const client = new S3Client({
      endpoint: options.endpoint,
      region: options.region ?? 'us-east-1',
      forcePathStyle: options.endpoint !== undefined,
      credentials: () => options.credentialsForRole(roleArn),
    });
    clients.set(roleArn, client);
    return client;
  };
  return {
    get: async (uri, roleArn) => {
      const answer = await clientOf(roleArn).send(new GetObjectCommand(place(uri)));
      return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    },
    put: async (uri, body, roleArn) => {
      await clientOf(roleArn).send(new PutObjectCommand({ ...place(uri), Body: body }));
    },
    list: (prefixUri, roleArn) => listAll(clientOf(roleArn), prefixUri),
    close: () => {
      for (const client of clients.values()) client.destroy();
    },
  };
}

async function listAll(client: S3Client, prefixUri: string): Promise<{ uri: string; sizeBytes: number }[]> {
  const { Bucket, Key: Prefix } = place(prefixUri);
  const objects: { uri: string; sizeBytes: number }[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }));
    for (const { Key, Size } of page.Contents ?? [])
      objects.push({ uri: `s3://${Bucket}/${Key}`, sizeBytes: Size ?? 0 });
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return objects;
}

function place(uri: string): { Bucket: string; Key: string } {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(uri);
  if (!match?.[1]) throw new RedshiftError('XX000', `Invalid S3 path '${uri}'`);
  return { Bucket: match[1], Key: match[2] ?? '' };
}
