import type { RestSource } from './environment.ts';
import { MillraceError } from './error.ts';
import { elementsOf, membersOf, scalarText } from './json-slice.ts';

/** One answer of a REST source: its records as the bytes they came in, and where the next page is. */
export interface RestPage {
  readonly records: readonly Uint8Array[];
  readonly cursor: string | undefined;
}

/** An answer that is no page. The message shows its beginning, never the request's token. */
export class BadPageError extends MillraceError {
  constructor(reason: string, body: Uint8Array, cause?: unknown) {
    const beginning = Buffer.from(body.subarray(0, 120)).toString('utf8');
    super('REST_BAD_BODY', `${reason}; the body begins ${JSON.stringify(beginning)}`, { retryable: true, cause });
  }
}

/** Cuts a page into its records. Throws a BadPageError where the body is not what the source's configuration says. */
export function readPage(response: Uint8Array, source: Pick<RestSource, 'records' | 'pagination'>): RestPage {
  const body = withoutByteOrderMark(response);
  proveJson(body);
  const list = only(body, source.records);
  const records = list && elementsOf(list);
  if (!records) throw new BadPageError(`has no array under "${source.records}"`, body);
  return { records, cursor: cursorOf(body, source.pagination) };
}

function cursorOf(body: Uint8Array, pagination: RestSource['pagination']): string | undefined {
  if (pagination.kind === 'none') return undefined;
  const value = only(body, pagination.field);
  // No cursor, null and an empty one all say: this was the last page.
  return (value && scalarText(value)) || undefined;
}

/** The value at a path of names with points between them. A name that comes twice is no place to look for records. */
export function valueAt(body: Uint8Array, path: string): Uint8Array[] {
  return path
    .split('.')
    .reduce<Uint8Array[]>((values, name) => values.flatMap((value) => membersOf(value, name)), [body]);
}

function only(body: Uint8Array, path: string): Uint8Array | undefined {
  const values = valueAt(body, path);
  if (values.length > 1) throw new BadPageError(`has "${path}" more than once`, body);
  return values[0];
}

/**
 * JSON.parse is only the judge here, its value is thrown away: the page has to be JSON before it can be cut. The warehouse's
 * limits are each record's own affair, so that one bad record does not take its page with it.
 */
function proveJson(body: Uint8Array): void {
  try {
    JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch (error) {
    throw new BadPageError('is not JSON', body, error);
  }
}

function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
