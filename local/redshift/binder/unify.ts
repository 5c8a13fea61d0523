import { RedshiftError, type RedshiftType } from '../types.ts';
import type { Bound, StaticType } from './bound.ts';
import { cast } from './casts.ts';
import { sharedCollation } from './collation.ts';
import { commonType, isText, typeName, varchar } from './types.ts';

/** The type in which several values meet, and the values in it. `what` names the construct in the message. */
export function unify(values: readonly Bound[], what: string): { type: StaticType; values: Bound[] } {
  let type: StaticType = { kind: 'unknown' };
  for (const value of values) {
    const next: StaticType | undefined = commonType(type, value.type);
    if (!next)
      throw new RedshiftError('42804', `${what} types ${typeName(type)} and ${typeName(value.type)} cannot be matched`);
    type = next;
  }
  type = type.kind === 'unknown' ? commonLiteral(values) : widened(type, values);
  sharedCollation(values);
  return { type, values: values.map((value) => cast(value, type, 'implicit')) };
}

/** A quoted literal beside texts keeps all of its text: the type grows to its length. */
function widened(type: RedshiftType, values: readonly Bound[]): RedshiftType {
  if (!isText(type) || type.length === undefined) return type;
  const literals = values.map(({ literal }) => (typeof literal === 'string' ? Buffer.byteLength(literal) : 0));
  const longest = Math.max(...literals);
  return longest > type.length ? varchar(longest) : type;
}

function commonLiteral(values: readonly Bound[]): RedshiftType {
  const lengths = values.map((value) => (typeof value.literal === 'string' ? Buffer.byteLength(value.literal) : 1));
  return { kind: 'varchar', length: Math.max(1, ...lengths) };
}
