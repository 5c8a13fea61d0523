import type { RedshiftType } from './types.ts';

/** What is fixed about a type, and said by the catalogs, the protocols and messages alike. */
export interface TypeFacts {
  /** As in Redshift's pg_type; 4000, 6551, 1188 and 1190 are Redshift's own. */
  readonly oid: number;
  /** Bytes of the value, −1 where it varies. */
  readonly sizeBytes: number;
  /** What format_type and messages call it, without arguments. */
  readonly name: string;
  /** What pg_type calls it. */
  readonly shortName: string;
}

const fact = (oid: number, sizeBytes: number, shortName: string, name = shortName): TypeFacts => ({
  oid,
  sizeBytes,
  name,
  shortName,
});

export const typeFacts: Readonly<Record<RedshiftType['kind'], TypeFacts>> = {
  bool: fact(16, 1, 'bool', 'boolean'),
  int8: fact(20, 8, 'int8', 'bigint'),
  int2: fact(21, 2, 'int2', 'smallint'),
  int4: fact(23, 4, 'int4', 'integer'),
  float4: fact(700, 4, 'float4', 'real'),
  float8: fact(701, 8, 'float8', 'double precision'),
  char: fact(1042, -1, 'bpchar', 'character'),
  varchar: fact(1043, -1, 'varchar', 'character varying'),
  date: fact(1082, 4, 'date'),
  time: fact(1083, 8, 'time', 'time without time zone'),
  timestamp: fact(1114, 8, 'timestamp', 'timestamp without time zone'),
  timestamptz: fact(1184, 8, 'timestamptz', 'timestamp with time zone'),
  interval_year_to_month: fact(1188, 4, 'intervaly2m', 'interval year to month'),
  interval_day_to_second: fact(1190, 8, 'intervald2s', 'interval day to second'),
  timetz: fact(1266, 12, 'timetz', 'time with time zone'),
  decimal: fact(1700, -1, 'numeric'),
  super: fact(4000, -1, 'super'),
  varbyte: fact(6551, -1, 'varbyte', 'binary varying'),
};

/** The types by kind, as lists that SQL is made from. */
export const everyType: readonly (readonly [kind: RedshiftType['kind'], facts: TypeFacts])[] = Object.entries(
  typeFacts,
) as [RedshiftType['kind'], TypeFacts][];

/** The most bytes of a value, for the types that declare a length. */
export const maximumBytes = { varchar: 65_535, char: 4096, varbyte: 1_024_000 } as const;

/** VARBYTE without a length. */
export const usualVarbyteBytes = 64_000;

/** What a SUPER value may hold: strings and names of so many bytes, objects and arrays in so many levels. */
export const superLimits = { stringBytes: 65_535, levels: 1000 } as const;
