-- key: tournament_id
-- owner: tournament-team
-- description: One row a tournament of a certified organizer
SELECT t.payload.tournamentId::VARCHAR(64) AS tournament_id, o.payload.name::VARCHAR(512) AS organizer_name
FROM latest.brackets AS t
JOIN latest.organizers AS o ON o.payload.id::VARCHAR(64) = t.payload.organizerId::VARCHAR(64)
WHERE o.payload.certified::BOOLEAN
