import { nearest } from '../nearest.ts';
import type { ModelToAnalyse } from './analyse.ts';
import { downstreamOf, type Edges } from './graph.ts';
import type { OutputColumn } from './model.ts';
import type { ModelProblem } from './problem.ts';

/** Holds a header against what its query yields: names that are not there, other types, a broken contract. */
export function compareWithHeader(
  { parsed }: ModelToAnalyse,
  output: readonly OutputColumn[],
  edges: Edges,
  problems: ModelProblem[],
): void {
  const { file, places, header, name } = parsed;
  const report = (line: number, message: string) => problems.push({ path: file.path, line, message });
  const names = output.map((column) => column.name);
  for (const { column, by, line } of places.mentions) {
    if (names.includes(column)) continue;
    const meant = nearest(column, names);
    const frozen = by === 'columns' && header.contract ? noticedBy(name, edges) : '';
    const mend = meant ? `did you mean ${meant}?` : `it yields: ${names.join(', ')}`;
    report(line, `${by}: it yields no column ${column}; ${mend}${frozen}`);
  }
  const types = new Map(output.map((column) => [column.name, column.type]));
  for (const { column, by, line } of places.mentions) {
    const [wanted, pattern] = wantedTypes[by] ?? [];
    const type = types.get(column);
    if (pattern && type && !pattern.test(type)) report(line, `${by}: ${column} is ${type}, and must be ${wanted}`);
  }
  for (const note of header.columns) {
    const type = types.get(note.name);
    if (!note.type || !type || type === note.type) continue;
    const frozen = header.contract ? noticedBy(name, edges) : '';
    report(places.noteLines.get(note.name) ?? 1, `${note.name} is ${type}, and the header says ${note.type}${frozen}`);
  }
  if (!header.contract) return;
  const listed = new Set(header.columns.map((note) => note.name));
  for (const { name: column, type } of output.filter((one) => !listed.has(one.name)))
    report(
      places.contractLine,
      `${column} (${type}) is not in the contract; list it with its type, or take it out of the query${noticedBy(name, edges)}`,
    );
}

/** What a column must be to be of use there. */
const wantedTypes: Readonly<Record<string, readonly [wanted: string, pattern: RegExp]>> = {
  'valid from': ['a TIMESTAMP or TIMESTAMPTZ', /^timestamp /],
  deleted: ['a BOOLEAN', /^boolean$/],
  'check freshness': ['a DATE, TIMESTAMP or TIMESTAMPTZ', /^(?:timestamp |date$)/],
};

/** Who is built on what breaks. */
function noticedBy(name: string, edges: Edges): string {
  const readers = downstreamOf(name, edges);
  const noticing = readers.length > 0 ? `built on it: ${readers.join(', ')}` : 'no model is built on it';
  return `; the contract of ${name} is enforced (${noticing})`;
}
