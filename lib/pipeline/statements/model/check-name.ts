import type { Check } from '../../models/model.ts';

/** A check may be a long expression; in UTF-8 so many characters always fit the column of the books. */
const nameCharacters = 256;

/** How a check is called in the books and in messages: as its header says it. */
export const checkName = (check: Check): string => spelled(check).slice(0, nameCharacters);

function spelled(check: Check): string {
  switch (check.kind) {
    case 'not_null':
      return `not_null: ${check.column}`;
    case 'unique':
      return `unique: ${check.columns.join(', ')}`;
    case 'expression':
      return `expression: ${check.sql}`;
    case 'accepted_values':
      return `accepted_values: ${check.column} in ${check.values.join(', ')}`;
    case 'relationship':
      return `relationship: ${check.column} to ${check.table}.${check.field}`;
    case 'row_count':
      return `row_count: ${bounds(check)}`;
    case 'freshness':
      return `freshness: ${check.column} within ${duration(check.maxAgeSeconds)}`;
    case 'anomaly':
      return `anomaly: ${check.measure}${check.column === undefined ? '' : `(${check.column})`}`;
    case 'query':
      return `query: ${check.name}`;
  }
}

function bounds({
  minimum,
  maximum,
}: {
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
}) {
  if (minimum !== undefined && maximum !== undefined) return `${minimum}..${maximum}`;
  return minimum === undefined ? `<= ${maximum}` : `>= ${minimum}`;
}

const units = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

function duration(seconds: number): string {
  const [size, unit] = units.find(([one]) => seconds % one === 0) ?? [1, 'second'];
  return `${seconds / size} ${unit}${seconds === size ? '' : 's'}`;
}
