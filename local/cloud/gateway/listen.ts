import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { MillraceError } from '../../../lib/pipeline/error.ts';

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

/** What an HTTP/2 client with prior knowledge sends first (RFC 9113, 3.4); no HTTP/1.1 request begins like that. */
const http2Preface = 'PRI * HTTP/2.0';

/**
 * Listens for HTTP/1.1 and HTTP/2 without TLS on one port of the loopback: the SDK's Kinesis client speaks HTTP/2 only,
 * with prior knowledge where the endpoint is http://. The first bytes of a connection say which it is.
 */
export async function listen(port: number, listener: RequestListener): Promise<Listening> {
  const http1 = createHttp1Server({ keepAliveTimeout: 60_000 }, listener);
  // Node's compatibility API: HTTP/2 requests and responses have the methods of HTTP/1.1's that are used here.
  const http2 = createHttp2Server({}, listener as unknown as Parameters<typeof createHttp2Server>[1]);
  http2.on('sessionError', () => {});
  const sockets = new Set<Socket>();
  const tcp = createTcpServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    handOver(socket, (first) => (first.startsWith(http2Preface) ? http2 : http1));
  });
  const bound = await bind(tcp, port);
  return {
    port: bound,
    close: () =>
      new Promise((resolve) => {
        tcp.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Reads a connection's first bytes, puts them back and gives the connection to the server that understands them. */
function handOver(socket: Socket, choose: (first: string) => { emit(event: 'connection', socket: Socket): boolean }) {
  let seen = Buffer.alloc(0);
  const read = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    seen = Buffer.concat([seen, chunk]);
    const undecided = seen.length < http2Preface.length && http2Preface.startsWith(seen.toString('latin1'));
    if (undecided) return;
    socket.removeListener('readable', read);
    socket.unshift(seen);
    choose(seen.toString('latin1', 0, http2Preface.length)).emit('connection', socket);
  };
  socket.on('readable', read);
}

function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      const message = `port ${port} on 127.0.0.1 is taken, so the local AWS endpoint cannot listen there: choose another with --port, or end what uses it`;
      reject(new MillraceError('PORT_TAKEN', message, { cause: error }));
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
