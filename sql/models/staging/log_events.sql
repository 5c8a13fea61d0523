-- materialization: incremental
-- key: log_id
-- owner: platform-team
-- freshness: 2 minutes
-- description: One row a line that a service logged, with the event that is JSON in its message
-- columns:
--   log_id: Identity of the line
--   logged_at: When it came in, UTC
--   day: That day, UTC
--   level: info or error
--   service: Which service wrote it
--   is_readable: Whether the inner message is JSON
--   event: What happened: signed_up or match_viewed
--   tournament_id: Where
--   player_id (pseudonymous): Who
-- sort: logged_at
-- checks:
--   not_null: day
--   accepted_values (warn): level in info, error
--   anomaly (warn): null_share(event)
WITH lines AS (
  SELECT
    l._id AS log_id,
    l._at AS logged_at,
    l.payload.level::VARCHAR(16) AS level,
    l.payload.service::VARCHAR(64) AS service,
    l.payload.message::VARCHAR(65535) AS message_text,
    functions.try_json_parse(l.payload.message::VARCHAR(65535)) AS message
  FROM "raw".app_logs AS l
)
SELECT
  s.log_id,
  s.logged_at,
  s.logged_at::DATE AS day,
  s.level,
  s.service,
  CAN_JSON_PARSE(s.message_text) AS is_readable,
  s.message.event::VARCHAR(64) AS event,
  s.message.tournamentId::VARCHAR(64) AS tournament_id,
  s.message.playerId::VARCHAR(64) AS player_id
FROM lines AS s
