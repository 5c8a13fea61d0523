import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { generate } from 'selfsigned';

interface CertificatePair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Where the wire's certificate comes from: made for this process, made once and kept in a folder, or given. `off`: there is no TLS. */
export type TlsOptions = 'self-signed' | 'off' | { readonly keptIn: string } | CertificatePair;

const lifetimeMilliseconds = 365 * 24 * 3600 * 1000;

export async function secureContextOf(tls: TlsOptions): Promise<SecureContext | undefined> {
  if (tls === 'off') return undefined;
  const { certificate, privateKey } = await pairOf(tls);
  return createSecureContext({ cert: certificate, key: privateKey });
}

function pairOf(tls: Exclude<TlsOptions, 'off'>): CertificatePair | Promise<CertificatePair> {
  if (tls === 'self-signed') return makePair();
  return 'keptIn' in tls ? keptPair(tls.keptIn) : tls;
}

/** The file that clients who ask for a known certificate are given: Redash does, once it is told `require`. */
export const certificateFile = (folder: string): string => join(folder, 'certificate.pem');

async function keptPair(folder: string): Promise<CertificatePair> {
  const files = { certificate: certificateFile(folder), privateKey: join(folder, 'certificate-key.pem') };
  if (!existsSync(files.certificate) || !existsSync(files.privateKey) || hasExpired(files.certificate)) {
    const made = await makePair();
    mkdirSync(folder, { recursive: true });
    writeFileSync(files.privateKey, made.privateKey, { mode: 0o600 });
    writeFileSync(files.certificate, made.certificate);
  }
  return { certificate: readFileSync(files.certificate, 'utf8'), privateKey: readFileSync(files.privateKey, 'utf8') };
}

function hasExpired(file: string): boolean {
  return Date.parse(new X509Certificate(readFileSync(file)).validTo) < Date.now();
}

async function makePair(): Promise<CertificatePair> {
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
  return { certificate: pair.cert, privateKey: pair.private };
}
