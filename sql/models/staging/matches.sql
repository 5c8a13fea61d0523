-- materialization: incremental
-- key: match_id
-- owner: tournament-team
-- description: One row a match of a tournament that exists
-- columns:
--   match_id: The platform's identity of the match
--   tournament_id: The tournament it belongs to
--   round: 1 is the opening round
--   participants: How many play it
--   winner_id (pseudonymous): The player who won; null while it is played
--   ended_at: When it ended, UTC; null while it is played
-- checks:
--   not_null: tournament_id, round
--   relationship: tournament_id to staging.tournaments.tournament_id
SELECT
  m.matchId::VARCHAR(64) AS match_id,
  t.payload.tournamentId::VARCHAR(64) AS tournament_id,
  m.round::INTEGER AS round,
  GET_ARRAY_LENGTH(m.participants) AS participants,
  m.winnerId::VARCHAR(64) AS winner_id,
  m.endedAt::TIMESTAMPTZ AS ended_at
FROM latest.brackets AS t, t.payload.matches AS m
