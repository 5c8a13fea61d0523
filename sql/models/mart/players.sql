-- materialization: table
-- key: player_id
-- owner: tournament-team
-- description: One row a player who is in a bracket, under a pseudonym
-- columns:
--   player_id (pseudonymous): The player, a 64-bit number as text
--   pseudonym (pseudonymous): Stands for the player's name
--   tournaments: Tournaments the player is in
--   matches: Matches the player is in
--   matches_won: Matches the player has won
--   last_match_ended_at: When the last of them ended, UTC
--   tournaments_seen: Tournaments at which the logs have seen the player
-- distribution: key(player_id)
-- checks:
--   expression: matches_won <= matches
--   expression: tournaments <= matches
WITH seen AS (
  SELECT player_id, COUNT(DISTINCT tournament_id) AS tournaments_seen
  FROM staging.log_events
  WHERE player_id IS NOT NULL
  GROUP BY player_id
),
played AS (
  SELECT
    p.player_id,
    MAX(functions.pseudonym(p.player_name)) AS pseudonym,
    COUNT(DISTINCT p.tournament_id) AS tournaments,
    COUNT(DISTINCT p.match_id) AS matches,
    COUNT(DISTINCT CASE WHEN m.winner_id = p.player_id THEN m.match_id END) AS matches_won,
    MAX(m.ended_at) AS last_match_ended_at
  FROM staging.participants AS p
  JOIN staging.matches AS m ON m.match_id = p.match_id
  GROUP BY p.player_id
)
SELECT
  p.player_id,
  p.pseudonym,
  p.tournaments,
  p.matches,
  p.matches_won,
  p.last_match_ended_at,
  COALESCE(s.tournaments_seen, 0) AS tournaments_seen
FROM played AS p
LEFT JOIN seen AS s ON s.player_id = p.player_id
