import { MillraceError } from '../../lib/pipeline/error.ts';
import type { ConsoleStatus } from '../console/console.ts';
import { requireRunning } from '../running.ts';
import { summaryText } from '../summary/print.ts';

/** `millrace status`: asks the running instance, which counts anew. */
export async function status(options: { json?: boolean; stateDirectory: string }): Promise<void> {
  const { endpoint } = requireRunning(options.stateDirectory);
  const response = await fetch(`${endpoint}/console/status`);
  if (!response.ok) {
    throw new MillraceError('NO_STATUS', `${endpoint} answered ${response.status}: ${await response.text()}`);
  }
  const { summary, connect } = (await response.json()) as ConsoleStatus;
  if (options.json) {
    process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    return;
  }
  const lines = Object.entries(connect).map(([title, text]) => `  ${title.padEnd(14)} ${text}`);
  process.stdout.write(`${summaryText(summary)}\n\n${lines.join('\n')}\n`);
}
