-- severity: warn
-- owner: tournament-team
-- description: A tournament that was finished once is finished now, or deleted
SELECT h.tournament_id, t.status
FROM history.tournament_status AS h
JOIN staging.tournaments AS t ON t.tournament_id = h.tournament_id
WHERE h.status = 'finished' AND t.status <> 'finished'
