import { z } from 'zod';
import { RedshiftError } from '../types.ts';

const fileShape = z.object({ jsonpaths: z.array(z.string()).min(1) });

/** The paths of a jsonpaths file as DuckDB reads them, one a column. Bracket and dot notation may mix. */
export function readJsonPaths(body: Buffer, columnCount: number): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString());
  } catch (error) {
    throw new RedshiftError('XX000', 'Invalid JSONPaths file: not JSON', { cause: error });
  }
  const file = fileShape.safeParse(parsed);
  if (!file.success) throw new RedshiftError('XX000', `Invalid JSONPaths file: ${z.prettifyError(file.error)}`);
  const { jsonpaths } = file.data;
  if (jsonpaths.length !== columnCount) {
    const counts = `Number of jsonpaths and the number of columns should match. JSONPath size: ${jsonpaths.length}, Number of columns in table or column list: ${columnCount}`;
    throw new RedshiftError('XX000', counts);
  }
  return jsonpaths.map(duckdbPath);
}

const step = /\.([^.[\]]+)|\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]/y;

/** `$['a'].b[0]` → `$."a"."b"[0]`. */
function duckdbPath(path: string): string {
  let translated = '$';
  let at = path.startsWith('$') ? 1 : -1;
  while (at >= 0 && at < path.length) {
    step.lastIndex = at;
    const match = step.exec(path);
    if (!match) break;
    const name = match[1] ?? match[2] ?? match[3];
    translated += name === undefined ? `[${match[4]}]` : `."${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
    at = step.lastIndex;
  }
  if (at === path.length && at > 1) return translated;
  const message = `Invalid JSONPath format: Supported notations are 'dot-notation' and 'bracket-notation': ${path}`;
  throw new RedshiftError('XX000', message);
}
