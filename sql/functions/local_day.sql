-- description: The calendar day of an instant in a time zone, such as Europe/Paris
-- owner: platform-team
CREATE OR REPLACE FUNCTION functions.local_day(TIMESTAMPTZ, VARCHAR(64))
RETURNS DATE
STABLE
AS $$
  SELECT CONVERT_TIMEZONE($2, $1 AT TIME ZONE 'UTC')::DATE
$$ LANGUAGE sql;
