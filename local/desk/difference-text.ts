import { renderTable } from '../commands/rows.ts';
import { type ChangedColumn, isDifferent, type ModelDifference, type RowDifference } from './differences.ts';

type OfModel = Extract<ModelDifference, { kind: 'compared' }>;
interface Names {
  readonly environment: string;
  readonly production: string;
}

const count = (rows: number, what = 'row'): string => `${rows} ${what}${rows === 1 ? '' : 's'}`;

/** What differs of a model, a line of it and more under it. */
export function differenceText(difference: ModelDifference, names: Names): string {
  const { name } = difference.model;
  switch (difference.kind) {
    case 'unanswered':
      return `? ${name} could not be compared: ${difference.reason}`;
    case 'new':
      return `+ ${name} is new: ${count(difference.rows)}, ${count(difference.columns.length, 'column')}`;
    case 'compared':
      if (!isDifferent(difference)) return `= ${name}: the same columns, the same ${count(difference.rows.here)}`;
      return [`~ ${name}`, ...comparedLines(difference, names)].join('\n');
  }
}

function comparedLines(difference: OfModel, names: Names): string[] {
  const { columns, rows, key, isNewerThere } = difference;
  return [
    ...columns.map((column) => `  ${columnText(column)}`),
    `  ${rowsText(rows, key, names)}`,
    ...(rows.changedBy ?? []).map(({ column, rows: differing }) => `    ${column} differs in ${count(differing)}`),
    ...sampleLines(rows, key, names),
    ...(isNewerThere
      ? [`  ${names.production} has published it since it was built here: part of it may be newer data; build again`]
      : []),
  ];
}

function columnText(column: ChangedColumn): string {
  switch (column.kind) {
    case 'added':
      return `+ column ${column.name} ${column.type}`;
    case 'removed':
      return `- column ${column.name} ${column.type}${readersText(column)}`;
    case 'retyped':
      return `~ column ${column.name} ${column.from} → ${column.to}${readersText(column)}`;
  }
}

const namesAtMost = 8;

/** Whoever reads the column: models of the project; and roles, behind which are people whose queries nobody here knows. */
function readersText({ kind, readBy, roles }: ChangedColumn): string {
  const more = readBy.length > namesAtMost ? ` and ${readBy.length - namesAtMost} more` : '';
  const models = readBy.length > 0 ? [`read by ${readBy.slice(0, namesAtMost).join(', ')}${more}`] : [];
  const nobody = kind === 'removed' && readBy.length === 0 ? ['no model reads it'] : [];
  const people = roles.length > 0 ? [`the role${roles.length === 1 ? '' : 's'} ${roles.join(', ')} may read it`] : [];
  const readers = [...models, ...nobody, ...people].join('; ');
  return readers === '' ? '' : `: ${readers}`;
}

function rowsText(rows: RowDifference, key: readonly string[], { environment, production }: Names): string {
  const { here, there, onlyHere, onlyThere, changed } = rows;
  const total = here === there ? `${count(here)} in both` : `${count(here)}, ${there} in ${production}`;
  if (onlyHere === undefined || onlyThere === undefined) return `${total}; no column is in both`;
  const only = [
    ...(onlyHere > 0 ? [`${onlyHere} only in ${environment}`] : []),
    ...(onlyThere > 0 ? [`${onlyThere} only in ${production}`] : []),
    ...(changed !== undefined && changed > 0 ? [`${changed} changed`] : []),
  ];
  const how = key.length > 0 ? `by ${key.join(', ')}` : 'distinct rows, as there is no key';
  return only.length > 0 ? `${total}: ${only.join(', ')} (${how})` : `${total}, the same in all columns that both have`;
}

function sampleLines({ sample = [] }: RowDifference, key: readonly string[], names: Names): string[] {
  if (sample.length === 0) return [];
  const rows = sample.flatMap(({ key: values, changes }) =>
    changes.map(({ column, from, to }, index) => [
      ...key.map((name) => (index === 0 ? (values[name] ?? null) : null)),
      column,
      from ?? 'NULL',
      to ?? 'NULL',
    ]),
  );
  const table = renderTable({ columns: [...key, 'column', names.production, names.environment], rows });
  return table.split('\n').map((line) => `    ${line}`);
}

/** All models in one table. */
export function differencesTable(all: readonly ModelDifference[], { environment, production }: Names): string {
  const cells = (difference: ModelDifference): (string | null)[] => {
    const { name } = difference.model;
    if (difference.kind === 'unanswered') return [name, 'not compared', '', '', '', '', '', ''];
    if (difference.kind === 'new') return [name, 'new', '', '', String(difference.rows), '', '', ''];
    const { rows, columns } = difference;
    const kinds = (kind: ChangedColumn['kind']) => columns.filter((one) => one.kind === kind).length;
    const signs = [`+${kinds('added')}`, `-${kinds('removed')}`, `~${kinds('retyped')}`];
    const numbers = [rows.there, rows.here, rows.onlyThere, rows.onlyHere, rows.changed];
    const outcome = isDifferent(difference) ? 'differs' : 'the same';
    return [
      name,
      outcome,
      columns.length > 0 ? signs.join(' ') : '',
      ...numbers.map((value) => (value === undefined ? '' : String(value))),
    ];
  };
  const columns = ['model', 'outcome', 'columns', `rows in ${production}`, `in ${environment}`];
  const rest = [`only in ${production}`, `only in ${environment}`, 'changed'];
  return renderTable({ columns: [...columns, ...rest], rows: all.map(cells) });
}

/** For programs: everything that was found. */
export function differenceJson(difference: ModelDifference) {
  const { model, ...found } = difference;
  return { model: model.name, owner: model.owner, isDifferent: isDifferent(difference), ...found };
}
