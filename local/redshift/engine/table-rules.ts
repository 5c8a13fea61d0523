import type { Column } from '../catalog/model.ts';
import type { ColumnDefinition, CreateTable, TableAttributes } from '../statements/statement.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';

const MAXIMUM_COLUMNS = 1600;
const MAXIMUM_SORT_KEYS = { compound: 400, interleaved: 8, auto: 400 } as const;

const refuse = (sqlState: string, message: string): never => {
  throw new RedshiftError(sqlState, message);
};

const NUMBERS = ['int2', 'int4', 'int8', 'decimal'];
const MOMENTS = ['date', 'timestamp', 'timestamptz', 'time', 'timetz'];
const WORDS = ['varchar', 'char'];

/** Which types each encoding is for. */
const ENCODINGS: Readonly<Record<string, (type: RedshiftType) => boolean>> = {
  auto: () => true,
  raw: () => true,
  none: () => true,
  zstd: () => true,
  az64: ({ kind }) => [...NUMBERS, ...MOMENTS].includes(kind),
  bytedict: ({ kind }) => kind !== 'bool' && kind !== 'super' && kind !== 'varbyte',
  delta: ({ kind }) => [...NUMBERS, ...MOMENTS].includes(kind),
  delta32k: ({ kind }) => [...NUMBERS, ...MOMENTS].includes(kind),
  lzo: ({ kind }) => !['bool', 'float4', 'float8'].includes(kind),
  mostly8: ({ kind }) => NUMBERS.includes(kind),
  mostly16: ({ kind }) => NUMBERS.includes(kind) && kind !== 'int2',
  mostly32: ({ kind }) => kind === 'int8' || kind === 'decimal',
  runlength: ({ kind }) => kind !== 'super' && kind !== 'varbyte',
  text255: ({ kind }) => WORDS.includes(kind),
  text32k: ({ kind }) => WORDS.includes(kind),
};

export function requireEncoding(name: string, type: RedshiftType, encoding: string): void {
  const isFor = Object.hasOwn(ENCODINGS, encoding) ? ENCODINGS[encoding] : undefined;
  if (!isFor) refuse('22023', `encoding "${encoding}" not recognized`);
  else if (!isFor(type)) refuse('42P16', `invalid encoding type specified for column "${name}"`);
}

/** What one column may not be. */
export function requireColumnRules(name: string, definition: ColumnDefinition): void {
  const { type, identity, defaultValue, encoding } = definition;
  if (identity && type.kind !== 'int4' && type.kind !== 'int8')
    refuse('42P16', `identity column "${name}" must be of type integer or bigint`);
  if (identity && defaultValue) refuse('42601', `both default and identity specified for column "${name}"`);
  if (identity?.step === 0) refuse('22023', 'the step of an identity column must not be zero');
  if (encoding !== undefined) requireEncoding(name, type, encoding);
  if (type.kind === 'super' && (definition.distributionKey || definition.sortKey)) refuseKey(name);
  if (holdsSubquery(defaultValue)) refuse('0A000', 'cannot use subquery in default expression');
}

function holdsSubquery(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(holdsSubquery);
  if (node === null || typeof node !== 'object') return false;
  const { kind } = node as { kind?: string };
  return kind === 'subquery' || kind === 'exists' || kind === 'inQuery' || Object.values(node).some(holdsSubquery);
}

const refuseKey = (name: string): never =>
  refuse('0A000', `column "${name}" of type super cannot be a distribution key or sort key`);

/** What the columns of a table may not be together. */
export function requireTableRules(
  table: string,
  columns: readonly Column[],
  attributes: TableAttributes,
  create?: Pick<CreateTable, 'columns' | 'constraints'>,
): void {
  if (columns.length > MAXIMUM_COLUMNS) refuse('54011', `tables can have at most ${MAXIMUM_COLUMNS} columns`);
  const keys = columns.filter((column) => column.distributionKey);
  if (keys.length > 1) refuse('42P16', 'only one column can be the distribution key');
  const style = attributes.distributionStyle;
  if (style === 'key' && keys.length === 0) refuse('42P16', 'DISTSTYLE KEY requires a DISTKEY column');
  if (style !== undefined && style !== 'key' && keys.length > 0)
    refuse('42P16', `DISTKEY cannot be specified with DISTSTYLE ${style.toUpperCase()}`);
  const sorted = columns.filter((column) => column.sortKeyPosition > 0);
  const most = MAXIMUM_SORT_KEYS[attributes.sortStyle ?? 'compound'];
  if (sorted.length > most) refuse('54011', `a sort key can have at most ${most} columns`);
  const wrong = [...keys, ...sorted].find(({ type }) => type.kind === 'super');
  if (wrong) refuseKey(wrong.name);
  const primary = [
    ...(create?.columns ?? []).filter((column) => column.primaryKey),
    ...(create?.constraints ?? []).filter(({ kind }) => kind === 'primary'),
  ];
  if (primary.length > 1) refuse('42P16', `multiple primary keys for table "${table}" are not allowed`);
}
