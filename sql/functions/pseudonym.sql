-- description: Stands for a name or an id: the same for the same, and nobody reads it back
-- owner: platform-team
CREATE OR REPLACE FUNCTION functions.pseudonym(VARCHAR(512))
RETURNS VARCHAR(64)
IMMUTABLE
AS $$
  SELECT SHA2($1, 256)
$$ LANGUAGE sql;
