-- description: Whether a day is one from Monday to Friday; public holidays are not known here
-- owner: platform-team
CREATE OR REPLACE FUNCTION functions.is_business_day(DATE)
RETURNS BOOLEAN
IMMUTABLE
AS $$
  SELECT DATE_PART(dow, $1) BETWEEN 1 AND 5
$$ LANGUAGE sql;
