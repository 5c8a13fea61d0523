-- materialization: table
-- key: day
-- owner: tournament-team
-- freshness: 2 minutes
-- label: Key figures of the day
-- description: What happened on the platform, a row a day (UTC)
-- columns:
--   day "Day": The day, UTC
--   is_business_day "Business day": Whether it is one from Monday to Friday
--   tournaments_started: Tournaments that started on the day
--   certified_tournaments_started: Of them, those of certified organizers
--   matches_ended: Matches that ended on the day
--   log_events: Lines the services logged on the day
--   log_errors: Of them, errors
--   broken_messages: Of them, lines whose inner message is not JSON
--   active_players: Players whom the logs have seen on the day
-- checks:
--   row_count: >= 1
--   expression: log_errors <= log_events
--   expression: certified_tournaments_started <= tournaments_started
WITH started AS (
  SELECT
    t.starts_at::DATE AS day,
    COUNT(*) AS tournaments_started,
    COUNT(c.tournament_id) AS certified_tournaments_started
  FROM staging.tournaments AS t
  LEFT JOIN mart.certified_tournaments AS c ON c.tournament_id = t.tournament_id
  GROUP BY 1
),
ended AS (
  SELECT ended_at::DATE AS day, COUNT(*) AS matches_ended
  FROM staging.matches
  WHERE ended_at IS NOT NULL
  GROUP BY 1
),
days AS (
  SELECT day FROM started WHERE day IS NOT NULL
  UNION
  SELECT day FROM ended
  UNION
  SELECT day FROM mart.daily_log_activity
)
SELECT
  d.day,
  functions.is_business_day(d.day) AS is_business_day,
  COALESCE(s.tournaments_started, 0) AS tournaments_started,
  COALESCE(s.certified_tournaments_started, 0) AS certified_tournaments_started,
  COALESCE(e.matches_ended, 0) AS matches_ended,
  COALESCE(l.log_events, 0) AS log_events,
  COALESCE(l.log_errors, 0) AS log_errors,
  COALESCE(l.broken_messages, 0) AS broken_messages,
  COALESCE(l.active_players, 0) AS active_players
FROM days AS d
LEFT JOIN started AS s ON s.day = d.day
LEFT JOIN ended AS e ON e.day = d.day
LEFT JOIN mart.daily_log_activity AS l ON l.day = d.day
