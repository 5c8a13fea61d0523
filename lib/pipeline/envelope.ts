/** What happened to the record at its source. */
export const operations = ['insert', 'update', 'delete', 'expire', 'snapshot', 'event'] as const;
export type Operation = (typeof operations)[number];

/** Those after which the key does not exist: somebody deleted it, or its time to live was over. */
export const deletions = ['delete', 'expire'] as const satisfies readonly Operation[];

/**
 * One record on its way to the warehouse: one JSON object per line in the lake, one row in `raw.<dataset>`.
 * Keys are lower-case because `COPY … FORMAT JSON 'auto'` maps them to column names case-sensitively.
 */
export interface Envelope {
  /** Stable identity of this event: a redelivery repeats it. */
  readonly _id: string;
  readonly _op: Operation;
  /** Canonical JSON of the primary key; null where the dataset has none. */
  readonly _key: string | null;
  /** Sorts as text in write order within a key. */
  readonly _position: string;
  /** When it happened: ISO-8601, UTC, microseconds. */
  readonly _at: string;
  /** JSON text, not a parsed value: a 38-digit number never becomes a JavaScript number. */
  readonly payload: string;
}

/** An envelope without its payload: what an intake knows before it has read the record itself. */
export type EnvelopeHead = Omit<Envelope, 'payload'>;

/** The envelope as one line of NDJSON, without the line feed; the payload's text goes in as it is. */
export function envelopeLine(envelope: Envelope): string {
  const { payload, ...head } = envelope;
  return `${lineStart(head)}${payload}}`;
}

/** The same line in UTF-8 around a payload's proven bytes: they are copied, never decoded. */
export function envelopeLineBytes(head: EnvelopeHead, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(lineStart(head)), payload, Buffer.from('}')]);
}

function lineStart(head: EnvelopeHead): string {
  return `${JSON.stringify(head).slice(0, -1)},"payload":`;
}

/** ISO-8601 in UTC with microseconds, from seconds since the epoch as AWS gives them (fraction optional). */
export function instantFromSeconds(seconds: number): string {
  const wholeMicroseconds = Math.round(seconds * 1e6);
  const milliseconds = Math.floor(wholeMicroseconds / 1000);
  const rest = String(wholeMicroseconds - milliseconds * 1000).padStart(3, '0');
  return new Date(milliseconds).toISOString().replace('Z', `${rest}Z`);
}
