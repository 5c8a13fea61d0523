-- severity: error
-- owner: tournament-team
-- description: A match of the opening round is played by two
SELECT m.match_id, COUNT(p.player_id) AS players
FROM staging.matches AS m
LEFT JOIN staging.participants AS p ON p.match_id = m.match_id
WHERE m.round = 1
GROUP BY m.match_id
HAVING COUNT(p.player_id) <> 2
