import type { UserOptions } from '../statements/statement.ts';
import { RedshiftError } from '../types.ts';
import type { User } from './cluster.ts';

type Facts = Partial<Pick<User, 'password' | 'superuser' | 'createDatabase' | 'validUntil' | 'connectionLimit'>>;

/** What a statement says of a user, and nothing else. */
export function userFacts(options: UserOptions): Facts {
  const { password, superuser, createDatabase, validUntil, connectionLimit } = options;
  return {
    ...(password === undefined ? {} : { password: keptPassword(password) }),
    ...(superuser === undefined ? {} : { superuser }),
    ...(createDatabase === undefined ? {} : { createDatabase }),
    ...(validUntil === undefined ? {} : { validUntil: requireTime(validUntil) }),
    ...(connectionLimit === undefined ? {} : { connectionLimit: connectionLimit ?? undefined }),
  };
}

/** `sha256|text` says how Redshift keeps a clear text. */
function keptPassword(password: string | null): string | null {
  const clear = /^sha256\|([^|]*)$/.exec(password ?? '');
  return clear ? (clear[1] as string) : password;
}

/** A digest of a password that nobody told: whoever comes with the password cannot be checked against it here. */
export const isDigest = (password: string): boolean =>
  /^md5[0-9a-f]{32}$/i.test(password) || /^sha256\|.*\|/.test(password);

function requireTime(text: string): string {
  if (text.toLowerCase() === 'infinity' || !Number.isNaN(Date.parse(text))) return text;
  throw new RedshiftError('22007', `invalid input syntax for type abstime: "${text}"`);
}

export function isExpired({ validUntil }: Pick<User, 'validUntil'>, nowMilliseconds: number): boolean {
  if (validUntil === undefined || validUntil.toLowerCase() === 'infinity') return false;
  const isZoned = /(z|[+-]\d{2}(:?\d{2})?)$/i.test(validUntil) && /:/.test(validUntil);
  return Date.parse(isZoned ? validUntil : `${validUntil} UTC`) <= nowMilliseconds;
}
