import { RedshiftError } from '../types.ts';
import type { CopyAuthorization } from './copy.ts';
import type { Cursor } from './cursor.ts';
import type { Token } from './tokens.ts';

const KEY_CLAUSES = ['access_key_id', 'secret_access_key', 'session_token'] as const;
type KeyClause = (typeof KEY_CLAUSES)[number];

/** Who a COPY or UNLOAD is to be: IAM_ROLE, CREDENTIALS, or keys; one of the three. */
export class AuthorizationClauses {
  readonly #keys = new Map<KeyClause, string>();
  #whole?: CopyAuthorization;
  #rootKey?: string;

  /** Takes one clause, if the next one is about authorization. */
  accept(cursor: Cursor): boolean {
    const token = cursor.peek();
    if (cursor.acceptWords('iam_role')) this.#set(readRole(cursor), token);
    else if (cursor.acceptWords('with', 'credentials') || cursor.acceptWords('credentials')) {
      cursor.acceptWords('as');
      this.#readCredentials(cursor.expectString(), token);
    } else {
      const clause = cursor.acceptOneOf(...KEY_CLAUSES) as KeyClause | undefined;
      if (clause === undefined) return false;
      cursor.acceptWords('as');
      if (this.#whole || this.#keys.has(clause)) throw redundant(token);
      this.#keys.set(clause, cursor.expectString());
    }
    return true;
  }

  /** `rootKey` is the `master_symmetric_key` of a CREDENTIALS text. */
  result(): { readonly authorization: CopyAuthorization; readonly rootKey?: string } {
    if (this.#keys.size === 0) return { authorization: this.#whole ?? { kind: 'none' }, rootKey: this.#rootKey };
    const accessKeyId = this.#keys.get('access_key_id');
    const secretAccessKey = this.#keys.get('secret_access_key');
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw new RedshiftError('42601', 'ACCESS_KEY_ID and SECRET_ACCESS_KEY must be specified together');
    }
    const sessionToken = this.#keys.get('session_token');
    return { authorization: { kind: 'keys', accessKeyId, secretAccessKey, sessionToken } };
  }

  #set(authorization: CopyAuthorization, token: Token): void {
    if (this.#whole || this.#keys.size > 0) throw redundant(token);
    this.#whole = authorization;
  }

  #readCredentials(text: string, token: Token): void {
    const parts = new Map<string, string>();
    for (const part of text.split(';').filter((piece) => piece !== '')) {
      const [, name, value] = /^([a-z_]+)=(\S+)$/.exec(part) ?? [];
      if (name === undefined || value === undefined || parts.has(name)) throw invalidCredentials();
      parts.set(name, value);
    }
    const roleArn = parts.get('aws_iam_role');
    const accessKeyId = parts.get('aws_access_key_id');
    const secretAccessKey = parts.get('aws_secret_access_key');
    const sessionToken = parts.get('token');
    this.#rootKey = parts.get('master_symmetric_key');
    if (roleArn !== undefined) this.#set({ kind: 'role', roleArn }, token);
    else if (accessKeyId === undefined || secretAccessKey === undefined) throw invalidCredentials();
    else this.#set({ kind: 'keys', accessKeyId, secretAccessKey, sessionToken }, token);
  }
}

function readRole(cursor: Cursor): CopyAuthorization {
  if (cursor.acceptWords('default')) return { kind: 'defaultRole' };
  const roleArn = cursor.expectString();
  return roleArn === 'default' ? { kind: 'defaultRole' } : { kind: 'role', roleArn };
}

/** An option that is said twice. */
export function redundant(token: Token): RedshiftError {
  return new RedshiftError('42601', 'conflicting or redundant options', { position: token.start + 1 });
}

function invalidCredentials(): RedshiftError {
  const format =
    "'aws_access_key_id=<access-key-id>;aws_secret_access_key=<secret-access-key>[;token=<temporary-session-token>]'";
  return new RedshiftError('XX000', `Invalid credentials. Must be of the format: credentials ${format}`);
}
