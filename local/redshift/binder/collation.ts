import { RedshiftError } from '../types.ts';
import type { StaticType } from './bound.ts';

/** A text with what is known of its case: a column says true or false, a literal takes what is beside it. */
interface Collated {
  readonly type: StaticType;
  readonly caseInsensitive?: boolean;
}

/** How texts that meet compare: without case, with it, or unknown. Columns of both kinds do not meet. */
export function sharedCollation(values: readonly (Collated | undefined)[]): boolean | undefined {
  let shared: boolean | undefined;
  for (const value of values) {
    if (value?.caseInsensitive === undefined || !(value.type.kind === 'varchar' || value.type.kind === 'char'))
      continue;
    if (shared !== undefined && shared !== value.caseInsensitive)
      throw new RedshiftError('0A000', 'Query with different collations is not supported yet.');
    shared = value.caseInsensitive;
  }
  return shared;
}
