import { RedshiftError } from '../types.ts';
import type { RowBrackets } from './json-lines.ts';
import type { ArrayMember, ValueSource } from './staging.ts';

/** What a jsonpaths file says: where each column's value is, and what a row is. */
export interface JsonPaths {
  readonly sources: readonly ValueSource[];
  readonly brackets: RowBrackets;
}

/** The paths of a jsonpaths file as DuckDB reads them, one a column; undefined where the file has another key, so that COPY goes by names. */
export function readJsonPaths(body: Buffer, columnCount: number): JsonPaths | undefined {
  const jsonpaths = readList(body);
  if (jsonpaths === undefined) return undefined;
  if (jsonpaths.length !== columnCount) {
    const counts = `Number of jsonpaths and the number of columns should match. JSONPath size: ${jsonpaths.length}, Number of columns in table or column list: ${columnCount}`;
    throw new RedshiftError('XX000', counts);
  }
  const steps = jsonpaths.map(readSteps);
  const notations = new Set(steps.flat().flatMap(({ notation }) => (notation === 'index' ? [] : [notation])));
  if (notations.size > 1) throw invalidPath('dot notation and bracket notation cannot be mixed');
  const hasArrayRows = steps.some(([first]) => first?.notation === 'index');
  return {
    sources: steps.map((path) => ({ kind: 'path', path: duckdbPath(path), members: membersOf(path) })),
    brackets: hasArrayRows ? { open: '[', close: ']' } : { open: '{', close: '}' },
  };
}

function readList(body: Buffer): string[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString().replace(/^\ufeff/, ''));
  } catch (error) {
    throw new RedshiftError('XX000', 'Invalid JSONPaths file: not a single JSON object', { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new RedshiftError('XX000', 'Invalid JSONPaths file: it must hold a JSON object');
  if (!('jsonpaths' in parsed)) return undefined;
  const list = parsed.jsonpaths;
  if (!Array.isArray(list)) throw new RedshiftError('XX000', 'Invalid JSONPaths file: "jsonpaths" must be an array');
  const wrong = list.find((path) => typeof path !== 'string' || path === '');
  if (wrong === undefined && !list.includes(undefined)) return list;
  throw new RedshiftError(
    'XX000',
    'Invalid JSONPaths file: every element of "jsonpaths" must be a string that is not empty',
  );
}

interface Step {
  readonly notation: 'dot' | 'bracket' | 'index';
  readonly name: string;
}

const step = /\.([^.[\]'*]+)|\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]/y;

/** `$['a'].b[0]` in its steps; `$` alone is the whole row. */
function readSteps(path: string): Step[] {
  const steps: Step[] = [];
  let at = path.startsWith('$') ? 1 : 0;
  while (at > 0 && at < path.length) {
    step.lastIndex = at;
    const match = step.exec(path);
    if (!match) break;
    const bracket = match[2] ?? match[3];
    if (match[1] !== undefined) steps.push({ notation: 'dot', name: match[1] });
    else if (bracket !== undefined) steps.push({ notation: 'bracket', name: bracket });
    else steps.push({ notation: 'index', name: match[4] as string });
    at = step.lastIndex;
  }
  if (at === path.length) return steps;
  throw invalidPath(path);
}

function invalidPath(path: string): RedshiftError {
  const message = `Invalid JSONPath format: Supported notations are 'dot-notation' and 'bracket-notation': ${path}`;
  return new RedshiftError('XX000', message);
}

/** `$."a"."b"[0]`. */
function duckdbPath(steps: readonly Step[]): string {
  const quoted = (name: string): string => `."${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return `$${steps.map(({ notation, name }) => (notation === 'index' ? `[${name}]` : quoted(name))).join('')}`;
}

function membersOf(steps: readonly Step[]): ArrayMember[] {
  return steps.flatMap(({ notation }, index) => {
    if (notation !== 'index') return [];
    return [{ array: duckdbPath(steps.slice(0, index)), member: duckdbPath(steps.slice(0, index + 1)) }];
  });
}
