-- materialization: table
-- key: tournament_id
-- owner: tournament-team
-- freshness: 2 minutes
-- label: Certified tournaments
-- description: One row a tournament of a certified organizer: its size, its dates, what was played and who watched
-- columns:
--   tournament_id: The platform's identity of the tournament
--   tournament_name "Tournament": As the organizer wrote it
--   organizer_name "Organizer": Who holds it
--   organizer_country "Country": ISO 3166 code of the organizer's country
--   status "Status": As the platform says: planned, running or finished
--   bracket_size "Places": Places in the bracket
--   prize_pool "Prize pool": In the platform's currency; null beyond 36 digits
--   prize_pool_text: The same to the last digit, however many there are
--   starts_at "Start": When it starts or started, UTC
--   last_match_ended_at: When its last match ended, UTC; null before the first
--   matches_played: Matches that have ended
--   participants: Players in the bracket
--   participants_seen: Players in the bracket whom the logs have seen at the tournament
--   viewers "Viewers": Players whom the logs have seen at the tournament
-- sort: starts_at
-- checks:
--   not_null: tournament_name, organizer_name
--   expression: participants_seen <= participants
--   expression (warn): matches_played < bracket_size
--   anomaly (warn): row_count
WITH played AS (
  SELECT tournament_id, COUNT(ended_at) AS matches_played, MAX(ended_at) AS last_match_ended_at
  FROM staging.matches
  GROUP BY tournament_id
),
players AS (
  SELECT DISTINCT tournament_id, player_id
  FROM staging.participants
),
seen AS (
  SELECT DISTINCT tournament_id, player_id
  FROM staging.log_events
  WHERE tournament_id IS NOT NULL AND player_id IS NOT NULL
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
FROM staging.tournaments AS t
JOIN staging.organizers AS o ON o.organizer_id = t.organizer_id AND o.is_certified
LEFT JOIN played AS g ON g.tournament_id = t.tournament_id
LEFT JOIN attendance AS a ON a.tournament_id = t.tournament_id
LEFT JOIN audience AS v ON v.tournament_id = t.tournament_id
