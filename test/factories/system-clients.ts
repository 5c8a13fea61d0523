import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

/** Programs of the machine that talk to the warehouse as analysts do. `.ci/run` installs them, so CI skips nothing. */
const probes = {
  psql: ['psql', ['--version']],
  psycopg2: ['/usr/bin/python3', ['-c', 'import psycopg2']],
} as const;
export type SystemClient = keyof typeof probes;

function isThere(client: SystemClient): boolean {
  const [program, parameters] = probes[client];
  try {
    execFileSync(program, parameters, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** `test`, or a skipped test that says so loudly where the program is not on this machine. */
export function testWith(client: SystemClient): typeof test | typeof test.skip {
  if (isThere(client)) return test;
  console.warn(`${client} is not on this machine: its story is skipped`);
  return test.skip;
}

const run = promisify(execFile);

/** What psql prints for some commands: cells only, `|` between them. */
export async function psqlSays(address: string, password: string, commands: readonly string[]): Promise<string> {
  const parameters = ['-X', '-A', '-t', ...commands.flatMap((command) => ['-c', command]), address];
  const { stdout } = await run('psql', parameters, { env: { ...process.env, PGPASSWORD: password } });
  return stdout;
}

/** What a Python program prints. */
export async function pythonSays(program: string): Promise<string> {
  const { stdout } = await run('/usr/bin/python3', ['-c', program]);
  return stdout.trim();
}
