import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Redshift } from '../types.ts';
import { CancelRegistry } from './cancel-registry.ts';
import { secureContextOf, type TlsOptions } from './certificate.ts';
import { serveConnection } from './connection.ts';

export interface WireOptions {
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port?: number;
  readonly tls?: TlsOptions;
  /** Redshift takes statements of 16 MB; a message holds one, and its parameters. */
  readonly maximumMessageBytes?: number;
  readonly authenticationMilliseconds?: number;
}

export interface WireServer {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Serves a Redshift over the Postgres protocol, version 3. Rejects with the system's error when the port is taken. */
export async function serveWire(redshift: Redshift, options: WireOptions = {}): Promise<WireServer> {
  const host = options.host ?? '127.0.0.1';
  const connectionOptions = {
    secureContext: await secureContextOf(options.tls ?? 'self-signed'),
    maximumMessageBytes: options.maximumMessageBytes ?? 32 * 1024 * 1024,
    authenticationMilliseconds: options.authenticationMilliseconds ?? 60_000,
  };
  const cancels = new CancelRegistry();
  const sockets = new Map<Socket, Promise<void>>();
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    const served = serveConnection(socket, redshift, cancels, connectionOptions);
    sockets.set(socket, served);
    void served.catch(() => socket.destroy()).finally(() => sockets.delete(socket));
  });
  const port = await listen(server, host, options.port ?? 5439);
  return { host, port, close: () => close(server, sockets) };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function close(server: Server, sockets: ReadonlyMap<Socket, Promise<void>>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const served = [...sockets.values()];
  for (const socket of sockets.keys()) socket.destroy();
  await Promise.allSettled(served);
  await closed;
}
