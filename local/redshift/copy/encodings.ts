import { RedshiftError } from '../types.ts';
import type { FileEncoding } from './options.ts';

/** A file's content in UTF-8, whatever ENCODING says it is in. UTF16 alone needs a byte order mark. */
export function inUtf8(body: Buffer, encoding: FileEncoding, uri: string): Buffer {
  if (encoding === 'utf8') return body;
  const marked =
    body[0] === 0xff && body[1] === 0xfe ? 'utf-16le' : body[0] === 0xfe && body[1] === 0xff ? 'utf-16be' : '';
  const declared = { utf16: marked, utf16le: 'utf-16le', utf16be: 'utf-16be' }[encoding];
  if (declared === '') throw wrongEncoding(uri, 'UTF16 needs a byte order mark');
  try {
    return Buffer.from(new TextDecoder(declared, { fatal: true }).decode(body));
  } catch {
    throw wrongEncoding(uri, `it is not ${encoding.toUpperCase()}`);
  }
}

function wrongEncoding(uri: string, reason: string): RedshiftError {
  const message = `Encoding of the file is not the same as that specified in the COPY command: ${uri}: ${reason}`;
  return new RedshiftError('XX000', message);
}
