import { explainIncremental } from '../../lib/pipeline/incremental/follow.ts';
import { keepingReplaced } from '../../lib/pipeline/incremental/kept.ts';
import { aModelOf } from '../factories/models-world.ts';
import { datasets } from '../factories/pipeline.ts';

const told = (sql: string, key: string[] = ['id']) =>
  explainIncremental(aModelOf(sql, { key })).map(({ input, followed, reason }) =>
    followed ? `${input} is followed` : `${input}: ${reason}`,
  );

const id = 't.payload.id::VARCHAR(64) AS id';

describe('whether the changes of an input are followed', () => {
  test.each([
    ['a scan', `SELECT ${id} FROM latest.brackets AS t`],
    [
      'a group by the key',
      `SELECT ${id}, COUNT(*) AS n FROM latest.brackets t GROUP BY 1 HAVING COUNT(*) > 2 ORDER BY n`,
    ],
    ['what is unnested', 'SELECT m.id::VARCHAR AS id FROM latest.brackets t, t.payload.matches AS m AT place'],
    ['a star', 'SELECT s.* FROM (SELECT t._key AS id, t.payload FROM latest.brackets t) AS s'],
    [
      'a window over the key',
      `SELECT ${id}, ROW_NUMBER() OVER (PARTITION BY t.payload.id::varchar(64) ORDER BY _at) AS n FROM latest.brackets t`,
    ],
  ])('%s is', (_, sql) => {
    expect(told(sql)).toEqual(['latest.brackets is followed']);
  });

  test.each([
    ['the clock', `SELECT ${id}, GETDATE() AS now FROM latest.brackets t`, /GETDATE has another value each time/],
    ['a limit', `SELECT ${id} FROM latest.brackets t LIMIT 3`, /LIMIT takes rows by their number/],
    [
      'a key that is counted',
      'SELECT COUNT(*) AS id FROM latest.brackets t GROUP BY t._key',
      /which id a change reaches cannot be told/,
    ],
    ['a total', 'SELECT 1 AS id, COUNT(*) AS n FROM latest.brackets t', /aggregated without GROUP BY/],
    [
      'rows taken away',
      `SELECT ${id} FROM latest.brackets t EXCEPT SELECT 'x'`,
      /line 1, column \d+ of the query: EXCEPT takes rows away/,
    ],
    [
      'a subquery outside of FROM',
      `SELECT 'x' AS id WHERE EXISTS (SELECT 1 FROM latest.brackets)`,
      /read by a subquery outside of FROM/,
    ],
    [
      'a window over all',
      `SELECT ${id}, COUNT(*) OVER () AS n FROM latest.brackets t`,
      /which id a change reaches cannot be told/,
    ],
  ])('%s is not', (_, sql, reason) => {
    expect(told(sql)).toEqual([expect.stringMatching(reason)]);
  });

  test('a side of a left join is followed for a key of the other one, and not for a key of its own', () => {
    const joined =
      'FROM latest.brackets AS t LEFT JOIN "raw".app_logs AS l ON l.payload.id::VARCHAR(64) = t.payload.id::VARCHAR(64)';
    expect(told(`SELECT ${id}, COUNT(l._id) AS n ${joined} GROUP BY 1`)).toEqual([
      'latest.brackets is followed',
      'raw.app_logs is followed',
    ]);
    expect(told(`SELECT l._id AS id ${joined}`)).toEqual([
      'latest.brackets is followed',
      expect.stringContaining('raw.app_logs: which id'),
    ]);
  });

  test('a join by what is computed from all rows is not followed', () => {
    const sql = `SELECT ${id} FROM latest.brackets t JOIN (SELECT MAX(l._at) AS last FROM "raw".app_logs l GROUP BY l._op) AS m ON m.last = t._at`;
    expect(told(sql)).toEqual([
      'latest.brackets is followed',
      expect.stringContaining('nothing that is known of the changed rows joins them with t'),
    ]);
  });
});

describe('what loads replace', () => {
  test('is kept where a model follows the dataset through latest, and nowhere else', () => {
    const follows = aModelOf(`SELECT ${id} FROM latest.brackets t`, { key: ['id'] });
    const builds = { ...follows, materialization: 'table' as const };
    expect(keepingReplaced(datasets, [follows]).map(({ keepsReplaced }) => keepsReplaced)).toEqual([true, undefined]);
    expect(keepingReplaced(datasets, [builds])).toEqual(datasets);
  });
});
