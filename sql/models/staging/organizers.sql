-- materialization: view
-- key: organizer_id
-- owner: partnerships-team
-- description: One row an organizer, as the partner's API has it now
-- columns:
--   organizer_id: Identity in the partner's API
--   organizer_name: Who they are
--   organizer_country: ISO 3166 code
--   is_certified: Whether they hold the partner's certificate
-- checks:
--   not_null: organizer_name
SELECT
  o.payload.id::VARCHAR(64) AS organizer_id,
  o.payload.name::VARCHAR(512) AS organizer_name,
  o.payload.country::VARCHAR(8) AS organizer_country,
  o.payload.certified::BOOLEAN AS is_certified
FROM latest.organizers AS o
