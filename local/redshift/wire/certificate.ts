import { createSecureContext, type SecureContext } from 'node:tls';
import { generate } from 'selfsigned';

/** Where the wire's certificate comes from: `off` answers that there is no TLS. */
export type TlsOptions = 'self-signed' | 'off' | { readonly certificate: string; readonly privateKey: string };

const lifetimeMilliseconds = 365 * 24 * 3600 * 1000;

/** A certificate for this process alone: `sslmode=require` encrypts and asks nobody, which is what it is for. */
export async function secureContextOf(tls: TlsOptions): Promise<SecureContext | undefined> {
  if (tls === 'off') return undefined;
  if (tls !== 'self-signed') return createSecureContext({ cert: tls.certificate, key: tls.privateKey });
  const pair = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + lifetimeMilliseconds),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return createSecureContext({ cert: pair.cert, key: pair.private });
}
