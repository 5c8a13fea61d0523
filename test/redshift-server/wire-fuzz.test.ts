import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { serveWire, type WireServer } from '../../local/redshift/wire/server.ts';
import { fakeRedshift } from './fake-redshift.ts';

const patienceMilliseconds = 5_000;

describe('the wire under arbitrary bytes', () => {
  let server: WireServer;
  beforeAll(async () => {
    const redshift = fakeRedshift(() => ({ tag: 'OK', rowCount: 0 }));
    server = await serveWire(redshift, { port: 0, tls: 'off', maximumMessageBytes: 100_000 });
  });
  afterAll(() => server.close());

  it('ends or answers whatever a stranger sends, and serves the next client', async () => {
    const anything = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    const packet = anything.map((body) => sized(body, Buffer.alloc(0)));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(anything, packet), { maxLength: 4 }), async (pieces) => {
        await exchange(await dial(server.port), pieces);
      }),
      { numRuns: 150 },
    );
    (await logIn(server.port)).destroy();
  });

  it('ends or answers whatever a user sends', async () => {
    const type = fc.constantFrom(...'QPBDECHSXpdcf').map((letter) => Buffer.from(letter));
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('select 1\0', '\0select $1\0\0\0', '\0\0\0\0\0\0\0\0', 'S\0', 'P\0', '\0\0\0\0\0')
        .map((text) => Buffer.from(text)),
    );
    const message = fc.tuple(type, body).map(([letter, bytes]) => sized(bytes, letter));
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 12 }), async (messages) => {
        await exchange(await logIn(server.port), [...messages, sized(Buffer.alloc(0), Buffer.from('X'))]);
      }),
      { numRuns: 150 },
    );
  });
});

function sized(body: Buffer, type: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([type, length, body]);
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends everything, closes its side and expects the server to close its own. */
async function exchange(socket: Socket, pieces: readonly Buffer[]): Promise<void> {
  socket.on('error', () => undefined);
  socket.resume();
  for (const piece of pieces) socket.write(piece);
  socket.end();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('the server kept the connection')), patienceMilliseconds).unref();
  });
  await Promise.race([closed, late]);
}

/** A whole SCRAM login by hand, so that the fuzzing starts behind it. */
async function logIn(port: number): Promise<Socket> {
  const socket = await dial(port);
  const version = Buffer.from([0, 3, 0, 0]);
  socket.write(sized(Buffer.concat([version, Buffer.from('user\0admin\0database\0prod\0\0')]), Buffer.alloc(0)));
  await once(socket);
  const bare = 'n=,r=clientnonce';
  const initial = Buffer.from(`n,,${bare}`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(initial.length);
  socket.write(sized(Buffer.concat([Buffer.from('SCRAM-SHA-256\0'), length, initial]), Buffer.from('p')));
  const serverFirst = (await once(socket)).subarray(9).toString();
  socket.write(sized(Buffer.from(clientFinal(bare, serverFirst, 'correct horse')), Buffer.from('p')));
  const answer = await once(socket);
  if (answer[0] !== 'R'.charCodeAt(0)) throw new Error(`login failed: ${answer.toString()}`);
  return socket;
}

function clientFinal(bare: string, serverFirst: string, password: string): string {
  const [nonce, salt, iterations] = serverFirst.split(',').map((part) => part.slice(2)) as [string, string, string];
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
  const key = createHmac('sha256', salted).update('Client Key').digest();
  const withoutProof = `c=biws,r=${nonce}`;
  const stored = createHash('sha256').update(key).digest();
  const signature = createHmac('sha256', stored).update(`${bare},${serverFirst},${withoutProof}`).digest();
  const proof = Buffer.from(key.map((byte, index) => byte ^ (signature[index] as number)));
  return `${withoutProof},p=${proof.toString('base64')}`;
}

function once(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('close', () => reject(new Error('closed')));
  });
}
