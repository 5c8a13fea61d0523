import { fold, type Settings } from '../binder/scope.ts';
import type { Expression, SelectItem, Step } from '../statements/syntax.ts';
import { lower } from '../statements/tokens.ts';

/** Functions that are other expressions, and are called so. */
const WRITTEN_OUT: Readonly<Record<string, string>> = { nvl: 'coalesce', decode: 'case' };

/** What a select item is called: its alias, or the name that its expression gives it, by the binder's rules. */
export const columnName = (item: SelectItem, settings: Settings): string =>
  item.alias ? fold(item.alias, settings) : nameOf(item.expression, settings);

function nameOf(expression: Expression, settings: Settings): string {
  switch (expression.kind) {
    case 'reference':
      return lastStep(expression.steps, settings) ?? fold(expression.root, settings);
    case 'navigate':
      return lastStep(expression.steps, settings) ?? nameOf(expression.base, settings);
    case 'cast':
      return nameOf(expression.operand, settings);
    case 'call': {
      const name = lower(fold(expression.name.at(-1) as (typeof expression.name)[number], settings));
      return WRITTEN_OUT[name] ?? name;
    }
    case 'case':
    case 'exists':
      return expression.kind;
    case 'subquery':
      return expression.query.body.kind === 'select' && expression.query.body.items[0]
        ? columnName(expression.query.body.items[0], settings)
        : '?column?';
    default:
      return '?column?';
  }
}

/** The last attribute's name; subscripts have none. */
function lastStep(steps: readonly Step[], settings: Settings): string | undefined {
  const last = steps.findLast((step) => step.kind === 'attribute');
  return last && fold(last.name, settings);
}
