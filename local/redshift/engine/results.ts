import { floatText, textOf } from '../binder/casts.ts';
import type { BoundQuery } from '../binder/context.ts';
import type { OutputColumn } from '../binder/scope.ts';
import { superToJson } from '../binder/super.ts';
import type { ResultColumn, StatementResult } from '../types.ts';
import { styledMoment } from './date-style.ts';
import type { SessionSettings } from './settings.ts';

/** A value as clients see it: the text form that Redshift sends. */
export function textForm(sql: string, type: ResultColumn['type'], floatDigits = 0): string {
  switch (type.kind) {
    case 'bool':
      return `CASE ${sql} WHEN TRUE THEN 't' WHEN FALSE THEN 'f' END`;
    case 'char':
      return type.length === undefined
        ? sql
        : `rpad(${sql}, CAST(greatest(${type.length} - strlen(${sql}) + length(${sql}), 0) AS INTEGER), ' ')`;
    case 'super':
      return superToJson(sql);
    case 'varbyte':
      return `lower(hex(${sql}))`;
    case 'float8':
      return floatDigits === 0
        ? textOf(sql, type)
        : floatText(sql, floatDigits > 0 ? 17 : Math.max(1, 15 + floatDigits));
    case 'float4':
      if (floatDigits === 0) return textOf(sql, type);
      return floatText(`CAST(${sql} AS DOUBLE)`, floatDigits > 0 ? 9 : Math.max(1, 6 + floatDigits));
    case 'interval_year_to_month':
    case 'interval_day_to_second':
      return type.scale === undefined ? `mr_interval_text(CAST(${sql} AS VARCHAR), '${type.kind}')` : textOf(sql, type);
    default:
      return textOf(sql, type);
  }
}

/** The query with every column in its text form. */
export function textQuery(query: BoundQuery, settings: SessionSettings): string {
  const digits = Number(settings.get('extra_float_digits') ?? 0);
  const style = settings.get('datestyle') ?? '';
  const list = query.columns.map(({ type }, i) => {
    const sql = `q.c${i + 1}`;
    return `${styledMoment(sql, type, style) ?? textForm(sql, type, digits)} AS c${i + 1}`;
  });
  return `SELECT ${list.join(', ')} FROM (${query.sql}) AS q`;
}

/** A column's name as clients get it. */
export const resultName = (name: string, settings: SessionSettings): string =>
  settings.isOn('describe_field_name_in_uppercase') ? name.toUpperCase() : name;

export const resultColumns = (columns: readonly OutputColumn[], settings: SessionSettings): ResultColumn[] =>
  columns.map(({ name, type }) => ({ name: resultName(name, settings), type }));

export const done = (tag: string, rowCount = 0): StatementResult => ({ tag, rowCount });
