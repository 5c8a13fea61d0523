-- description: JSON_PARSE of a text that may be broken: NULL where it is, instead of the end of the whole statement
-- owner: platform-team
CREATE OR REPLACE FUNCTION functions.try_json_parse(VARCHAR(65535))
RETURNS SUPER
IMMUTABLE
AS $$
  SELECT CASE WHEN CAN_JSON_PARSE($1) THEN JSON_PARSE($1) END
$$ LANGUAGE sql;
