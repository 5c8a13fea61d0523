import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { aModelOf } from '../factories/models-world.ts';

interface Shape {
  readonly key: readonly string[];
  readonly output: Readonly<Record<string, string>>;
  readonly sql: string;
  readonly over?: Partial<CompiledModel>;
}

const text = 'character varying(64)';

/** Models as people write them, one of each shape, under the name of what it tries. */
const shapes: Record<string, Shape> = {
  row_by_row: {
    key: ['id'],
    output: { id: text, status: text, day: 'date' },
    sql: `SELECT t.payload.id::VARCHAR(64) AS id, t.payload.status::VARCHAR(64) AS status, t._at::DATE AS day
FROM latest.brackets AS t WHERE t.payload.status::VARCHAR(64) <> 'hidden'`,
  },
  row_by_row_of_raw: {
    key: ['log_id'],
    output: { log_id: text, day: 'date', tournament_id: text },
    sql: `WITH lines AS (SELECT l._id AS log_id, l._at AS logged_at, l.payload FROM "raw".app_logs AS l)
SELECT s.log_id, s.logged_at::DATE AS day, s.payload.tournament::VARCHAR(64) AS tournament_id FROM lines AS s`,
  },
  unnested: {
    key: ['id', 'match_id'],
    output: { id: text, match_id: text, winner: text },
    sql: `SELECT t.payload.id::VARCHAR(64) AS id, m.id::VARCHAR(64) AS match_id, m.winner::VARCHAR(64) AS winner
FROM latest.brackets AS t, t.payload.matches AS m`,
  },
  shared_keys: {
    key: ['name'],
    output: { name: text, id: text },
    sql: `SELECT t.payload.name::VARCHAR(64) AS name, t.payload.id::VARCHAR(64) AS id
FROM latest.brackets AS t JOIN latest.organizers AS o ON o.payload.id::VARCHAR(64) = t.payload.organizer::VARCHAR(64)`,
  },
  grouped: {
    key: ['status'],
    output: { status: text, tournaments: 'bigint', names: text },
    sql: `SELECT t.payload.status::VARCHAR(64) AS status, COUNT(*) AS tournaments,
  LISTAGG(t.payload.id::VARCHAR(64), ',') WITHIN GROUP (ORDER BY t.payload.id::VARCHAR(64)) AS names
FROM latest.brackets AS t GROUP BY 1`,
  },
  days: {
    key: ['day'],
    output: { day: 'date', lines: 'bigint', players: 'bigint' },
    sql: `WITH lines AS (SELECT DATE_TRUNC('day', l._at)::DATE AS day, l.payload.player::VARCHAR(64) AS player FROM "raw".app_logs l)
SELECT day, COUNT(*) AS lines, COUNT(DISTINCT player) AS players FROM lines GROUP BY day`,
  },
  joined: {
    key: ['tournament_id'],
    output: { tournament_id: text, organizer: text, viewers: 'bigint', matches: 'bigint' },
    sql: `WITH tournaments AS (
  SELECT t.payload.id::VARCHAR(64) AS tournament_id, t.payload.organizer::VARCHAR(64) AS organizer_id, t.payload FROM latest.brackets AS t
),
played AS (
  SELECT t.tournament_id, COUNT(*) AS matches FROM tournaments AS t, t.payload.matches AS m GROUP BY t.tournament_id
),
seen AS (
  SELECT l.payload.tournament::VARCHAR(64) AS tournament_id, COUNT(DISTINCT l.payload.player::VARCHAR(64)) AS viewers
  FROM "raw".app_logs AS l GROUP BY 1
)
SELECT t.tournament_id, o.payload.name::VARCHAR(64) AS organizer, COALESCE(s.viewers, 0) AS viewers, p.matches
FROM tournaments AS t
JOIN latest.organizers AS o ON o.payload.id::VARCHAR(64) = t.organizer_id AND o.payload.certified::BOOLEAN
LEFT JOIN seen AS s ON s.tournament_id = t.tournament_id
LEFT JOIN played AS p ON p.tournament_id = t.tournament_id`,
  },
  joined_by_where: {
    key: ['organizer_id', 'status'],
    output: { organizer_id: text, status: text, tournaments: 'bigint' },
    sql: `SELECT o.payload.id::VARCHAR(64) AS organizer_id, t.payload.status::VARCHAR(64) AS status, COUNT(*) AS tournaments
FROM latest.organizers AS o, latest.brackets AS t
WHERE t.payload.organizer::VARCHAR(64) = o.payload.id::VARCHAR(64) AND o.payload.certified::BOOLEAN
GROUP BY o.payload.id::VARCHAR(64), t.payload.status::VARCHAR(64)`,
  },
  without_logs: {
    key: ['tournament_id'],
    output: { tournament_id: text },
    sql: `SELECT t.payload.id::VARCHAR(64) AS tournament_id FROM latest.brackets t
LEFT JOIN (SELECT DISTINCT l.payload.tournament::VARCHAR(64) AS id FROM "raw".app_logs l) AS s ON s.id = t.payload.id::VARCHAR(64)
WHERE s.id IS NULL`,
  },
  crowded: {
    key: ['tournament_id'],
    output: { tournament_id: text, lines: 'bigint' },
    sql: `SELECT l.payload.tournament::VARCHAR(64) AS tournament_id, COUNT(*) AS lines FROM "raw".app_logs AS l
GROUP BY 1 HAVING COUNT(*) > 1`,
  },
  united: {
    key: ['kind', 'id'],
    output: { kind: text, id: text, name: text },
    sql: `SELECT 'tournament' AS kind, t.payload.id::VARCHAR(64) AS id, t.payload.name::VARCHAR(64) AS name FROM latest.brackets t
UNION ALL
SELECT 'organizer', o.payload.id::VARCHAR(64), o.payload.name::VARCHAR(64) FROM latest.organizers o`,
  },
  last_seen: {
    key: ['player'],
    output: { player: text, tournament_id: text },
    sql: `WITH ranked AS (
  SELECT l.payload.player::VARCHAR(64) AS player, l.payload.tournament::VARCHAR(64) AS tournament_id,
    ROW_NUMBER() OVER (PARTITION BY l.payload.player::VARCHAR(64) ORDER BY l._at DESC, l._id DESC) AS age
  FROM "raw".app_logs AS l
)
SELECT r.player, r.tournament_id FROM ranked AS r WHERE r.age = 1`,
  },
  by_name_of_organizer: {
    key: ['organizer'],
    output: { organizer: text, tournaments: 'bigint', last_day: 'date' },
    sql: `WITH organizers AS (
  SELECT o.payload.id::VARCHAR(64) AS id, o.payload.name::VARCHAR(64) AS name FROM latest.organizers AS o
)
SELECT o.name AS organizer, COUNT(*) AS tournaments, MAX(t._at)::DATE AS last_day
FROM organizers AS o
JOIN latest.brackets AS t ON o.id = t.payload.organizer::VARCHAR(64)
JOIN organizers AS again ON again.id = o.id
GROUP BY o.name`,
  },
  asked_elsewhere: {
    key: ['tournament_id'],
    output: { tournament_id: text },
    sql: `SELECT t.payload.id::VARCHAR(64) AS tournament_id FROM latest.brackets AS t
WHERE EXISTS (SELECT 1 FROM latest.organizers AS o WHERE o.payload.id::VARCHAR(64) = t.payload.organizer::VARCHAR(64))`,
  },
  versions: {
    key: ['tournament_id'],
    output: { tournament_id: text, status: text, changed_at: 'timestamp with time zone', is_deleted: 'boolean' },
    sql: `SELECT JSON_PARSE(b._key).id::VARCHAR(64) AS tournament_id, b.payload.status::VARCHAR(64) AS status,
  b._at AS changed_at, b._op IN ('delete', 'expire') AS is_deleted
FROM "raw".brackets AS b`,
    over: { materialization: 'history', validFrom: 'changed_at', deleted: 'is_deleted' },
  },
};

export const models: readonly CompiledModel[] = Object.entries(shapes).map(([table, { key, output, sql, over }]) =>
  aModelOf(sql, {
    name: `mart.${table}`,
    schema: 'mart',
    table,
    key: [...key],
    output: Object.entries(output).map(([name, type]) => ({ name, type })),
    definition: `definition-of-${table}`,
    ...over,
  }),
);
