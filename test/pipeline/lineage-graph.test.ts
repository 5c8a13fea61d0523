import { boxAnalyst } from '../../lib/analyst.ts';
import { type ColumnNode, columnReaders, columnSources } from '../../lib/pipeline/lineage/graph.ts';
import { lineagePlace, lineageTables } from '../../lib/pipeline/lineage/place.ts';
import type { QueryLineage } from '../../lib/pipeline/models/analysis.ts';
import { latestTable } from '../../lib/pipeline/tables.ts';
import { aModel } from '../factories/pipeline.ts';

const queries = {
  matches:
    'SELECT t._key, m AS match, t.payload.name::VARCHAR(64) AS name FROM latest.brackets AS t, t.payload.matches AS m',
  ended: 'SELECT s._key, s.match.endedAt::TIMESTAMPTZ AS ended, s.name FROM mart.matches AS s WHERE s.match.size > 1',
  last: 'SELECT e.name, MAX(e.ended) AS last, COUNT(*) AS n FROM mart.ended AS e JOIN mart.matches AS m ON m._key = e._key GROUP BY 1',
};

/** Models one on top of the other, analysed. */
function project() {
  const analyst = boxAnalyst();
  analyst.know(latestTable('brackets'));
  const lineage = new Map<string, QueryLineage>();
  const models = Object.entries(queries).map(([table, sql]) => {
    const analysis = analyst.analyse(sql);
    if (analysis.kind === 'invalid') throw new Error(analysis.message);
    analyst.know({ schema: 'mart', name: table, columns: analysis.columns });
    lineage.set(`mart.${table}`, analysis.lineage);
    return aModel({ table, sql, output: analysis.columns });
  });
  return { models, lineage };
}
const found = project();
const tables = lineageTables(found, [latestTable('brackets')]);

const place = (text: string) => {
  const read = lineagePlace(text, tables);
  if (read.kind === 'table') throw new Error(`${text} is no column`);
  return read;
};
const lines = (nodes: readonly ColumnNode[], depth = 0): string[] =>
  nodes.flatMap(({ table, path, influences, ofRows, next, isRepeated }) => [
    `${' '.repeat(depth)}${table}${ofRows ? '' : `.${path}`} ${influences.map((one) => one.subtype).join('+')}${isRepeated ? ' …' : ''}`,
    ...lines(next, depth + 1),
  ]);

test('a column is followed down to the path in the dataset, through a document that is handed on', () => {
  expect(lines(columnSources(found, place('mart.last.last')))).toEqual([
    'mart.ended.ended AGGREGATION',
    ' mart.matches.match.endedAt TRANSFORMATION',
    '  latest.brackets.payload.matches[*].endedAt IDENTITY',
  ]);
  expect(columnSources(found, place('mart.last.n'))).toEqual([]);
});

test('whoever uses a part of a document is found, and rows that it decides on', () => {
  expect(lines(columnReaders(found, place('latest.brackets.payload.matches[*].endedAt')))).toEqual([
    'mart.matches.match IDENTITY',
    ' mart.ended.ended TRANSFORMATION',
    '  mart.last.last AGGREGATION',
    ' mart.ended FILTER',
    'mart.matches JOIN',
  ]);
  expect(columnReaders(found, place('mart.last.last'))).toEqual([]);
});

test('what was told is not told again', () => {
  const shown = lines(columnReaders(found, place('latest.brackets._key')));
  expect(shown.filter((line) => line.includes('mart.matches._key'))).toHaveLength(1);
  expect(lines(columnReaders(found, place('latest.brackets.payload')))).toContain(' mart.ended.name IDENTITY');
});

test.each([
  ['mart.last', { kind: 'table', table: 'mart.last' }],
  ['last', { kind: 'table', table: 'mart.last' }],
  ['ended.ended', { kind: 'column', table: 'mart.ended', column: 'ended', path: 'ended' }],
  ['latest.brackets.payload.a.b', { kind: 'column', table: 'latest.brackets', column: 'payload', path: 'payload.a.b' }],
])('%s is understood', (text, expected) => expect(lineagePlace(text, tables)).toEqual(expected));

test.each([
  ['mart.lost', 'there is no model or table mart.lost; did you mean mart.last?'],
  ['lsat', 'there is no model or table lsat; did you mean last?'],
  ['mart.last.nmae', 'mart.last has no column nmae; did you mean name?'],
  ['mart.last.zzzzzz', 'mart.last has no column zzzzzz; there are: name, last, n'],
])('%s is not there', (text, message) => expect(() => lineagePlace(text, tables)).toThrow(message));
