import { quoteText } from '../rewriter/sql.ts';
import type { StagePlan } from './staging.ts';

/** Nothing that DuckDB's reader takes and JSON does not know. */
const strictSql = `j >= '{' AND NOT contains(j, 'NaN') AND NOT contains(j, 'Infinity')`;

/** The reader gives the row back as it was written: minified, its numbers in their own digits. */
const unchangedSql = `TRY(CAST(json_extract(j, '$') AS VARCHAR)) = j`;

/** Rows as `j`, as `s` all their top-level keys in one pass (texts as they are, SUPER as JSON, null as NULL), and whether they are `unchanged`. */
export function unchangedRowsSql(plan: StagePlan, reader: string): string {
  const lines = `SELECT CAST(json AS VARCHAR) AS j FROM ${reader}`;
  const fields = plan.sources.flatMap((source, index) =>
    source.kind === 'key' ? [{ name: source.name, kind: plan.columns[index]?.type.kind }] : [],
  );
  if (fields.length === 0) return `SELECT j, ${unchangedSql} AND ${strictSql} AS unchanged FROM (${lines})`;
  const shape = fields.map(({ name, kind }) => `${JSON.stringify(name)}:"${kind === 'super' ? 'JSON' : 'VARCHAR'}"`);
  const struct = `json_transform(j, ${quoteText(`{${shape.join(',')}}`)})`;
  const parts = fields.map(({ name, kind }, index) => memberSql(name, kind, index + 1));
  const rebuilt = `concat('{', ${parts.join(", ',', ")}, '}')`;
  return [
    `SELECT j, s, (CASE WHEN ${rebuilt} = j THEN TRUE ELSE ${unchangedSql} END) AND ${strictSql} AS unchanged`,
    `FROM (SELECT j, ${struct} AS s FROM (${lines}))`,
  ].join(' ');
}

/**
 * A member as it stands in most rows. A row that can be put together again from its values is unchanged, which is much
 * cheaper to see than by reading it all again; where the guess of quotes or of order is wrong, the other proof decides.
 */
function memberSql(name: string, kind: string | undefined, place: number): string {
  const value = `struct_extract_at(s, ${place})`;
  const isQuoted = kind !== undefined && ['varchar', 'char', 'date', 'timestamp', 'timestamptz'].includes(kind);
  const written = isQuoted ? `'"' || ${value} || '"'` : value;
  return `${quoteText(`${JSON.stringify(name)}:`)}, coalesce(${written}, 'null')`;
}
