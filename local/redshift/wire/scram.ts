import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { protocolViolation } from './frontend.ts';

const iterations = 4096;
const deriveKey = promisify(pbkdf2);

/** The one mechanism on offer; channel binding would need the certificate's hash and buys nothing on a laptop. */
export const scramMechanism = 'SCRAM-SHA-256';

export interface ScramExchange {
  /** What the server says first. */
  readonly serverFirst: string;
  /** Checks the client's proof: the server's own proof, or undefined where the password is wrong. */
  verify(clientFinal: string): string | undefined;
}

/**
 * Begins an exchange (RFC 5802, 7677). A user that does not exist gets an exchange too, one that no password can
 * end well, so that the wire does not tell which users there are.
 */
export async function beginScram(clientFirst: string, password: string | undefined): Promise<ScramExchange> {
  const match = /^([ny]|p=[^,]*),([^,]*),(.*,r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/s.exec(clientFirst);
  if (!match || match[1]?.startsWith('p')) throw protocolViolation('malformed SCRAM message');
  const clientFirstBare = match[3] ?? '';
  const nonce = `${match[4]}${randomBytes(18).toString('base64')}`;
  const salt = randomBytes(16);
  const secret = (password ?? randomBytes(32).toString('hex')).normalize('NFKC');
  const saltedPassword = await deriveKey(secret, salt, iterations, 32, 'sha256');
  const serverFirst = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`;
  const header = `${match[1]},${match[2]},`;
  return {
    serverFirst,
    verify: (clientFinal) => verifyProof({ clientFirstBare, serverFirst, clientFinal, nonce, header, saltedPassword }),
  };
}

interface Proof {
  readonly clientFirstBare: string;
  readonly serverFirst: string;
  readonly clientFinal: string;
  readonly nonce: string;
  readonly header: string;
  readonly saltedPassword: Buffer;
}

function verifyProof(exchange: Proof): string | undefined {
  const match = /^(c=([^,]+),r=([^,]+)),p=([^,]+)$/.exec(exchange.clientFinal);
  if (!match) throw protocolViolation('malformed SCRAM message');
  const bindsHeader = Buffer.from(match[2] ?? '', 'base64').toString() === exchange.header;
  if (!bindsHeader || match[3] !== exchange.nonce) throw protocolViolation('malformed SCRAM message');
  const authMessage = `${exchange.clientFirstBare},${exchange.serverFirst},${match[1]}`;
  const clientKey = hmac(exchange.saltedPassword, 'Client Key');
  const storedKey = createHash('sha256').update(clientKey).digest();
  const signature = hmac(storedKey, authMessage);
  const proof = Buffer.from(match[4] ?? '', 'base64');
  if (proof.length !== clientKey.length) return undefined;
  const expected = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
  if (!timingSafeEqual(proof, expected)) return undefined;
  return `v=${hmac(hmac(exchange.saltedPassword, 'Server Key'), authMessage).toString('base64')}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
