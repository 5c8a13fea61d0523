import { isLogged } from '../catalog/views/procedure-messages.ts';
import { RedshiftError } from '../types.ts';
import { evaluate } from './execution.ts';
import type { Call } from './interpreter.ts';
import type { Step } from './syntax.ts';

/** RAISE tells the client, or fails. */
export async function raise(call: Call, step: Step & { kind: 'raise' }): Promise<void> {
  const values: string[] = [];
  for (const argument of step.arguments) values.push((await evaluate(call, call.variables, argument)).text ?? '<NULL>');
  const message = step.format.replace(/%%|%/g, (mark) => (mark === '%%' ? '%' : (values.shift() ?? '%')));
  note(call, step.level.toUpperCase(), message);
  if (step.level === 'exception') throw new RedshiftError('P0001', message);
  if (step.level === 'log') return;
  call.notices.push({ severity: step.level.toUpperCase() as 'INFO', message });
}

/** Keeps the message for those who ask later, from the level on that the session logs. */
function note({ workspace }: Call, level: string, message: string): void {
  const { cluster, user, sessionId, queryId, settings } = workspace;
  if (!isLogged(level, settings.get('stored_proc_log_min_messages') ?? 'LOG')) return;
  const text = cluster.sessions.get(sessionId)?.activity?.statement?.text ?? '';
  cluster.procedureMessages.note({ user, processId: sessionId, queryId, level, message, text });
}
