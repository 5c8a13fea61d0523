import { quoteText } from '../rewriter/sql.ts';
import type { Call } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { type Bound, combine } from './bound.ts';
import { bindExpression, type ExpressionContext } from './expression.ts';
import { castToSuper } from './super.ts';
import { SUPER } from './types.ts';

/** `OBJECT_TRANSFORM(object KEEP '"a"."b"', … SET '"a"', value, …)`. */
export function bindObjectTransform(call: Call, context: ExpressionContext): Bound {
  const input = bindExpression(call.arguments[0] as Call['arguments'][number], context);
  if (input.type.kind !== 'super')
    throw new RedshiftError('42883', 'function object_transform requires a super argument');
  const keep = (call.keep ?? []).map((expression) => bindExpression(expression, context));
  const set = (call.set ?? []).map((expression) => bindExpression(expression, context));
  if (set.length % 2 !== 0) throw new RedshiftError('42601', 'OBJECT_TRANSFORM: SET takes pairs of a path and a value');
  const paths = [...keep, ...set.filter((_value, i) => i % 2 === 0)].map(pathText);
  const values = set.filter((_value, i) => i % 2 === 1).map(castToSuper);
  const shape = JSON.stringify({ keep: call.keep ? paths.slice(0, keep.length) : null, set: paths.slice(keep.length) });
  const sql = `mr_object_transform(${[quoteText(shape), input.sql, ...values.map((value) => value.sql)].join(', ')})`;
  return combine(sql, SUPER, [input, ...values], { name: 'object_transform' });
}

/** `"a"."b"` as the list of its names. */
function pathText(value: Bound): string[] {
  if (typeof value.literal !== 'string')
    throw new RedshiftError('42601', 'OBJECT_TRANSFORM: a path must be a quoted constant');
  const names = [...value.literal.matchAll(/"((?:[^"]|"")+)"/g)].map((match) =>
    (match[1] as string).replaceAll('""', '"'),
  );
  if (names.length === 0) throw new RedshiftError('22023', `OBJECT_TRANSFORM: invalid path ${value.literal}`);
  return names;
}
