import { ServiceError, type ServiceRequest } from '../service.ts';
import { verifyChecksums } from './checksum.ts';

/** An upload whose framing is taken off and whose checksums agree. */
export interface Upload {
  readonly body: Buffer;
  readonly checksums: Readonly<Record<string, string>>;
}

const malformed = (message: string) => new ServiceError('InvalidRequest', `aws-chunked body: ${message}`);

/**
 * Takes the chunks out of an `aws-chunked` body: `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n … 0\r\n<trailers>\r\n`.
 * The SDK streams like this by default, with the checksum in the trailer. (Amazon S3 API, "Signature calculations:
 * transferring payload in multiple chunks".)
 */
function decodeChunks(framed: Buffer): { body: Buffer; trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const lineEnd = framed.indexOf('\r\n', position);
    const length = Number.parseInt(framed.toString('latin1', position, lineEnd), 16);
    if (lineEnd < 0 || Number.isNaN(length)) throw malformed(`no chunk header at byte ${position}`);
    position = lineEnd + 2;
    if (length === 0)
      return { body: Buffer.concat(chunks), trailers: readTrailers(framed.toString('latin1', position)) };
    if (position + length > framed.length) throw malformed('it ends within a chunk');
    chunks.push(framed.subarray(position, position + length));
    position += length + 2;
  }
}

function readTrailers(text: string): Record<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

/** The bytes that were meant, verified. */
export function readUpload(request: Pick<ServiceRequest, 'headers' | 'body'>): Upload {
  const { headers } = request;
  const framed = headers['x-amz-content-sha256']?.startsWith('STREAMING-') ?? false;
  const { body, trailers } = framed ? decodeChunks(request.body) : { body: request.body, trailers: {} };
  const promised = headers['x-amz-decoded-content-length'];
  if (framed && promised !== undefined && Number(promised) !== body.length) {
    throw new ServiceError('IncompleteBody', `${promised} bytes were announced and ${body.length} came`);
  }
  return { body, checksums: verifyChecksums(body, { ...headers, ...trailers }) };
}
