-- materialization: history
-- key: tournament_id
-- valid from: changed_at
-- deleted: is_deleted
-- owner: tournament-team
-- description: Which status each tournament was in, and from when to when; ends with the tournament's deletion
-- columns:
--   tournament_id: The platform's identity of the tournament
--   status: As the platform says: planned, running or finished
--   is_deleted: True in a version that says that the tournament was deleted
--   changed_at: Since when
SELECT
  b.payload.tournamentId::VARCHAR(64) AS tournament_id,
  b.payload.status::VARCHAR(32) AS status,
  b._op IN ('delete', 'expire') AS is_deleted,
  b._at AS changed_at
FROM "raw".brackets AS b
