-- materialization: table
-- key: day
-- owner: tournament-team
-- freshness: 2 minutes
-- description: What happened on the platform, a row a day (UTC)
-- columns:
--   day: The day, UTC
--   tournaments_started: Tournaments that started on the day
--   certified_tournaments_started: Of them, those of certified organizers
--   matches_ended: Matches that ended on the day
--   log_events: Lines the services logged on the day
--   log_errors: Of them, errors
--   broken_messages: Of them, lines whose inner message is not JSON
--   active_players: Players whom the logs have seen on the day
-- checks:
--   expression: log_errors <= log_events
--   expression: certified_tournaments_started <= tournaments_started
WITH started AS (
  SELECT
    t.payload.startsAt::TIMESTAMPTZ::DATE AS day,
    COUNT(*) AS tournaments_started,
    COUNT(c.tournament_id) AS certified_tournaments_started
  FROM latest.brackets AS t
  LEFT JOIN mart.certified_tournaments AS c ON c.tournament_id = t.payload.tournamentId::VARCHAR(64)
  GROUP BY 1
),
ended AS (
  SELECT m.endedAt::TIMESTAMPTZ::DATE AS day, COUNT(*) AS matches_ended
  FROM latest.brackets AS t, t.payload.matches AS m
  WHERE m.endedAt IS NOT NULL
  GROUP BY 1
),
-- The inner JSON may be broken: CASE parses a row only where CAN_JSON_PARSE says that it can be.
lines AS (
  SELECT
    l._at::DATE AS day,
    l.payload.level::VARCHAR(16) AS level,
    CAN_JSON_PARSE(l.payload.message::VARCHAR(65535)) AS readable,
    CASE WHEN CAN_JSON_PARSE(l.payload.message::VARCHAR(65535))
      THEN JSON_PARSE(l.payload.message::VARCHAR(65535)) END AS message
  FROM "raw".app_logs AS l
),
logged AS (
  SELECT
    s.day,
    COUNT(*) AS log_events,
    SUM(CASE WHEN s.level = 'error' THEN 1 ELSE 0 END) AS log_errors,
    SUM(CASE WHEN s.readable THEN 0 ELSE 1 END) AS broken_messages,
    COUNT(DISTINCT s.message.playerId::VARCHAR(64)) AS active_players
  FROM lines AS s
  GROUP BY s.day
),
days AS (
  SELECT day FROM started WHERE day IS NOT NULL
  UNION
  SELECT day FROM ended WHERE day IS NOT NULL
  UNION
  SELECT day FROM logged
)
SELECT
  d.day,
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
LEFT JOIN logged AS l ON l.day = d.day
