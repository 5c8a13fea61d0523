/** Who signed, and for which service: the credential scope of a Signature Version 4. The signature itself is not checked. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/**
 * Reads `AccessKey/20261120/us-east-1/s3/aws4_request` from the Authorization header or the presigned query.
 * Undefined where the request is not signed at all. (IAM user guide, "Elements of an AWS API request signature".)
 */
export function readCredentialScope(
  authorization: string | undefined,
  query: URLSearchParams,
): CredentialScope | undefined {
  const header = /^AWS4-[\w-]+\s+.*?Credential=([^,\s]+)/.exec(authorization ?? '')?.[1];
  const credential = header ?? query.get('X-Amz-Credential') ?? undefined;
  if (credential === undefined) return undefined;
  const parts = credential.split('/');
  const [service, region] = [parts.at(-2), parts.at(-3)];
  const accessKeyId = parts.slice(0, -4).join('/');
  if (parts.length < 5 || !accessKeyId || !service || !region) return undefined;
  return { accessKeyId, region, service };
}
