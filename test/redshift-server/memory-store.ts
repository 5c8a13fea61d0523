import type { ObjectStore } from '../../local/redshift/types.ts';

/** An object store in memory that keeps who read what; `denied` URIs answer as S3 does without a grant. */
export class MemoryStore implements ObjectStore {
  readonly objects = new Map<string, Buffer>();
  readonly denied = new Set<string>();
  readonly calls: { readonly action: string; readonly uri: string; readonly roleArn: string }[] = [];

  async get(uri: string, roleArn: string): Promise<Buffer> {
    this.#note('get', uri, roleArn);
    const body = this.objects.get(uri);
    if (!body) throw failure('NoSuchKey', 404, 'The specified key does not exist.');
    return body;
  }

  async put(uri: string, body: Buffer, roleArn: string): Promise<void> {
    this.#note('put', uri, roleArn);
    this.objects.set(uri, body);
  }

  async delete(uri: string, roleArn: string): Promise<void> {
    this.#note('delete', uri, roleArn);
    this.objects.delete(uri);
  }

  async list(prefixUri: string, roleArn: string): Promise<{ uri: string; sizeBytes: number }[]> {
    this.#note('list', prefixUri, roleArn);
    return [...this.objects]
      .filter(([uri]) => uri.startsWith(prefixUri))
      .map(([uri, body]) => ({ uri, sizeBytes: body.length }));
  }

  #note(action: string, uri: string, roleArn: string): void {
    this.calls.push({ action, uri, roleArn });
    if (!this.denied.has(uri)) return;
    throw failure(
      'AccessDenied',
      403,
      `User: ${roleArn} is not authorized to perform: s3:GetObject on resource: "${uri}"`,
    );
  }
}

function failure(code: string, status: number, message: string): Error {
  return Object.assign(new Error(message), { code, status });
}
