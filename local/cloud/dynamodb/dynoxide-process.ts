import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { MillraceError } from '../../../lib/pipeline/error.ts';
import { indexStreamRecords } from './stream-index.ts';

/**
 * Runs the program and ends it when stdin ends, which happens even when the parent is killed with -9.
 * It lets go of stdout, so that the end of stdout says that the program itself has ended.
 */
const watched = '"$@" 2>/dev/null & child=$!; exec >&-; cat >/dev/null; kill "$child"';
const startDeadlineMilliseconds = 10_000;

/** A dynoxide (a DynamoDB with Streams over SQLite) in a process of its own, started again should it die. */
export class DynoxideProcess {
  readonly #file: string;
  readonly #onRestart: (message: string) => void;
  #child?: ChildProcess;
  #ready: Promise<number>;
  #closing = false;

  constructor(directory: string, onRestart: (message: string) => void) {
    fs.mkdirSync(directory, { recursive: true });
    this.#file = path.join(directory, 'dynamodb.sqlite');
    this.#onRestart = onRestart;
    this.#ready = this.#launch();
    this.#ready.catch(() => {});
  }

  /** The port it answers on; waits while it is (re)starting. */
  port(): Promise<number> {
    return this.#ready;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#ready.catch(() => {});
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin?.end();
    await ended;
  }

  async #launch(): Promise<number> {
    const program = findDynoxide();
    const port = await freePort();
    const options = ['serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', this.#file];
    const child = spawn('/bin/sh', ['-c', watched, 'sh', program, ...options], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child = child;
    let ended = false;
    child.stdout?.resume().once('end', () => {
      ended = true;
      this.#restart(child);
    });
    child.stdin?.on('error', () => {});
    await answers(port, this.#file, () => ended);
    indexStreamRecords(this.#file);
    return port;
  }

  #restart(child: ChildProcess): void {
    child.stdin?.end();
    if (this.#closing || this.#child !== child) return;
    this.#onRestart('dynoxide ended by itself and is started again; its tables are on disk');
    const again = this.#launch();
    again.catch(() => {});
    this.#ready = again;
  }
}

/** MILLRACE_DYNOXIDE, then the npm package for this platform, then the PATH. */
export function findDynoxide(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment.MILLRACE_DYNOXIDE;
  if (named) {
    if (fs.existsSync(named)) return named;
    throw missing(`MILLRACE_DYNOXIDE names ${named}, which does not exist`);
  }
  const packaged = packagedDynoxide();
  if (packaged) return packaged;
  const folders = (environment.PATH ?? '').split(path.delimiter);
  const found = folders.map((folder) => path.join(folder, 'dynoxide')).find((file) => fs.existsSync(file));
  if (found) return found;
  throw missing('DynamoDB needs the program dynoxide, which is neither an npm package here nor on the PATH');
}

function packagedDynoxide(): string | undefined {
  const require = createRequire(path.join(import.meta.dirname, 'dynoxide-process.ts'));
  try {
    const manifest = require.resolve(`@dynoxide/${process.platform}-${process.arch}/package.json`);
    return path.join(path.dirname(manifest), 'dynoxide');
  } catch {
    return undefined;
  }
}

function missing(what: string): MillraceError {
  const mend =
    'install it (npm i @dynoxide/linux-x64, brew install nubo-db/tap/dynoxide, or cargo install dynoxide-rs) or point MILLRACE_DYNOXIDE at it';
  return new MillraceError('DYNOXIDE_MISSING', `${what}: ${mend}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function answers(port: number, file: string, ended: () => boolean): Promise<void> {
  const deadline = Date.now() + startDeadlineMilliseconds;
  while (!(await connects(port))) {
    if (ended() || Date.now() > deadline) {
      const message = `dynoxide ${ended() ? 'ended at once' : 'does not answer'} on port ${port}; is ${file} in use by another instance, or damaged? --fresh begins anew`;
      throw new MillraceError('DYNOXIDE_DOWN', message, { retryable: true });
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
