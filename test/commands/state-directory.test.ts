import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { announce, findRunning, type RunningInstance, requireRunning } from '../../local/running.ts';
import { explainedDamage, isLocked, takeStateDirectory } from '../../local/state-directory.ts';

const instance: RunningInstance = {
  processId: process.pid,
  endpoint: 'http://127.0.0.1:1',
  region: 'us-east-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  redshift: { port: 1, database: 'prod', user: 'a', password: 'b' },
  outputs: {},
  frontDoors: {},
};

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-state-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  fs.rmSync(folder, { recursive: true, force: true });
});

test('a directory that somebody runs over is refused, from the first step on', () => {
  const lock = takeStateDirectory(folder, false);
  expect(() => takeStateDirectory(folder, false)).toThrow('already: end it, or name another --state-directory');
  expect(() => takeStateDirectory(folder, true)).toThrow('already');
  expect(() => requireRunning(folder)).toThrow('is not ready yet');
  lock.release();
  takeStateDirectory(folder, false).release();
});

test('who only looks whether somebody runs does not keep anybody from starting', async () => {
  takeStateDirectory(folder, false).release();
  // Given somebody who looks, slowly
  const script = `const { DatabaseSync } = require('node:sqlite');
    const database = new DatabaseSync(process.argv[1]);
    database.exec('begin exclusive');
    console.log('looks');
    setTimeout(() => database.close(), 100);`;
  child = spawn(process.execPath, ['-e', script, path.join(folder, 'millrace-state')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout as Readable, 'data');
  // Then who starts waits for it
  takeStateDirectory(folder, false).release();
});

test('a process that was killed holds nothing, and what it announced says nothing', async () => {
  const module = JSON.stringify(pathToFileURL(path.resolve('local/state-directory.ts')).href);
  // Collects its garbage: a lock must not depend on somebody referring to it.
  const script = `const { takeStateDirectory } = await import(${module});
    takeStateDirectory(${JSON.stringify(folder)}, false);
    setTimeout(() => { gc(); console.log('taken'); }, 1); setInterval(() => {}, 1000);`;
  child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout as Readable, 'data');
  expect(isLocked(folder)).toBe(true);
  // Its number is one that is alive, as after a reboot.
  announce(folder, instance);
  expect(findRunning(folder)).toEqual(instance);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(findRunning(folder)).toBeUndefined();
  expect(() => requireRunning(folder)).toThrow('nothing runs over');
  takeStateDirectory(folder, false).release();
});

test('an announcement that was cut short, or is none, is no instance', () => {
  const lock = takeStateDirectory(folder, false);
  for (const text of ['{"processId": 1, "endp', '[]', '']) {
    fs.writeFileSync(path.join(folder, 'running.json'), text);
    expect(findRunning(folder)).toBeUndefined();
  }
  lock.release();
});

test('--fresh drops what was kept, but not in a folder that is not ours', () => {
  takeStateDirectory(folder, false).release();
  fs.mkdirSync(path.join(folder, 'cloud'));
  takeStateDirectory(folder, false).release();
  expect(fs.existsSync(path.join(folder, 'cloud'))).toBe(true);
  takeStateDirectory(folder, true).release();
  expect(fs.existsSync(path.join(folder, 'cloud'))).toBe(false);

  const foreign = path.join(folder, 'foreign');
  fs.mkdirSync(foreign);
  fs.writeFileSync(path.join(foreign, 'precious'), '');
  expect(() => takeStateDirectory(foreign, true)).toThrow('was not made by millrace, so --fresh does not delete it');
  expect(fs.readdirSync(foreign)).toEqual(['precious']);
});

test('a marker full of garbage is still ours', () => {
  fs.writeFileSync(path.join(folder, 'millrace-state'), 'garbage '.repeat(200));
  takeStateDirectory(folder, true).release();
});

test('a path that cannot be a folder is said in one sentence', () => {
  const file = path.join(folder, 'file');
  fs.writeFileSync(file, '');
  expect(() => takeStateDirectory(file, false)).toThrow(
    /cannot be used to keep state in .*name another --state-directory/,
  );
  expect(() => takeStateDirectory(path.join(file, 'below'), true)).toThrow('cannot be used to keep state in');
});

test.each([
  'file is not a database',
  'IO Error: Could not read enough bytes from file "prod.duckdb"',
  `Expected ',' or '}' after property value in JSON at position 17`,
  'Unexpected end of JSON input',
])('a damaged file is told with what to do: %s', (message) => {
  expect(explainedDamage(new Error(message), folder)).toMatchObject({
    code: 'STATE_DAMAGED',
    message: expect.stringContaining('begin anew with --fresh') as string,
  });
  const bug = new TypeError('x is not a function');
  expect(explainedDamage(bug, folder)).toBe(bug);
});
