-- materialization: incremental
-- key: match_id, seed
-- owner: tournament-team
-- description: One row a player in a match
-- columns:
--   match_id: The match
--   tournament_id: Its tournament
--   seed: The player's place in the bracket
--   player_id (pseudonymous): The player, a 64-bit number as text
--   player_name (personal): As the player writes it
-- checks:
--   not_null: player_id
--   relationship: match_id to staging.matches.match_id
SELECT
  m.matchId::VARCHAR(64) AS match_id,
  t.payload.tournamentId::VARCHAR(64) AS tournament_id,
  p.seed::INTEGER AS seed,
  p.playerId::VARCHAR(64) AS player_id,
  p.name::VARCHAR(256) AS player_name
FROM latest.brackets AS t, t.payload.matches AS m, m.participants AS p
WHERE p.playerId IS NOT NULL
