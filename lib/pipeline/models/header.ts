import { mainLane } from '../lane.ts';
import { nearest } from '../nearest.ts';
import type { Check, CompiledModel } from './model.ts';

/** What is wrong with a model's file, where. Lines count from 1. */
export interface ModelProblem {
  readonly path: string;
  readonly line: number;
  readonly column?: number;
  readonly message: string;
}

/** What a model's comment header says. */
export type ModelHeader = Omit<
  CompiledModel,
  'name' | 'schema' | 'table' | 'path' | 'sql' | 'output' | 'reads' | 'dependsOn' | 'datasets' | 'definition'
>;

/** `-- key: value` and the indented lines under it. */
interface Entry {
  readonly key: string;
  readonly value: string;
  readonly line: number;
  readonly below: { readonly text: string; readonly line: number }[];
}

const headerKeys = ['materialization', 'key', 'owner', 'freshness', 'description', 'columns', 'checks', 'grants'];
const checkKinds = ['not_null', 'unique', 'expression'];
const unitSeconds: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 };

/** Reads the comment header at the top of a model's file; problems are added to the list, so that all are told at once. */
export function parseHeader(path: string, text: string, problems: ModelProblem[]): ModelHeader {
  const problem = (line: number, message: string) => problems.push({ path, line, message });
  const entries = new Map<string, Entry>();
  for (const entry of readEntries(text, problem)) {
    if (!headerKeys.includes(entry.key)) problem(entry.line, unknown('header key', entry.key, headerKeys));
    else if (entries.has(entry.key)) problem(entry.line, `${entry.key} is there twice; keep one`);
    else entries.set(entry.key, entry);
  }
  for (const needed of ['owner', 'description']) {
    if (!entries.has(needed)) problem(1, `the header has no ${needed}; add a line: -- ${needed}: …`);
  }
  const key = list(entries.get('key'));
  return {
    materialization: materialization(entries.get('materialization'), problem),
    key,
    owner: prose(entries.get('owner')),
    lane: mainLane,
    contract: false,
    sortColumns: [],
    freshnessSeconds: freshness(entries.get('freshness'), problem),
    description: prose(entries.get('description')),
    columns: columns(entries.get('columns'), problem),
    checks: withKeyChecks(key, checks(entries.get('checks'), problem)),
    grants: list(entries.get('grants')),
  };
}

type Report = (line: number, message: string) => void;

function unknown(what: string, word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return `there is no ${what} ${word}; ${meant ? `did you mean ${meant}?` : `there are: ${known.join(', ')}`}`;
}

function readEntries(text: string, problem: Report): Entry[] {
  const entries: Entry[] = [];
  for (const [index, content] of text.split('\n').entries()) {
    const comment = /^--(.*?)\r?$/.exec(content)?.[1];
    if (comment === undefined) break;
    const line = index + 1;
    const top = /^ ?(\w+):(?: +(.*?))? *$/.exec(comment);
    const last = entries.at(-1);
    if (comment.trim() === '') continue;
    if (top?.[1]) entries.push({ key: top[1], value: top[2] ?? '', line, below: [] });
    else if (/^ {2,}/.test(comment) && last) last.below.push({ text: comment.trim(), line });
    else
      problem(line, 'a header line is `-- key: value`, or indented under one; other comments go after the first SQL');
  }
  return entries;
}

function prose(entry: Entry | undefined): string {
  return entry ? [entry.value, ...entry.below.map(({ text }) => text)].join(' ').trim() : '';
}

function list(entry: Entry | undefined): string[] {
  return splitList(prose(entry));
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

function materialization(entry: Entry | undefined, problem: Report): ModelHeader['materialization'] {
  if (!entry || entry.value === 'table') return 'table';
  if (entry.value === 'view') return 'view';
  problem(entry.line, unknown('materialization', entry.value, ['table', 'view']));
  return 'table';
}

function freshness(entry: Entry | undefined, problem: Report): number | undefined {
  if (!entry) return undefined;
  const match = /^(\d+) (second|minute|hour|day)s?$/.exec(entry.value);
  const seconds = Number(match?.[1]) * (unitSeconds[match?.[2] ?? ''] ?? Number.NaN);
  if (seconds > 0) return seconds;
  problem(entry.line, `${entry.value} is not a freshness; write it as: 90 seconds, 5 minutes, 2 hours, 1 day`);
  return undefined;
}

function columns(entry: Entry | undefined, problem: Report): ModelHeader['columns'] {
  return (entry?.below ?? []).flatMap(({ text, line }) => {
    const match = /^([\w$]+): +(.+)$/.exec(text);
    if (match?.[1] && match[2]) return [{ name: match[1], description: match[2] }];
    problem(line, 'a column is described as `--   name: what it is`');
    return [];
  });
}

function checks(entry: Entry | undefined, problem: Report): Check[] {
  return (entry?.below ?? []).flatMap(({ text, line }) => {
    const match = /^(\w+)(?: \((error|warn)\))?: +(.+)$/.exec(text);
    const [, kind, severity, rest] = match ?? [];
    if (!kind || !rest) {
      problem(line, 'a check is written as `--   not_null: column` or `--   unique (warn): column, column`');
      return [];
    }
    if (!checkKinds.includes(kind)) problem(line, unknown('check', kind, checkKinds));
    return checksOf(kind, severity === 'warn' ? 'warn' : 'error', rest);
  });
}

function checksOf(kind: string, severity: Check['severity'], rest: string): Check[] {
  if (kind === 'not_null') return splitList(rest).map((column): Check => ({ kind, column, severity }));
  if (kind === 'unique') return [{ kind, columns: splitList(rest), severity }];
  return kind === 'expression' ? [{ kind, sql: rest, severity }] : [];
}

/** A key is one: unique and never null, unless the header says itself how severe that is. */
function withKeyChecks(key: readonly string[], stated: Check[]): Check[] {
  const name = (check: Check) => JSON.stringify({ ...check, severity: undefined });
  const known = new Set(stated.map(name));
  const implied: Check[] = [
    ...key.map((column): Check => ({ kind: 'not_null', column, severity: 'error' })),
    ...(key.length > 0 ? [{ kind: 'unique', columns: [...key], severity: 'error' } satisfies Check] : []),
  ];
  return [...implied.filter((check) => !known.has(name(check))), ...stated];
}
