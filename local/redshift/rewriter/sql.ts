/** DuckDB SQL as text: the only place that knows how it is quoted. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const LONG = 400;
/** Filters compute an expression as often as it is written: reading JSON or calling JavaScript twice costs more than a lambda. */
const COSTLY = /json_|mr_|regexp_|SELECT|random\(/;

/** DuckDB takes no subquery inside of a lambda. */
const SUBQUERY = /SELECT/;

/** Equal expressions get equal names: GROUP BY knows an expression again by its text. */
function nameFor(sql: string): string {
  let hash = 0;
  for (let i = 0; i < sql.length; i += 1) hash = (Math.imul(hash, 31) + sql.charCodeAt(i)) >>> 0;
  return `v${hash.toString(36)}${sql.length}`;
}

/**
 * Uses a value several times without writing it several times: short and cheap expressions are repeated,
 * others are bound to a lambda's argument, so that the text of nested calls does not grow with two to the depth.
 */
export function bindOnce(sql: string, body: (value: string) => string): string {
  if (sql.length <= LONG && !COSTLY.test(sql)) return body(sql);
  const name = nameFor(sql);
  const inner = body(name);
  if (SUBQUERY.test(inner)) return body(sql);
  return `list_transform([${sql}], lambda ${name}: ${inner})[1]`;
}

/** Raises an error at run time, where the value is. The marker carries the SQLSTATE to the session. */
export const raise = (sqlState: string, messageSql: string, type: string): string =>
  `CAST(error(${quoteText(`[${sqlState}] `)} || ${messageSql}) AS ${type})`;
