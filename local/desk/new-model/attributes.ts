/** An attribute of payloads that were looked at, and the type that all of its values have. */
export interface Attribute {
  readonly name: string;
  /** As a cast spells it; undefined for what stays SUPER: objects, arrays, and what is of several kinds. */
  readonly type: string | undefined;
}

type Seen = { readonly kind: 'number' | 'text'; readonly text: string } | { readonly kind: 'boolean' | 'nested' };

/** What the payloads' attributes seem to be, in the order in which they come; what is no object says nothing. */
export function attributesOf(payloads: readonly string[]): Attribute[] {
  const seen = new Map<string, Seen[]>();
  for (const [name, value] of payloads.flatMap(membersOf)) {
    const all = seen.get(name) ?? [];
    seen.set(name, all);
    const one = seenOf(value);
    if (one) all.push(one);
  }
  return [...seen].map(([name, values]) => ({ name, type: typeOf(values) }));
}

class Digits {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

function membersOf(payload: string): [string, unknown][] {
  const value = parseWithSource(payload, (_, inner, { source = '' }) =>
    typeof inner === 'number' ? new Digits(source) : inner,
  );
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Digits)
    ? Object.entries(value)
    : [];
}

function seenOf(value: unknown): Seen | undefined {
  if (value === null) return undefined;
  if (value instanceof Digits) return { kind: 'number', text: value.text };
  if (typeof value === 'string') return { kind: 'text', text: value };
  return { kind: typeof value === 'boolean' ? 'boolean' : 'nested' };
}

function typeOf(values: readonly Seen[]): string | undefined {
  const kinds = new Set(values.map(({ kind }) => kind));
  const texts = values.flatMap((one) => ('text' in one ? [one.text] : []));
  if (kinds.size > 1) return undefined;
  if (kinds.has('number')) return numberType(texts);
  if (kinds.has('boolean')) return 'BOOLEAN';
  return kinds.has('nested') ? undefined : textType(texts);
}

function numberType(texts: readonly string[]): string {
  if (texts.some((text) => /e/i.test(text))) return 'DOUBLE PRECISION';
  const scale = Math.max(...texts.map((text) => text.split('.')[1]?.length ?? 0));
  const digits = Math.max(...texts.map((text) => text.replace(/^-/, '').split('.')[0]?.length ?? 0));
  return scale === 0 && digits <= 18 ? 'BIGINT' : `DECIMAL(38, ${Math.min(scale, 37)})`;
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[-+]\d\d:?\d\d)$/;
const lengths = [64, 256, 1024, 4096, 16_384, 65_535];

function textType(texts: readonly string[]): string {
  if (texts.length > 0 && texts.every((text) => instant.test(text))) return 'TIMESTAMPTZ';
  if (texts.length > 0 && texts.every((text) => /^\d{4}-\d\d-\d\d$/.test(text))) return 'DATE';
  const longest = Math.max(0, ...texts.map((text) => Buffer.byteLength(text)));
  // What was not looked at may be longer.
  return `VARCHAR(${lengths.find((length) => length >= 2 * longest) ?? 65_535})`;
}
