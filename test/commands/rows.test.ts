import { renderRows, renderTable } from '../../local/commands/rows.ts';

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
  const text = renderTable({ columns: ['payload'], rows: [['x'.repeat(500)]] }, 80);
  expect(text).toContain('payload');
  expect(text).toContain('…');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('a table leaves out the columns that do not fit the terminal, and names them', () => {
  const columns = ['one', 'two', 'three', 'four'];
  const text = renderTable({ columns, rows: [columns.map((name) => name.repeat(5))] }, 60);
  expect(text).toContain('oneoneone');
  expect(text).toMatch(/and (three, )?four$/);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
});
