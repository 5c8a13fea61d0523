/** As Redshift spells a type, by what people write; the box has the same table for what runs there (local/redshift/type-facts.ts). */
const plain: Readonly<Record<string, string>> = {
  smallint: 'smallint',
  int2: 'smallint',
  integer: 'integer',
  int: 'integer',
  int4: 'integer',
  bigint: 'bigint',
  int8: 'bigint',
  real: 'real',
  float4: 'real',
  'double precision': 'double precision',
  float8: 'double precision',
  float: 'double precision',
  boolean: 'boolean',
  bool: 'boolean',
  date: 'date',
  super: 'super',
  time: 'time without time zone',
  'time without time zone': 'time without time zone',
  timetz: 'time with time zone',
  'time with time zone': 'time with time zone',
  timestamp: 'timestamp without time zone',
  datetime: 'timestamp without time zone',
  'timestamp without time zone': 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  'timestamp with time zone': 'timestamp with time zone',
  'interval year to month': 'interval year to month',
  'interval day to second': 'interval day to second',
  geometry: 'geometry',
  geography: 'geography',
  hllsketch: 'hllsketch',
};

interface Sized {
  readonly name: string;
  /** Bytes where none are written. */
  readonly usual: number;
  readonly most: number;
}
const varchar = { name: 'character varying', usual: 256, most: 65_535 };
const char = { name: 'character', usual: 1, most: 4096 };
const varbyte = { name: 'binary varying', usual: 64_000, most: 1_024_000 };
const sized: Readonly<Record<string, Sized>> = {
  varchar,
  'character varying': varchar,
  nvarchar: varchar,
  text: varchar,
  char,
  character: char,
  nchar: char,
  bpchar: { ...char, usual: 256 },
  varbyte,
  varbinary: varbyte,
  'binary varying': varbyte,
};
const decimals = ['decimal', 'numeric', 'dec'];

/** The names of types that can be written. */
export const typeNames: readonly string[] = [...Object.keys(plain), ...Object.keys(sized), ...decimals];

/** A type as Redshift spells it, in lower case (`VARCHAR(64)` → `character varying(64)`); undefined where it is none. */
export function normalisedType(written: string): string | undefined {
  const text = written.toLowerCase().trim().replaceAll(/\s+/g, ' ');
  const [, name = '', inside, zone = ''] =
    /^([a-z][a-z0-9 ]*?) ?(?:\(([^()]*)\))?( with(?:out)? time zone)?$/.exec(text) ?? [];
  const arguments_ = inside?.split(',').map((part) => part.trim());
  if (decimals.includes(name)) return zone ? undefined : decimal(arguments_);
  const size = own(sized, name);
  if (size) return zone ? undefined : withSize(size, arguments_);
  return arguments_ ? undefined : own(plain, `${name}${zone}`);
}

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

function withSize({ name, usual, most }: Sized, [bytes, ...rest]: readonly string[] = []): string | undefined {
  const size = bytes === undefined ? usual : bytes === 'max' ? most : whole(bytes);
  return size !== undefined && size >= 1 && size <= most && rest.length === 0 ? `${name}(${size})` : undefined;
}

function decimal([precision = '18', scale = '0', ...rest]: readonly string[] = []): string | undefined {
  const [digits, behind] = [whole(precision), whole(scale)];
  if (digits === undefined || behind === undefined || rest.length > 0) return undefined;
  return digits >= 1 && digits <= 38 && behind <= Math.min(37, digits) ? `numeric(${digits},${behind})` : undefined;
}

const whole = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
