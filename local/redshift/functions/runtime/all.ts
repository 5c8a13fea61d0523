import { ARRAY_RUNTIME } from './arrays.ts';
import { FORMAT_DATE_RUNTIME } from './format-dates.ts';
import { FORMAT_NUMBER_RUNTIME } from './format-numbers.ts';
import { JSON_RUNTIME } from './json-functions.ts';
import { MURMUR_RUNTIME } from './murmur.ts';
import { PARSE_NUMBER_RUNTIME } from './parse-numbers.ts';
import { REGEXP_RUNTIME } from './regexp.ts';
import type { RuntimeFunction } from './runtime.ts';
import { SCALAR_RUNTIME } from './scalars.ts';
import { STRING_RUNTIME } from './strings.ts';
import { SUPER_RUNTIME } from './super.ts';
import { TERADATA_RUNTIME } from './teradata-numbers.ts';
import { ZONE_RUNTIME } from './zones.ts';

/** Everything that DuckDB calls back in JavaScript. */
export const RUNTIME_FUNCTIONS: readonly RuntimeFunction[] = [
  ...SUPER_RUNTIME,
  ...ARRAY_RUNTIME,
  ...JSON_RUNTIME,
  ...SCALAR_RUNTIME,
  ...STRING_RUNTIME,
  ...MURMUR_RUNTIME,
  ...REGEXP_RUNTIME,
  ...ZONE_RUNTIME,
  ...FORMAT_DATE_RUNTIME,
  ...FORMAT_NUMBER_RUNTIME,
  ...PARSE_NUMBER_RUNTIME,
  ...TERADATA_RUNTIME,
];
