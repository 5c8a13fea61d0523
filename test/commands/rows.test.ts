import { stripVTControlCharacters } from 'node:util';
import { renderRows } from '../../local/commands/rows.ts';

const rows = {
  columns: ['name', 'note'],
  rows: [
    ['Ann, "the first"', null],
    ['', 'two\nlines'],
  ],
};

test('CSV tells NULL from empty text, and quotes what needs quotes', () => {
  expect(renderRows(rows, 'csv')).toBe('name,note\n"Ann, ""the first""",\n"","two\nlines"');
});

test('JSON lines hold one object a row, null for NULL', () => {
  expect(
    renderRows(rows, 'json')
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { name: 'Ann, "the first"', note: null },
    { name: '', note: 'two\nlines' },
  ]);
});

test('a table cuts what is too long for a person to read', () => {
  const text = stripVTControlCharacters(renderRows({ columns: ['payload'], rows: [['x'.repeat(500)]] }, 'table'));
  expect(text).toContain('payload');
  expect(text).toContain('…');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(80);
});
