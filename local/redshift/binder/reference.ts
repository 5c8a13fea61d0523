import type { Reference, Step } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { type Bound, combine } from './bound.ts';
import { elementAt, isCatalogArray } from './catalog-arrays.ts';
import { bindExpression, type ExpressionContext } from './expression.ts';
import {
  type FoundColumn,
  findColumn,
  findSource,
  fold,
  foldAttribute,
  noColumn,
  noteCorrelation,
  type ScopeColumn,
} from './scope.ts';
import { navigate } from './super.ts';

/** Tells tables, columns and steps into SUPER apart, and takes the steps. */
export function bindReference(reference: Reference, position: number, context: ExpressionContext): Bound {
  const { settings } = context.environment;
  const root = fold(reference.root, settings);
  const qualified = findQualified(reference, context);
  if (qualified)
    return navigateSteps(
      columnBound(qualified.found, qualified.found.source?.name),
      reference.steps.slice(qualified.used),
      context,
    );
  const found = findColumn(context.scope, root, position);
  if (found) return navigateSteps(columnBound(found, undefined), reference.steps, context);
  const alias = context.aliases?.get(root);
  if (alias) return navigateSteps(alias, reference.steps, context);
  throw missing(reference, root, position, context);
}

function missing(reference: Reference, root: string, position: number, context: ExpressionContext): RedshiftError {
  const step = reference.steps[0];
  if (step?.kind === 'attribute') {
    const name = fold(step.name, context.environment.settings);
    const source = findSource(context.scope, [root])?.source;
    if (source)
      return new RedshiftError('42703', `column "${name}" does not exist in ${root}`, {
        position: step.name.position + 1,
      });
    return new RedshiftError('42P01', `missing FROM-clause entry for table "${root}"`, { position: position + 1 });
  }
  return noColumn(root, context.scope, position);
}

/** `table.column`, `schema.table.column`, `database.schema.table.column`, or the element of an unnested array by its alias. */
function findQualified(
  reference: Reference,
  context: ExpressionContext,
): { found: FoundColumn; used: number } | undefined {
  const { settings } = context.environment;
  const names = [fold(reference.root, settings)];
  for (let used = 0; used < 4; used += 1) {
    const match = findSource(context.scope, names);
    const step = reference.steps[used];
    if (match?.source.element && names.length === 1) {
      noteCorrelation(match.scope, match.level, match.source);
      return { found: { column: match.source.element, source: match.source, level: match.level }, used: 0 };
    }
    if (step?.kind !== 'attribute') return undefined;
    const name = fold(step.name, settings);
    const column = match?.source.columns.find((candidate) => candidate.name === name);
    if (match && column) noteCorrelation(match.scope, match.level, match.source);
    if (match && column) return { found: { column, source: match.source, level: match.level }, used: used + 1 };
    names.push(name);
  }
  return undefined;
}

export function columnBound(found: Pick<FoundColumn, 'column' | 'level'>, sourceName: string | undefined): Bound {
  const { column, level } = found;
  const relation = (column as { readonly denied?: string }).denied;
  if (relation !== undefined) throw new RedshiftError('42501', `permission denied for relation ${relation}`);
  const shown = sourceName === undefined ? column.name : `${sourceName}.${column.name}`;
  return combine(column.sql, column.type, [], {
    name: column.name,
    free: level === 0 ? shown : undefined,
    caseInsensitive: column.caseInsensitive,
    trimmed: column.trimmed,
    path: column.path,
  });
}

export const plainColumn = (column: ScopeColumn): Bound => columnBound({ column, level: 0 }, undefined);

/** Takes attribute and subscript steps into SUPER. */
export function navigateSteps(base: Bound, steps: readonly Step[], context: ExpressionContext): Bound {
  let at = base;
  for (const step of steps) {
    if (step.kind === 'attribute') {
      const attribute = foldAttribute(step.name, context.environment.settings);
      at = { ...navigate(at, { attribute }), name: fold(step.name, context.environment.settings) };
    } else {
      const index = bindExpression(step.index, context);
      if (isCatalogArray(at.type)) {
        at = elementAt(at, index);
        continue;
      }
      at = {
        ...navigate(
          at,
          index.literal !== undefined && index.literal !== null ? { attribute: index.literal } : { index },
        ),
        name: at.name,
      };
    }
    const key = context.groupKeys?.get(at.sql);
    if (key !== undefined) at = { ...at, free: undefined };
  }
  return at;
}
