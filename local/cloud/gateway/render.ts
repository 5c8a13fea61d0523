import { ServiceError, type ServiceResponse } from '../service.ts';

/** How a service speaks: what the SDK v3 clients of 2026 send. None of them sends CBOR to these services. */
type Protocol = 'aws-json-1.0' | 'aws-json-1.1' | 'rest-json' | 'rest-xml' | 'query';

const protocols: Readonly<Record<string, Protocol>> = {
  dynamodb: 'aws-json-1.0',
  sqs: 'aws-json-1.0',
  states: 'aws-json-1.0',
  kinesis: 'aws-json-1.1',
  events: 'aws-json-1.1',
  secretsmanager: 'aws-json-1.1',
  'redshift-data': 'aws-json-1.1',
  lambda: 'rest-json',
  scheduler: 'rest-json',
  s3: 'rest-xml',
  sts: 'query',
};

const protocolOf = (service: string): Protocol => protocols[service] ?? 'aws-json-1.1';

const contentTypes: Readonly<Record<Protocol, string>> = {
  'aws-json-1.0': 'application/x-amz-json-1.0',
  'aws-json-1.1': 'application/x-amz-json-1.1',
  'rest-json': 'application/json',
  'rest-xml': 'application/xml',
  query: 'text/xml',
};

export function contentTypeOf(service: string): string {
  return contentTypes[protocolOf(service)];
}

/** Text as XML character data; what XML 1.0 cannot carry as it is becomes a character reference, as S3 does. */
export function escapeXml(text: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"\u0000-\u001f\u007f]/g, (c) => named[c] ?? `&#x${c.charCodeAt(0).toString(16)};`);
}

/** A failure of a service in the service's own protocol. */
export function renderError(service: string, error: ServiceError, requestId: string): ServiceResponse {
  const protocol = protocolOf(service);
  const headers = { 'content-type': contentTypes[protocol] };
  const denied = error.code === 'AccessDeniedException';
  if (protocol === 'rest-xml') {
    const code = denied ? 'AccessDenied' : error.code;
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`;
    return { status: denied ? 403 : error.status, headers, body };
  }
  if (protocol === 'query') {
    const code = denied ? 'AccessDenied' : error.code;
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${escapeXml(code)}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status: denied ? 403 : error.status, headers, body };
  }
  const fault = error.status >= 500 ? 'Receiver' : 'Sender';
  return {
    status: denied && protocol === 'rest-json' ? 403 : error.status,
    headers: { ...headers, 'x-amzn-errortype': error.code, 'x-amzn-query-error': `${error.code};${fault}` },
    body: JSON.stringify({ __type: error.code, message: error.message, Message: error.message }),
  };
}

/** A key that nobody has, in the words of the service that was asked. */
export function unknownCredential(service: string, accessKeyId: string): ServiceError {
  const message = `no role of the template has the access key ${accessKeyId}; the owner of this machine is "millrace"`;
  if (service === 's3') return new ServiceError('InvalidAccessKeyId', message, 403);
  if (service === 'sts' || service === 'sqs') return new ServiceError('InvalidClientTokenId', message, 403);
  return new ServiceError('UnrecognizedClientException', message, 400);
}
