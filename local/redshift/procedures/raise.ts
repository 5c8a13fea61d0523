import { RedshiftError } from '../types.ts';
import { evaluate } from './execution.ts';
import type { Call } from './interpreter.ts';
import type { Step } from './syntax.ts';

/** RAISE tells the client, or fails. */
export async function raise(call: Call, step: Step & { kind: 'raise' }): Promise<void> {
  const values: string[] = [];
  for (const argument of step.arguments) values.push((await evaluate(call, call.variables, argument)).text ?? '<NULL>');
  const message = step.format.replace(/%%|%/g, (mark) => (mark === '%%' ? '%' : (values.shift() ?? '%')));
  if (step.level === 'exception') throw new RedshiftError('P0001', message);
  if (step.level === 'log') return;
  call.notices.push({ severity: step.level.toUpperCase() as 'INFO', message });
}
