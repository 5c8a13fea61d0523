-- materialization: history
-- key: organizer_id
-- valid from: changed_at
-- owner: partnerships-team
-- label: Organizers over time
-- description: What each organizer was, and from when to when: one row a version
-- columns:
--   organizer_id: Identity in the partner's API
--   organizer_name: Who they were
--   organizer_country: ISO 3166 code
--   is_certified: Whether they held the partner's certificate
--   changed_at: Since when
SELECT
  o.payload.id::VARCHAR(64) AS organizer_id,
  o.payload.name::VARCHAR(512) AS organizer_name,
  o.payload.country::VARCHAR(8) AS organizer_country,
  o.payload.certified::BOOLEAN AS is_certified,
  o.payload.updatedAt::TIMESTAMPTZ AS changed_at
FROM "raw".organizers AS o
