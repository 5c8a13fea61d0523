import { quoteIdentifier } from '../../../lib/pipeline/names.ts';
import type { Attribute } from './attributes.ts';

/** What a new model is made from. */
export interface NewModel {
  /** `schema.table`. */
  readonly name: string;
  readonly owner: string;
  readonly source: Source;
}
export type Source =
  | { readonly kind: 'none' }
  /** A table of the pipeline: what is in the payload, as far as it is known, and which attributes are its key. */
  | {
      readonly kind: 'payload';
      readonly table: string;
      readonly attributes: readonly Attribute[];
      readonly key: readonly string[];
    }
  | { readonly kind: 'columns'; readonly table: string; readonly columns: readonly { name: string; type: string }[] };

interface SkeletonColumn {
  readonly name: string;
  readonly sql: string;
  readonly description: string;
  /** Of the case: what is given, and what then is expected. */
  readonly given: string;
  readonly expected: string;
}

export interface Skeleton {
  readonly sql: string;
  readonly cases: string;
}

/** The files of a new model: a query that runs as it is, and a case that passes. */
export function skeletonOf({ name, owner, source }: NewModel): Skeleton {
  const columns = columnsOf(source);
  const key =
    source.kind === 'payload'
      ? source.key.map(columnName).filter((one) => columns.some((column) => column.name === one))
      : [];
  const header = [
    '-- materialization: table',
    ...(key.length > 0 ? [`-- key: ${key.join(', ')}`] : []),
    `-- owner: ${owner}`,
    '-- description: One row a … (say what a row is, and what it is for)',
    '-- columns:',
    ...columns.map((column) => `--   ${column.name}: ${column.description}`),
  ];
  const from = source.kind === 'none' ? '' : `\nFROM ${quotedTable(source.table)} AS t`;
  const select = `SELECT\n${columns.map(({ sql }) => `  ${sql}`).join(',\n')}${from}\n`;
  return { sql: `${header.join('\n')}\n${select}`, cases: casesOf(name, source, columns) };
}

function columnsOf(source: Source): SkeletonColumn[] {
  if (source.kind === 'none')
    return [{ name: 'answer', sql: '42 AS answer', description: 'What is it?', given: '', expected: '42' }];
  if (source.kind === 'columns') {
    return source.columns.map(({ name, type }) => ({
      name,
      sql: `t.${identifier(name)}`,
      description: `As in ${source.table}`,
      given: sampleOf(type, name),
      expected: sampleOf(type, name),
    }));
  }
  const known = source.attributes.filter(({ name }) => isIdentifier(name));
  if (known.length === 0) return envelope(source.table);
  const taken = new Set<string>();
  return known.map(({ name, type }) => {
    const alias = free(columnName(name), taken);
    const path = `t.payload.${/^[A-Za-z_]\w*$/.test(name) && !reserved.has(name.toLowerCase()) ? name : quoteIdentifier(name)}`;
    const sample = sampleOf(type ?? 'super', name);
    const sql = `${path}${type ? `::${type}` : ''} AS ${identifier(alias)}`;
    return { name: alias, sql, description: `${name} of the payload`, given: sample, expected: sample };
  });
}

/** Where nobody knows what is in the payload. */
function envelope(table: string): SkeletonColumn[] {
  const column = (name: string, description: string, value: string): SkeletonColumn => {
    return {
      name: name.replace(/^_/, ''),
      sql: name.startsWith('_') ? `t.${name} AS ${name.slice(1)}` : `t.${name}`,
      description,
      given: value,
      expected: value,
    };
  };
  return [
    column('_key', `The key in ${table}, as JSON`, `'{"id":"a"}'`),
    column('payload', 'All of it; t.payload.someName::VARCHAR(64) takes something out of it', '{}'),
  ];
}

const isIdentifier = (name: string): boolean => /^[\p{L}_][\p{L}\p{N}_$]{0,126}$/u.test(name);
const columnName = (name: string): string =>
  name
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_$]/gu, '_');

function free(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${name}_${number}`;
  taken.add(candidate);
  return candidate;
}

/** Words that are something else in Redshift, as far as attributes are called so. */
const reserved = new Set(
  'all and any array as asc authorization between both case cast check collate column constraint create cross current_date current_time current_timestamp current_user default delta desc distinct do else end except explicit false for foreign freeze from full grant group having identity ignore ilike in initially inner intersect into is isnull join language leading left like limit localtime localtimestamp lun luns minus natural new not notnull null nulls off offline offset oid old on only open or order outer overlaps parallel partition percent permissions pivot placing primary raw readratio recover references rejectlog resort respect restore right select session_user similar snapshot some start sysdate system table tag tdes text255 text32k then timestamp to top trailing true truncatecolumns type union unique unnest unpivot user using verbose wallet when where with without'.split(
    ' ',
  ),
);
const identifier = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : quoteIdentifier(name);
const quotedTable = (table: string): string => table.split('.').map(identifier).join('.');

/** A value for the case; made up, because what people's records hold is nothing for a repository. */
function sampleOf(type: string, name: string): string {
  if (/^(smallint|integer|bigint|int)/i.test(type)) return '1';
  const [, scale] = /^(?:decimal|numeric)\(\d+, *(\d+)\)/i.exec(type) ?? [];
  if (scale !== undefined) return Number(scale) > 0 ? `1.${'0'.repeat(Number(scale) - 1)}1` : '12345678901234567890';
  if (/^(double|real|float)/i.test(type)) return '0.5';
  if (/^bool/i.test(type)) return 'true';
  if (/^timestamp/i.test(type)) return '2026-01-31T12:00:00Z';
  if (/^date/i.test(type)) return '2026-01-31';
  if (/^super/i.test(type)) return '[]';
  return JSON.stringify(/char/i.test(type) ? `a ${name}`.slice(0, 20) : 'null').replace('"null"', 'null');
}

function casesOf(name: string, source: Source, columns: readonly SkeletonColumn[]): string {
  const expected = columns.map((column) => `${yamlName(column.name)}: ${column.expected}`);
  const given = source.kind === 'none' ? [] : ['  given:', `    ${source.table}:`, ...givenLines(source, columns)];
  return [
    `# What ${name} must make of what it reads: \`millrace test ${name}\` runs this.`,
    'what is given comes out:',
    ...given,
    '  expect:',
    ...listed(expected, '    '),
    '',
  ].join('\n');
}

function givenLines(source: Exclude<Source, { kind: 'none' }>, columns: readonly SkeletonColumn[]): string[] {
  if (source.kind === 'columns')
    return listed(
      columns.map(({ name, given }) => `${yamlName(name)}: ${given}`),
      '      ',
    );
  const known = source.attributes.filter(({ name }) => isIdentifier(name));
  if (known.length === 0) return listed([`_key: '{"id":"a"}'`, 'payload: {}'], '      ');
  const members = known.map(({ name }, index) => `          ${yamlName(name)}: ${columns[index]?.given}`);
  return ['      - payload:', ...members];
}

/** Quoted where YAML might read something else. */
const yamlName = (name: string): string =>
  /^[A-Za-z_]\w*$/.test(name) && !/^(true|false|null)$/i.test(name) ? name : JSON.stringify(name);

/** One row, a member a line. */
const listed = (members: readonly string[], by: string): string[] =>
  members.map((member, index) => `${by}${index === 0 ? '-' : ' '} ${member}`);
