import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { type AccessKeys, type ObjectStore, RedshiftError } from '../types.ts';

export type RoleCredentials = AccessKeys;

export interface HttpObjectStoreOptions {
  /** `http://127.0.0.1:…`; absent: AWS itself. */
  readonly endpoint?: string;
  readonly region?: string;
  /** How the warehouse becomes the role that a COPY names. Rejects when it may not. */
  readonly credentialsForRole: (roleArn: string) => Promise<RoleCredentials>;
}

/** COPY and UNLOAD against an S3 endpoint, each call signed as the role of its statement, or with the keys that it names. */
export function httpObjectStore(options: HttpObjectStoreOptions): ObjectStore & { close(): void } {
  const clients = new Map<string, S3Client>();
  const clientOf = (name: string, credentials: () => Promise<RoleCredentials>): S3Client => {
    const known = clients.get(name);
    if (known) return known;
    const { endpoint, region = 'us-east-1' } = options;
    const client = new S3Client({ endpoint, region, forcePathStyle: endpoint !== undefined, credentials });
    clients.set(name, client);
    return client;
  };
  return {
    ...storeOf((roleArn) => clientOf(roleArn, () => options.credentialsForRole(roleArn))),
    withKeys: (keys) => {
      const name = [keys.accessKeyId, keys.secretAccessKey, keys.sessionToken].join(' ');
      return storeOf(() => clientOf(name, async () => keys));
    },
    close: () => {
      for (const client of clients.values()) client.destroy();
    },
  };
}

function storeOf(clientOf: (roleArn: string) => S3Client): ObjectStore {
  return {
    get: async (uri, roleArn) => {
      const answer = await clientOf(roleArn).send(new GetObjectCommand(place(uri)));
      return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    },
    put: async (uri, body, roleArn) => {
      await clientOf(roleArn).send(new PutObjectCommand({ ...place(uri), Body: body }));
    },
    delete: async (uri, roleArn) => {
      await clientOf(roleArn).send(new DeleteObjectCommand(place(uri)));
    },
    list: (prefixUri, roleArn) => listAll(clientOf(roleArn), prefixUri),
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
