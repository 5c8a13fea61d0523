import type { Cursor } from './cursor.ts';
import { parseExpression } from './expression.ts';
import type { Identifier, Step } from './syntax.ts';

/** `.name` and `[index]`, as many as follow. Stops before `.*`. */
export function parseSteps(cursor: Cursor): Step[] {
  const steps: Step[] = [];
  for (;;) {
    if (cursor.isSymbol('.') && !cursor.isSymbol('*', 1)) {
      cursor.next();
      steps.push({ kind: 'attribute', name: cursor.identifier() });
    } else if (cursor.acceptSymbol('[')) {
      const index = parseExpression(cursor);
      cursor.expectSymbol(']');
      steps.push({ kind: 'subscript', index });
    } else {
      return steps;
    }
  }
}

/** The steps as names, when they are nothing else: `a.b.c` is a table's or a function's name then. */
export function asNames(root: Identifier, steps: readonly Step[]): Identifier[] | undefined {
  const names = [root];
  for (const step of steps) {
    if (step.kind !== 'attribute') return undefined;
    names.push(step.name);
  }
  return names;
}
