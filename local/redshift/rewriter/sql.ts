/** DuckDB SQL as text: the only place that knows how it is quoted. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const LONG = 400;
let bindings = 0;

/**
 * Uses a value several times without writing it several times: short expressions are repeated (DuckDB computes common ones once),
 * long ones are bound to a lambda's argument, so that the text of nested calls does not grow with two to the depth.
 */
export function bindOnce(sql: string, body: (value: string) => string): string {
  if (sql.length <= LONG && !sql.includes('SELECT')) return body(sql);
  bindings += 1;
  const name = `v${bindings}`;
  return `list_transform([${sql}], lambda ${name}: ${body(name)})[1]`;
}

/** Raises an error at run time, where the value is. The marker carries the SQLSTATE to the session. */
export const raise = (sqlState: string, messageSql: string, type: string): string =>
  `CAST(error(${quoteText(`[${sqlState}] `)} || ${messageSql}) AS ${type})`;
