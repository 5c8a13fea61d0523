import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import { RedshiftError } from '../types.ts';
import type { MessageSink } from './backend.ts';
import { FieldReader, protocolViolation } from './frontend.ts';
import type { MessageSource } from './message-source.ts';
import { beginScram, scramMechanism } from './scram.ts';

const cancelCode = 80_877_102;
const sslCode = 80_877_103;
const gssCode = 80_877_104;
const protocolMajor = 3;
const startupPacketBytes = 10_000;
const authenticationBytes = 10_000;

export type StartupOutcome =
  | { readonly kind: 'gone' }
  | { readonly kind: 'cancel'; readonly processId: number; readonly secret: number }
  | { readonly kind: 'start'; readonly parameters: ReadonlyMap<string, string> };

export interface Channel {
  readonly source: MessageSource;
  readonly sink: MessageSink;
  /** The socket, or TLS over it once that is agreed. */
  stream: Duplex;
}

/** Reads startup packets until one starts a session or cancels a query; agrees on TLS on the way. */
export async function negotiate(channel: Channel, secureContext: SecureContext | undefined): Promise<StartupOutcome> {
  let encrypted = false;
  for (;;) {
    const packet = await channel.source.nextStartup(startupPacketBytes);
    if (!packet) return { kind: 'gone' };
    const reader = new FieldReader(packet);
    const code = reader.int32();
    if (code === cancelCode) return { kind: 'cancel', processId: reader.int32(), secret: reader.int32() };
    if (code === sslCode && secureContext && !encrypted) {
      await upgrade(channel, secureContext);
      encrypted = true;
    } else if (code === sslCode || code === gssCode) {
      await channel.sink.byte('N'.charCodeAt(0)).flush();
    } else {
      return { kind: 'start', parameters: startupParameters(code, reader) };
    }
  }
}

async function upgrade(channel: Channel, secureContext: SecureContext): Promise<void> {
  channel.source.detach();
  await channel.sink.byte('S'.charCodeAt(0)).flush();
  const secure = new TLSSocket(channel.stream as Socket, { isServer: true, secureContext });
  channel.stream = secure;
  channel.sink.attach(secure);
  channel.source.attach(secure);
}

function startupParameters(code: number, reader: FieldReader): Map<string, string> {
  if (code >> 16 !== protocolMajor) {
    throw new RedshiftError('0A000', `unsupported frontend protocol ${code >>> 16}.${code & 0xffff}`);
  }
  const parameters = new Map<string, string>();
  for (let name = reader.text(); name !== ''; name = reader.text()) parameters.set(name, reader.text());
  if (!parameters.get('user')) throw new RedshiftError('28000', 'no Redshift user name specified in startup packet');
  return parameters;
}

/** Proves the client's password by SCRAM-SHA-256. Resolves false when the client leaves instead of answering. */
export async function authenticate(channel: Channel, user: string, password: string | undefined): Promise<boolean> {
  const { source, sink } = channel;
  await sink.begin('R').int32(10).text(scramMechanism).byte(0).end().flush();
  const first = await nextSaslMessage(source);
  if (!first) return false;
  const reader = new FieldReader(first);
  if (reader.text() !== scramMechanism)
    throw protocolViolation('client selected an invalid SASL authentication mechanism');
  reader.int32();
  const exchange = await beginScram(reader.rest().toString(), password);
  await sink.begin('R').int32(11).bytes(Buffer.from(exchange.serverFirst)).end().flush();
  const final = await nextSaslMessage(source);
  if (!final) return false;
  const serverFinal = exchange.verify(final.toString());
  if (password === undefined || serverFinal === undefined) {
    throw new RedshiftError('28000', `password authentication failed for user "${user}"`);
  }
  sink.begin('R').int32(12).bytes(Buffer.from(serverFinal)).end();
  return true;
}

async function nextSaslMessage(source: MessageSource): Promise<Buffer | undefined> {
  const frame = await source.next(authenticationBytes);
  if (frame && frame.type !== 'p'.charCodeAt(0)) throw protocolViolation('expected SASL response');
  return frame?.body;
}
