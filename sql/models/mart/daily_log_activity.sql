-- materialization: incremental
-- key: day
-- owner: platform-team
-- freshness: 2 minutes
-- description: What the services logged, a row a day (UTC)
-- columns:
--   day: The day, UTC
--   log_events: Lines the services logged on the day
--   log_errors: Of them, errors
--   broken_messages: Of them, lines whose inner message is not JSON
--   active_players: Players whom the logs have seen on the day
-- checks:
--   expression: log_errors <= log_events
--   expression: broken_messages <= log_events
WITH lines AS (
  SELECT
    l._at::DATE AS day,
    l.payload.level::VARCHAR(16) AS level,
    CAN_JSON_PARSE(l.payload.message::VARCHAR(65535)) AS is_readable,
    functions.try_json_parse(l.payload.message::VARCHAR(65535)) AS message
  FROM "raw".app_logs AS l
)
SELECT
  s.day,
  COUNT(*) AS log_events,
  SUM(CASE WHEN s.level = 'error' THEN 1 ELSE 0 END) AS log_errors,
  SUM(CASE WHEN s.is_readable THEN 0 ELSE 1 END) AS broken_messages,
  COUNT(DISTINCT s.message.playerId::VARCHAR(64)) AS active_players
FROM lines AS s
GROUP BY s.day
