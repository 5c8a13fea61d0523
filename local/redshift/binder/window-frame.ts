import type { FrameBound } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { bindExpression, type ExpressionContext } from './expression.ts';

/** How far down a window a bound lies. */
const ORDER: Readonly<Record<FrameBound['kind'], number>> = {
  unboundedPreceding: 0,
  preceding: 1,
  currentRow: 2,
  following: 3,
  unboundedFollowing: 4,
};
const CURRENT_ROW: FrameBound = { kind: 'currentRow' };

/** The frame of a window in DuckDB. Without BETWEEN it reaches from its bound to the current row, or from there to its bound. */
export function frameSql(
  unit: string,
  first: FrameBound,
  last: FrameBound | undefined,
  context: ExpressionContext,
): string {
  if (unit !== 'rows') throw new RedshiftError('0A000', `${unit.toUpperCase()} frames are not supported, but ROWS`);
  const isAhead = last === undefined && ORDER[first.kind] > ORDER.currentRow;
  const [start, end] = isAhead ? [CURRENT_ROW, first] : [first, last ?? CURRENT_ROW];
  requireInOrder(start, end, context);
  return `ROWS BETWEEN ${boundSql(start, context)} AND ${boundSql(end, context)}`;
}

function boundSql(at: FrameBound, context: ExpressionContext): string {
  const offset = at.offset ? `${offsetSql(at, context)} ` : '';
  return {
    unboundedPreceding: 'UNBOUNDED PRECEDING',
    preceding: `${offset}PRECEDING`,
    currentRow: 'CURRENT ROW',
    following: `${offset}FOLLOWING`,
    unboundedFollowing: 'UNBOUNDED FOLLOWING',
  }[at.kind];
}

function offsetSql(at: FrameBound, context: ExpressionContext): string {
  const offset = at.offset && bindExpression(at.offset, context);
  if (!offset || offset.free !== undefined || /^\(- /.test(offset.sql))
    throw new RedshiftError('42P20', 'the offset of a frame must be a constant that is not negative');
  return offset.sql;
}

/** A frame ends where it begins, or further down. */
function requireInOrder(start: FrameBound, end: FrameBound, context: ExpressionContext): void {
  const distance = (at: FrameBound): number => Number(/\d+/.exec(offsetSql(at, context))?.[0] ?? 0);
  const isSame = start.kind === end.kind && start.offset !== undefined && end.offset !== undefined;
  const isTurned =
    isSame && (start.kind === 'preceding' ? distance(start) < distance(end) : distance(start) > distance(end));
  const isImpossible = start.kind === 'unboundedFollowing' || end.kind === 'unboundedPreceding';
  if (ORDER[start.kind] <= ORDER[end.kind] && !isTurned && !isImpossible) return;
  throw new RedshiftError('42P20', 'a frame must not begin behind its end');
}
