import { MillraceError } from '../../lib/pipeline/error.ts';

/** What a user reads when a command fails: the message of a known failure, the stack of a bug. */
export function explain(error: unknown): string {
  if (error instanceof MillraceError) return `millrace: ${error.message.replace(/\n|$/, ` [${error.code}]$&`)}`;
  if (error instanceof Error && isExpected(error)) return `millrace: ${error.message}`;
  return `millrace: this is a bug, please report it\n${error instanceof Error ? error.stack : String(error)}`;
}

/** Failures that other libraries raise for reasons a user can mend: SQL errors, refused connections, missing files. */
function isExpected(error: Error): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' || error.name === 'RedshiftError' || '$metadata' in error;
}
