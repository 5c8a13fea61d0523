-- materialization: incremental
-- key: tournament_id
-- owner: tournament-team
-- freshness: 2 minutes
-- description: One row a tournament that exists, its document taken apart
-- columns:
--   tournament_id VARCHAR(64): The platform's identity of the tournament
--   tournament_name VARCHAR(512): As the organizer wrote it
--   organizer_id VARCHAR(64): Who holds it
--   status VARCHAR(32): As the platform says: planned, running or finished
--   bracket_size INTEGER: Places in the bracket
--   prize_pool DECIMAL(38, 2): In the platform's currency; null beyond 36 digits
--   prize_pool_text VARCHAR(64): The same to the last digit, however many there are
--   starts_at TIMESTAMPTZ: When it starts or started, UTC
--   changed_at TIMESTAMPTZ: When the platform last changed it
-- contract: enforced
-- checks:
--   not_null: tournament_name, organizer_id
--   accepted_values: status in planned, running, finished
SELECT
  t.payload.tournamentId::VARCHAR(64) AS tournament_id,
  t.payload.name::VARCHAR(512) AS tournament_name,
  t.payload.organizerId::VARCHAR(64) AS organizer_id,
  t.payload.status::VARCHAR(32) AS status,
  t.payload.size::INTEGER AS bracket_size,
  t.payload.prizePool::DECIMAL(38, 2) AS prize_pool,
  t.payload.prizePool::VARCHAR(64) AS prize_pool_text,
  t.payload.startsAt::TIMESTAMPTZ AS starts_at,
  t._at AS changed_at
FROM latest.brackets AS t
