-- materialization: materialized view
-- key: organizer_id, status
-- owner: tournament-team
-- description: How many tournaments an organizer has in each status, and how many places they hold
-- columns:
--   organizer_id: Who holds them
--   status: As the platform says: planned, running or finished
--   tournaments: How many
--   places: Places in their brackets
-- checks:
--   expression: places >= tournaments
SELECT
  t.payload.organizerId::VARCHAR(64) AS organizer_id,
  t.payload.status::VARCHAR(32) AS status,
  COUNT(*) AS tournaments,
  SUM(t.payload.size::INTEGER) AS places
FROM latest.brackets AS t
GROUP BY 1, 2
