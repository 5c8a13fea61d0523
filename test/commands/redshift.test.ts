import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type RedshiftCommandOptions, startRedshift } from '../../local/commands/redshift.ts';

const options: RedshiftCommandOptions = {
  host: '127.0.0.1',
  port: 0,
  dataApiPort: 0,
  database: 'dev',
  user: 'admin',
  s3Region: 'us-east-1',
};

async function ask(port: number, user: string, password: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ host: '127.0.0.1', port, user, password, database: 'dev' });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

test('the box alone serves both protocols, lets users in by their passwords, and keeps what it is told to', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-box-'));
  try {
    const server = await startRedshift({ ...options, directory }, 'Secret0x');
    await ask(server.port, 'admin', 'Secret0x', "create table t as select 1 as a; create user ann password 'Secret1x'");
    await expect(ask(server.port, 'ann', 'wrong', 'select 1')).rejects.toThrow('password authentication failed');
    await expect(ask(server.port, 'ann', 'Secret1x', 'select a from t')).rejects.toThrow(
      'permission denied for relation t',
    );
    const answer = await fetch(String(server.dataApiEndpoint), {
      method: 'POST',
      headers: { 'x-amz-target': 'RedshiftData.ListTables' },
      body: JSON.stringify({ WorkgroupName: 'local', Database: 'dev' }),
    });
    expect(JSON.stringify(await answer.json())).toContain('"name":"t"');
    await server.close();
    const again = await startRedshift({ ...options, directory }, 'Secret0x');
    await ask(again.port, 'admin', 'Secret0x', 'grant select on t to ann');
    expect(await ask(again.port, 'ann', 'Secret1x', 'select a from t')).toEqual([[1]]);
    await again.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('a port that is taken is told with the option that names another', async () => {
  const server = await startRedshift(options, 'Secret0x');
  const apiPort = Number(new URL(String(server.dataApiEndpoint)).port);
  await expect(startRedshift({ ...options, port: server.port }, 'x')).rejects.toThrow(
    `port ${server.port} is taken: name another with --port`,
  );
  await expect(startRedshift({ ...options, dataApiPort: apiPort }, 'x')).rejects.toThrow(
    `port ${apiPort} is taken: name another with --data-api-port`,
  );
  await server.close();
});

test('what cannot be used is told with where and how to mend it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-box-'));
  try {
    writeFileSync(join(folder, 'dev.duckdb'), Buffer.alloc(20_000, 'no database'));
    writeFileSync(join(folder, 'a-file'), '');
    const start = (more: Partial<RedshiftCommandOptions>): Promise<unknown> =>
      startRedshift({ ...options, ...more }, 'x');
    await expect(start({ directory: folder })).rejects.toThrow(
      /dev\.duckdb cannot be read as a database.*move it away/,
    );
    await expect(start({ directory: join(folder, 'a-file') })).rejects.toThrow(/a-file cannot be used \(ENOTDIR\)/);
    await expect(start({ directory: '/proc/millrace/box' })).rejects.toThrow(/cannot be used \(ENOENT\)/);
    await expect(start({ database: 'a/b' })).rejects.toThrow('--database "a/b"');
    await expect(start({ user: '' })).rejects.toThrow('--user');
    await expect(start({ s3Endpoint: 'nonsense' })).rejects.toThrow('--s3-endpoint nonsense');
    await expect(start({ host: '192.0.2.1' })).rejects.toThrow('cannot listen on 192.0.2.1');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('two boxes over one folder are refused, and the next one may have it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-box-'));
  try {
    const first = await startRedshift({ ...options, directory }, 'x');
    await expect(startRedshift({ ...options, directory }, 'x')).rejects.toThrow(/is in use: end who uses it/);
    await first.close();
    const next = await startRedshift({ ...options, directory }, 'x');
    await next.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
