import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { chaosVariable } from '../../local/cloud/lambda/chaos.ts';
import { type FrontDoor, findRunning, type RunningInstance } from '../../local/running.ts';

const root = path.join(import.meta.dirname, '../..');
const startDeadlineMilliseconds = 600_000;
const keptLines = 40;

export interface RuntimeOptions {
  readonly stateDirectory: string;
  readonly seed: number;
  readonly speed: number;
  readonly functionKills: number;
}

/** `millrace start` in a process of its own, killed and started again over the same state. */
export class Runtime {
  readonly #options: RuntimeOptions;
  readonly #ports: readonly [number, number];
  readonly #lastLines: string[] = [];
  #child: ChildProcess | undefined;
  #instance: RunningInstance | undefined;
  /** Kills of functions, by what was killed when. */
  readonly functionKills = new Map<string, number>();
  /** Starts that were begun, those that were killed on the way among them. */
  starts = 0;
  /** How long each start took until records could be sent. */
  readonly startSeconds: number[] = [];
  peakMegabytes = 0;

  private constructor(options: RuntimeOptions, ports: readonly [number, number]) {
    this.#options = options;
    this.#ports = ports;
  }

  /** Ports stay the same over all starts, so that clients need not look for them. */
  static async open(options: RuntimeOptions): Promise<Runtime> {
    const runtime = new Runtime(options, await freePorts());
    await runtime.start();
    return runtime;
  }

  get instance(): RunningInstance {
    if (!this.#instance) throw new Error('the runtime has not started yet');
    return this.#instance;
  }

  get isUp(): boolean {
    return this.#child !== undefined && this.#instance?.processId === this.#child.pid;
  }

  door<K extends FrontDoor['kind']>(dataset: string, kind: K): Extract<FrontDoor, { kind: K }> {
    const door = this.instance.frontDoors[dataset];
    if (door?.kind === kind) return door as Extract<FrontDoor, { kind: K }>;
    throw new Error(`millrace.config.ts has no dataset ${dataset} with a source of the kind ${kind}`);
  }

  async start(): Promise<void> {
    const { stateDirectory, speed } = this.#options;
    const [port, redshiftPort] = this.#ports.map(String) as [string, string];
    const places = ['--port', port, '--redshift-port', redshiftPort, '--state-directory', stateDirectory];
    const begin = performance.now();
    const child = spawn(
      process.execPath,
      ['bin/millrace.ts', 'start', '--no-demo', '--speed', String(speed), ...places],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...this.#chaos() },
      },
    );
    this.#child = child;
    this.starts += 1;
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => this.#read(line));
    if (await this.#announced(child, begin + startDeadlineMilliseconds)) {
      this.startSeconds.push((performance.now() - begin) / 1000);
    }
  }

  /** SIGKILL: the process gets to say and to save nothing. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    if (child.exitCode !== null || child.signalCode !== null) throw this.#died(child);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Ends it in good order. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  /** Throws where the process has ended although nobody killed it. */
  check(): void {
    const child = this.#child;
    if (child && (child.exitCode !== null || child.signalCode !== null)) throw this.#died(child);
    this.peakMegabytes = Math.max(this.peakMegabytes, residentMegabytes(child?.pid));
  }

  #chaos(): Record<string, string> {
    const { functionKills, seed } = this.#options;
    if (functionKills === 0) return {};
    // Another seed each time: or every start would spare and kill the same invocations.
    return { [chaosVariable]: `seed=${seed * 1_000 + this.starts};killFunctions=${functionKills}` };
  }

  #read(line: string): void {
    const [, what, moment] = new RegExp(`^${chaosVariable}: killed (\\w+?)(?:[0-9A-F]{8})? (\\w+)`).exec(line) ?? [];
    if (what && moment) {
      const name = `${what} ${moment}`;
      this.functionKills.set(name, (this.functionKills.get(name) ?? 0) + 1);
      return;
    }
    this.#lastLines.push(line);
    if (this.#lastLines.length > keptLines) this.#lastLines.shift();
  }

  /** False where it was killed before it served. */
  async #announced(child: ChildProcess, deadline: number): Promise<boolean> {
    while (this.#child === child) {
      this.check();
      if (isAnnounced(this.#options.stateDirectory, child.pid)) {
        this.#instance = findRunning(this.#options.stateDirectory);
        return true;
      }
      if (performance.now() > deadline) throw new Error(`the runtime did not start:\n${this.#lastLines.join('\n')}`);
      await wait(50);
    }
    return false;
  }

  #died(child: ChildProcess): Error {
    const how = child.signalCode ?? `exit code ${child.exitCode}`;
    return new Error(`the runtime ended by itself (${how}); its last words:\n${this.#lastLines.join('\n')}`);
  }
}

/** Looks at the file alone: to ask for the lock, as findRunning does, could keep the one that starts from getting it. */
function isAnnounced(stateDirectory: string, processId: number | undefined): boolean {
  try {
    const text = fs.readFileSync(path.join(stateDirectory, 'running.json'), 'utf8');
    return (JSON.parse(text) as { processId?: number }).processId === processId;
  } catch {
    return false;
  }
}

/** Of Linux; elsewhere 0, which is not shown. */
function residentMegabytes(processId: number | undefined): number {
  try {
    const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${processId}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) / 1024;
  } catch {
    return 0;
  }
}

async function freePorts(): Promise<[number, number]> {
  const servers = [net.createServer(), net.createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as net.AddressInfo).port);
  }
  for (const server of servers) server.close();
  return ports as [number, number];
}
