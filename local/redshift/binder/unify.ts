import { RedshiftError, type RedshiftType } from '../types.ts';
import type { Bound, StaticType } from './bound.ts';
import { cast } from './casts.ts';
import { sharedCollation } from './collation.ts';
import { commonType, typeName } from './types.ts';

/** The type in which several values meet, and the values in it. `what` names the construct in the message. */
export function unify(values: readonly Bound[], what: string): { type: StaticType; values: Bound[] } {
  let type: StaticType = { kind: 'unknown' };
  for (const value of values) {
    const next: StaticType | undefined = commonType(type, value.type);
    if (!next)
      throw new RedshiftError('42804', `${what} types ${typeName(type)} and ${typeName(value.type)} cannot be matched`);
    type = next;
  }
  if (type.kind === 'unknown') type = commonLiteral(values);
  sharedCollation(values);
  return { type, values: values.map((value) => cast(value, type, 'implicit')) };
}

function commonLiteral(values: readonly Bound[]): RedshiftType {
  const lengths = values.map((value) => (typeof value.literal === 'string' ? Buffer.byteLength(value.literal) : 1));
  return { kind: 'varchar', length: Math.max(1, ...lengths) };
}
