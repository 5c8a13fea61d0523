import type { Production } from '../factories/production.ts';

/** The files of a small project: one model of each kind, a check that reads two of them, and a function. */
export function writeProject(production: Production): void {
  production.writeModel(
    'staging.tournaments',
    `SELECT b._key AS id, functions.loud(b.payload.status::VARCHAR(16))::VARCHAR(16) AS status, b.payload.size::INTEGER AS size
FROM latest.brackets AS b`,
    '-- materialization: incremental\n-- key: id\n',
  );
  production.writeModel(
    'staging.statuses',
    'SELECT DISTINCT t.status FROM staging.tournaments AS t',
    '-- materialization: view\n-- key: status\n',
  );
  production.writeModel(
    'mart.sizes',
    'SELECT t.id, t.size, t.status FROM staging.tournaments AS t WHERE t.size > 2',
    '-- key: id\n-- columns:\n--   status (personal): Said of somebody\n-- checks:\n--   relationship: status to staging.statuses.status\n',
  );
  production.writeModel(
    'mart.totals',
    'SELECT s.status, SUM(s.size) AS places FROM mart.sizes AS s GROUP BY s.status',
    '-- key: status\n-- columns:\n--   status (personal): Said of somebody\n',
  );
  production.writeModel(
    'mart.by_size',
    'SELECT b.payload.size::INTEGER AS size, COUNT(*) AS brackets FROM latest.brackets AS b GROUP BY 1',
    '-- materialization: materialized view\n',
  );
  production.writeModel(
    'history.statuses',
    'SELECT b._key AS id, b.payload.status::VARCHAR(16) AS status, b._at AS changed_at FROM "raw".brackets AS b',
    '-- materialization: history\n-- key: id\n-- valid from: changed_at\n',
  );
  production.write(
    'sql/checks/totals_add_up.sql',
    `-- owner: me
-- description: Nothing is counted that is not there
SELECT t.status FROM mart.totals AS t WHERE t.status NOT IN (SELECT status FROM staging.statuses)
`,
  );
  production.write(
    'sql/functions/loud.sql',
    `-- owner: me
-- description: In capital letters
CREATE OR REPLACE FUNCTION functions.loud(VARCHAR) RETURNS VARCHAR IMMUTABLE AS $$ SELECT UPPER($1) $$ LANGUAGE sql
`,
  );
}

const aBracket = (id: string, size: number, status: string) =>
  `INSERT INTO latest.brackets SELECT '${id}', '${id}', 'insert', '1', SYSDATE, JSON_PARSE('{"size":${size},"status":"${status}"}'), 'load', SYSDATE`;

/** What its sources have delivered, as statements that load it. */
export function loads(): string[] {
  const changes = ['planned', 'running'].map(
    (status, day) =>
      `INSERT INTO "raw".brackets SELECT '${status}', 'insert', 'a', '1', '2026-01-0${day + 1} 12:00:00+00', JSON_PARSE('{"status":"${status}"}'), 'load', SYSDATE`,
  );
  return [...changes, aBracket('a', 4, 'running'), aBracket('b', 8, 'planned'), aBracket('c', 2, 'planned')];
}
