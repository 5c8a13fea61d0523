-- key: day
-- owner: tournament-team
-- description: What happened on the platform, a row a day (UTC)
WITH started AS (
  SELECT t.payload.startsAt::TIMESTAMPTZ::DATE AS day, COUNT(c.tournament_id) AS certified_tournaments_started
  FROM latest.brackets AS t
  LEFT JOIN mart.certified_tournaments AS c ON c.tournament_id = t.payload.tournamentId::VARCHAR(64)
  GROUP BY 1
),
logged AS (
  SELECT l._at::DATE AS day, COUNT(*) AS log_events
  FROM "raw".app_logs AS l
  GROUP BY 1
)
SELECT
  l.day,
  l.log_events,
  COALESCE(s.certified_tournaments_started, 0) AS certified_tournaments_started
FROM logged AS l
LEFT JOIN started AS s ON s.day = l.day
