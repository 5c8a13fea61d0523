-- materialization: table
-- key: tournament_id
-- owner: tournament-team
-- freshness: 2 minutes
-- description: One row a tournament of a certified organizer: its size, its dates, what was played and who watched
-- columns:
--   tournament_id: The platform's identity of the tournament
--   tournament_name: As the organizer wrote it
--   organizer_name: Who holds it
--   organizer_country: ISO 3166 code of the organizer's country
--   status: As the platform says: planned, running or finished
--   bracket_size: Places in the bracket
--   prize_pool: In the platform's currency; null beyond 36 digits
--   prize_pool_text: The same to the last digit, however many there are
--   starts_at: When it starts or started, UTC
--   last_match_ended_at: When its last match ended, UTC; null before the first
--   matches_played: Matches that have ended
--   participants: Players in the bracket
--   participants_seen: Players in the bracket whom the logs have seen at the tournament
--   viewers: Players whom the logs have seen at the tournament
-- checks:
--   not_null: tournament_name, organizer_name
--   expression: participants_seen <= participants
--   expression (warn): matches_played < bracket_size
WITH tournaments AS (
  SELECT
    t.payload.tournamentId::VARCHAR(64) AS tournament_id,
    t.payload.name::VARCHAR(512) AS tournament_name,
    t.payload.organizerId::VARCHAR(64) AS organizer_id,
    t.payload.status::VARCHAR(32) AS status,
    t.payload.size::INTEGER AS bracket_size,
    t.payload.prizePool::DECIMAL(38, 2) AS prize_pool,
    t.payload.prizePool::VARCHAR(64) AS prize_pool_text,
    t.payload.startsAt::TIMESTAMPTZ AS starts_at,
    t.payload
  FROM latest.brackets AS t
),
organizers AS (
  SELECT
    o.payload.id::VARCHAR(64) AS organizer_id,
    o.payload.name::VARCHAR(512) AS organizer_name,
    o.payload.country::VARCHAR(8) AS organizer_country
  FROM latest.organizers AS o
  WHERE o.payload.certified::BOOLEAN
),
played AS (
  SELECT
    t.tournament_id,
    COUNT(m.endedAt::TIMESTAMPTZ) AS matches_played,
    MAX(m.endedAt::TIMESTAMPTZ) AS last_match_ended_at
  FROM tournaments AS t, t.payload.matches AS m
  GROUP BY t.tournament_id
),
players AS (
  SELECT DISTINCT t.tournament_id, p.playerId::VARCHAR(64) AS player_id
  FROM tournaments AS t, t.payload.matches AS m, m.participants AS p
  WHERE p.playerId IS NOT NULL
),
-- The inner JSON may be broken. CASE parses a row only where CAN_JSON_PARSE says that it can be; a WHERE would not do,
-- because Redshift may evaluate a select list before it.
logged AS (
  SELECT CASE WHEN CAN_JSON_PARSE(l.payload.message::VARCHAR(65535))
    THEN JSON_PARSE(l.payload.message::VARCHAR(65535)) END AS message
  FROM "raw".app_logs AS l
),
seen AS (
  SELECT DISTINCT
    s.message.tournamentId::VARCHAR(64) AS tournament_id,
    s.message.playerId::VARCHAR(64) AS player_id
  FROM logged AS s
  WHERE s.message.tournamentId IS NOT NULL AND s.message.playerId IS NOT NULL
),
attendance AS (
  SELECT
    p.tournament_id,
    COUNT(*) AS participants,
    COUNT(s.player_id) AS participants_seen
  FROM players AS p
  LEFT JOIN seen AS s ON s.tournament_id = p.tournament_id AND s.player_id = p.player_id
  GROUP BY p.tournament_id
),
audience AS (
  SELECT tournament_id, COUNT(*) AS viewers
  FROM seen
  GROUP BY tournament_id
)
SELECT
  t.tournament_id,
  t.tournament_name,
  o.organizer_name,
  o.organizer_country,
  t.status,
  t.bracket_size,
  t.prize_pool,
  t.prize_pool_text,
  t.starts_at,
  g.last_match_ended_at,
  COALESCE(g.matches_played, 0) AS matches_played,
  COALESCE(a.participants, 0) AS participants,
  COALESCE(a.participants_seen, 0) AS participants_seen,
  COALESCE(v.viewers, 0) AS viewers
FROM tournaments AS t
JOIN organizers AS o ON o.organizer_id = t.organizer_id
LEFT JOIN played AS g ON g.tournament_id = t.tournament_id
LEFT JOIN attendance AS a ON a.tournament_id = t.tournament_id
LEFT JOIN audience AS v ON v.tournament_id = t.tournament_id
