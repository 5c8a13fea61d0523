import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { explain } from '../../local/commands/explain.ts';
import { readLines } from '../../local/commands/input.ts';
import { placeOf } from '../../local/commands/sql.ts';

test('the place of an SQL error is shown under its line', () => {
  expect(placeOf('select 1,\n  bogus from t', { position: '13' })).toBe('\n    bogus from t\n    ^');
});

test('an SQL error without a place, or with one outside of the text, shows none', () => {
  expect(placeOf('select 1', {})).toBe('');
  expect(placeOf('select 1', { position: '99' })).toBe('');
  expect(placeOf('', { position: '1' })).toBe('');
});

test('the code stands behind the first line, before what shows the place', () => {
  expect(explain(new MillraceError('42703', 'no column\n  here\n  ^'))).toBe(
    'millrace: no column [42703]\n  here\n  ^',
  );
  expect(explain(new MillraceError('X', 'one line'))).toBe('millrace: one line [X]');
});

test('a folder is no file to put', async () => {
  await expect(readLines(os.tmpdir())).rejects.toThrow('is a folder');
});

test('lines keep their bytes, blank ones are left out, an empty file has none', async () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-lines-')), 'lines');
  fs.writeFileSync(file, Buffer.from([0xff, 0x00, 0x0a, 0x20, 0x0a, 0x61]));
  expect(await readLines(file)).toEqual([Buffer.from([0xff, 0x00]), Buffer.from('a')]);
  fs.writeFileSync(file, '');
  expect(await readLines(file)).toEqual([]);
});
