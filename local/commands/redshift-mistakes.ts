import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { MillraceError } from '../../lib/pipeline/error.ts';
import type { RedshiftCommandOptions } from './redshift.ts';

/** Refuses options that cannot be meant, before anything is opened. */
export function requireSense({ database, user, s3Endpoint }: RedshiftCommandOptions): void {
  if (database === '' || /[/\\\0]/.test(database)) {
    throw new MillraceError(
      'BAD_OPTION',
      `--database ${JSON.stringify(database)}: a name, without / and \\, as of a file`,
    );
  }
  if (user === '') throw new MillraceError('BAD_OPTION', '--user: the administrator needs a name');
  if (s3Endpoint !== undefined && !URL.canParse(s3Endpoint)) {
    throw new MillraceError('BAD_OPTION', `--s3-endpoint ${s3Endpoint}: an address such as http://127.0.0.1:9000`);
  }
}

/** Makes the folder with those above it, one at a time (all at once, Node never ends in /proc), and proves that it can be written. */
export function prepareFolder(folder: string): void {
  const missing: string[] = [];
  for (let above = folder; !existsSync(above); above = path.dirname(above)) missing.unshift(above);
  try {
    for (const one of missing) mkdirSync(one);
    accessSync(`${folder}/.`, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new MillraceError(
      'FOLDER_UNUSABLE',
      `--directory ${folder} cannot be used (${code}): name a folder that you may write, or none to keep all in memory`,
      { cause: error },
    );
  }
}

/** What a user can mend, said with its mend. */
export function explained(error: unknown, options: RedshiftCommandOptions): unknown {
  const { code = '', port, message = '' } = error as { code?: string; port?: number; message?: string };
  if (code === 'EADDRINUSE' || (code === 'EACCES' && port !== undefined)) return badPort(error, code, port, options);
  if (['ENOTFOUND', 'EADDRNOTAVAIL', 'EAI_AGAIN', 'EINVAL'].includes(code)) {
    const text = `cannot listen on ${options.host} (${code}): name an address of this machine with --host`;
    return new MillraceError('BAD_HOST', text, { cause: error });
  }
  return options.directory === undefined ? error : badFile(error, message, path.resolve(options.directory));
}

function badPort(
  error: unknown,
  code: string,
  port: number | undefined,
  options: RedshiftCommandOptions,
): MillraceError {
  const option = port === options.port ? '--port' : '--data-api-port';
  const [name, why] = code === 'EADDRINUSE' ? ['PORT_TAKEN', 'is taken'] : ['PORT_REFUSED', 'may not be opened by you'];
  const text = `port ${port} ${why}: name another with ${option}, or ${option} 0 for any that is free`;
  return new MillraceError(name as string, text, { cause: error });
}

function badFile(error: unknown, message: string, folder: string): unknown {
  if (/could not set lock/i.test(message)) {
    const text = `${folder} is in use: end who uses it, or name another --directory`;
    return new MillraceError('ALREADY_RUNNING', text, { cause: error });
  }
  const file = /"([^"]+\.duckdb(?:\.wal)?)"/.exec(message)?.[1] ?? folder;
  if (/not a valid DuckDB database|corrupt|checksum|Serialization Error|storage version|WAL/i.test(message)) {
    const text = `${file} cannot be read as a database of this box: put a good copy back, or move it away to begin anew`;
    return new MillraceError('DATABASE_UNREADABLE', `${text} (${message.split('\n')[0]})`, { cause: error });
  }
  if (/IO Error|permission denied/i.test(message)) {
    const text = `${file} cannot be opened: see that you may read and write it, and that the disk has room`;
    return new MillraceError('DATABASE_UNREADABLE', `${text} (${message.split('\n')[0]})`, { cause: error });
  }
  return error;
}
