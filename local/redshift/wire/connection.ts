import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { type Redshift, RedshiftError, type Session } from '../types.ts';
import { MessageSink } from './backend.ts';
import { isBlankStatement } from './blank-statement.ts';
import type { CancelRegistry } from './cancel-registry.ts';
import { ExtendedProtocol } from './extended.ts';
import { decodeFrontendMessage, type FrontendMessage } from './frontend.ts';
import { type Frame, MessageSource } from './message-source.ts';
import { errorForClient, RowWriter, writeError, writeResult } from './responses.ts';
import { authenticate, type Channel, negotiate } from './startup.ts';

export interface ConnectionOptions {
  readonly secureContext: SecureContext | undefined;
  readonly maximumMessageBytes: number;
  readonly authenticationMilliseconds: number;
}

/**
 * What Redshift tells a client at the start. It calls itself PostgreSQL 8.0.2, and clients decide by that. It says nothing of
 * standard_conforming_strings, so that libpq doubles the backslashes that Redshift's literals would eat.
 */
const serverParameters: Readonly<Record<string, string>> = {
  server_version: '8.0.2',
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
  integer_datetimes: 'on',
};

/** Serves one client from its first packet to its last. */
export async function serveConnection(
  socket: Socket,
  redshift: Redshift,
  cancels: CancelRegistry,
  options: ConnectionOptions,
): Promise<void> {
  const source = new MessageSource(socket, options.maximumMessageBytes);
  const channel: Channel = { source, sink: new MessageSink(socket), stream: socket };
  const timer = setTimeout(() => socket.destroy(), options.authenticationMilliseconds).unref();
  try {
    const session = await openSession(channel, redshift, cancels, options);
    clearTimeout(timer);
    if (session) await serveSession(socket, channel, session, cancels);
  } catch (error) {
    writeError(channel.sink, errorForClient(error), 'FATAL');
    await channel.sink.flush();
  } finally {
    clearTimeout(timer);
    channel.stream.end(() => socket.destroySoon());
  }
}

async function openSession(
  channel: Channel,
  redshift: Redshift,
  cancels: CancelRegistry,
  options: ConnectionOptions,
): Promise<Session | undefined> {
  const startup = await negotiate(channel, options.secureContext);
  if (startup.kind === 'cancel') cancels.cancel(startup.processId, startup.secret);
  if (startup.kind !== 'start') return undefined;
  const user = startup.parameters.get('user') ?? '';
  const database = startup.parameters.get('database') ?? user;
  if (!(await authenticate(channel, user, redshift.passwordOf(user)))) return undefined;
  if (!redshift.databases.includes(database)) {
    throw new RedshiftError('3D000', `database "${database}" does not exist`);
  }
  return redshift.session({ database, user, settings: startup.parameters });
}

async function serveSession(
  socket: Socket,
  channel: Channel,
  session: Session,
  cancels: CancelRegistry,
): Promise<void> {
  const conversation = new Conversation(channel, session);
  const leave = (): void => conversation.cancel();
  const key = cancels.register(leave);
  socket.once('close', leave);
  try {
    channel.sink.begin('R').int32(0).end();
    for (const [name, value] of Object.entries(parametersFor(session))) {
      channel.sink.begin('S').text(name).text(value).end();
    }
    channel.sink.begin('K').int32(key.processId).int32(key.secret).end();
    await conversation.run();
  } finally {
    socket.off('close', leave);
    cancels.forget(key.processId);
    await session.close();
  }
}

function parametersFor(session: Session): Record<string, string> {
  const superuser = session.superuser ? 'on' : 'off';
  return { ...serverParameters, session_authorization: session.user, is_superuser: superuser };
}

/** The messages of one session, in order. */
class Conversation {
  readonly #channel: Channel;
  readonly #session: Session;
  readonly #extended: ExtendedProtocol;
  #running = false;
  /** After an error in the extended protocol, everything up to Sync is skipped. */
  #skipping = false;

  constructor(channel: Channel, session: Session) {
    this.#channel = channel;
    this.#session = session;
    this.#extended = new ExtendedProtocol(session, channel.sink);
  }

  /** A cancel that comes too late hits nothing. */
  cancel(): void {
    if (this.#running) this.#session.cancel();
  }

  async run(): Promise<void> {
    await this.#ready();
    for (;;) {
      const frame = await this.#channel.source.next();
      if (!frame) return;
      const message = await this.#decode(frame);
      if (message?.kind === 'terminate') return;
      this.#running = true;
      try {
        if (message) await this.#handle(message);
      } finally {
        this.#running = false;
      }
      if (this.#channel.sink.full) await this.#channel.sink.flush();
    }
  }

  /** Text that is not UTF-8 costs the client its statement; a broken message costs it the connection. */
  async #decode(frame: Frame): Promise<FrontendMessage | undefined> {
    try {
      return decodeFrontendMessage(frame.type, frame.body);
    } catch (error) {
      const failure = errorForClient(error);
      if (failure.sqlState === '08P01') throw failure;
      writeError(this.#channel.sink, failure, 'ERROR');
      if (frame.type === 'Q'.charCodeAt(0)) await this.#ready();
      else this.#skipping = true;
      return undefined;
    }
  }

  async #handle(message: FrontendMessage): Promise<void> {
    switch (message.kind) {
      case 'query':
        return this.#query(message.text);
      case 'sync':
        this.#skipping = false;
        await this.#sync();
        return this.#ready();
      case 'flush':
        return this.#channel.sink.flush();
      case 'terminate':
        return;
      default:
        if (!this.#skipping) await this.#orSkip(() => this.#extended.handle(message));
    }
  }

  async #orSkip(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#skipping = true;
      writeError(this.#channel.sink, errorForClient(error), 'ERROR');
      await this.#channel.sink.flush();
    }
  }

  /** What was executed since the last Sync is one transaction; with it end its portals. */
  async #sync(): Promise<void> {
    try {
      await this.#session.sync();
    } catch (error) {
      writeError(this.#channel.sink, errorForClient(error), 'ERROR');
    }
    if (this.#session.transactionStatus === 'I') this.#extended.endTransaction();
  }

  async #query(text: string): Promise<void> {
    const { sink } = this.#channel;
    this.#extended.dropUnnamed();
    await this.#sync();
    try {
      if (isBlankStatement(text)) sink.begin('I').end();
      else await this.#session.execute(text, (result) => writeResult(sink, result), new RowWriter(sink));
    } catch (error) {
      writeError(sink, errorForClient(error), 'ERROR');
    }
    if (this.#session.transactionStatus === 'I') this.#extended.endTransaction();
    await this.#ready();
  }

  async #ready(): Promise<void> {
    const status = this.#session.transactionStatus;
    await this.#channel.sink.begin('Z').byte(status.charCodeAt(0)).end().flush();
  }
}
