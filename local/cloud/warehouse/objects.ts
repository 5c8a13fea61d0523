import type { CloudContext } from '../resource.ts';
import { S3Service } from '../s3/service.ts';
import type { Principal, ServiceResponse } from '../service.ts';
import { ServiceError } from '../service.ts';
import type { WarehouseObjects } from './port.ts';

interface Location {
  readonly bucket: string;
  readonly key: string;
}

function parseUri(uri: string): Location {
  const match = /^s3:\/\/([^/]+)\/(.*)$/s.exec(uri);
  if (!match) throw new ServiceError('ValidationException', `${uri} is not s3://bucket/key`);
  return { bucket: match[1] ?? '', key: match[2] ?? '' };
}

/** S3 as COPY and UNLOAD reach it: through the same service and checks as any call, as the statement's role. */
export class RoleObjects implements WarehouseObjects {
  readonly #context: CloudContext;
  readonly #allowedRoles: () => readonly string[];

  /** `allowedRoles`: the roles that the namespace is associated with; Redshift can assume no other. */
  constructor(context: CloudContext, allowedRoles: () => readonly string[]) {
    this.#context = context;
    this.#allowedRoles = allowedRoles;
  }

  async get(uri: string, roleArn: string): Promise<Buffer> {
    const { bucket, key } = parseUri(uri);
    const { body } = await this.#call('GET', `/${bucket}/${key}`, roleArn);
    return typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0));
  }

  async put(uri: string, body: Buffer, roleArn: string): Promise<void> {
    const { bucket, key } = parseUri(uri);
    await this.#call('PUT', `/${bucket}/${key}`, roleArn, body);
  }

  async list(prefixUri: string, roleArn: string): Promise<{ uri: string; sizeBytes: number }[]> {
    const { bucket, key: prefix } = parseUri(prefixUri);
    const found = this.#context.services.of(S3Service).bucket(bucket);
    const context = { 's3:prefix': prefix };
    this.#context.authorizer.authorize(this.#principal(roleArn), 's3:ListBucket', found.arn, context);
    const keys = found.store.keys().filter((key) => key.startsWith(prefix));
    return keys.map((key) => ({ uri: `s3://${bucket}/${key}`, sizeBytes: found.store.get(key)?.sizeBytes ?? 0 }));
  }

  #call(method: string, path: string, roleArn: string, body: Buffer = Buffer.alloc(0)): Promise<ServiceResponse> {
    const principal = this.#principal(roleArn);
    const query = new URLSearchParams();
    return this.#context.services.get('s3').handle({ method, path, query, headers: {}, body, principal });
  }

  #principal(roleArn: string): Principal {
    if (this.#allowedRoles().includes(roleArn)) return { kind: 'role', roleArn };
    const known = this.#allowedRoles().join(', ') || 'none';
    throw new ServiceError(
      'AccessDeniedException',
      `the role ${roleArn} is not associated with the namespace (IamRoles: ${known})`,
    );
  }
}
