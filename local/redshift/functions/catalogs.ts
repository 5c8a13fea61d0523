import { combine } from '../binder/bound.ts';
import { BOOL, TEXT, varchar } from '../binder/types.ts';
import { catalogTable } from '../catalog/views/define.ts';
import { quoteText } from '../rewriter/sql.ts';
import { everyType } from '../type-facts.ts';
import { CATALOG_DETAILS } from './catalog-details.ts';
import {
  convertArgument,
  type FunctionCall,
  type FunctionEntry,
  requireCount,
  scalar,
  signature,
  special,
} from './define.ts';

const NAME = varchar(128);

/** A type's name by its id, as format_type writes it; the modifier, from which length and digits come, counts from 4, and -1 is none. */
export function formatTypeSql(id: string, modifier: string): string {
  const names = everyType.map(([, { oid, name }]) => `WHEN ${oid} THEN ${quoteText(name)}`).join(' ');
  const size = `CASE WHEN ${modifier} < 4 THEN '' WHEN ${id} = 1700 THEN '(' || ((${modifier} - 4) // 65536) || ',' || ((${modifier} - 4) % 65536) || ')' WHEN ${id} IN (1042, 1043, 6551) THEN '(' || (${modifier} - 4) || ')' ELSE '' END`;
  return `(CASE ${id} ${names} WHEN 25 THEN 'text' WHEN 19 THEN 'name' WHEN 26 THEN 'oid' ELSE '???' END || ${size})`;
}

/** Whether a name without its schema means this relation: its schema is on the search path, and none before it has the name too. */
function isVisible(call: FunctionCall): string {
  const { database, searchPath } = call.environment;
  const relations = catalogTable(database, 'relations');
  const id = argument(call);
  const path = `[${searchPath.map(quoteText).join(', ')}]::VARCHAR[]`;
  const place = (alias: string): string => `list_position(${path}, ${alias}.schema_name)`;
  const earlier = `EXISTS (SELECT 1 FROM ${relations} other WHERE other.relation_name = own.relation_name AND ${place('other')} < ${place('own')})`;
  return `EXISTS (SELECT 1 FROM ${relations} own WHERE own.relation_id = ${id} AND ${place('own')} IS NOT NULL AND NOT ${earlier})`;
}

const argument = (call: FunctionCall, index = 0): string =>
  convertArgument(call.arguments[index] as FunctionCall['arguments'][number], 'int8').sql;

/** A question about one row of the hidden catalog. */
const catalogText = (most: number, read: (call: FunctionCall) => string): FunctionEntry =>
  special((call) => {
    requireCount(call, 1, most);
    return combine(read(call), TEXT, call.arguments, { name: call.name });
  });

/** The functions that psql, drivers and tools put around pg_class and its kin. */
export const CATALOGS: Readonly<Record<string, FunctionEntry>> = {
  format_type: scalar(
    signature(['int8', 'int8'], TEXT, (id, modifier) => formatTypeSql(id as string, `coalesce(${modifier}, -1)`)),
  ),
  pg_get_userbyid: scalar(
    signature(['int8'], NAME, (id) => {
      const found = `(SELECT max(u.user_name) FROM millrace_cluster.main.users u WHERE u.user_id = ${id})`;
      return `coalesce(${found}, CASE ${id} WHEN 1 THEN 'rdsdb' ELSE 'unknown (OID=' || ${id} || ')' END)`;
    }),
  ),
  pg_table_is_visible: special((call) => {
    requireCount(call, 1);
    return combine(isVisible(call), BOOL, call.arguments, { name: call.name });
  }),
  pg_get_expr: scalar(signature(['text', 'int8', 'bool'], TEXT, (text) => text as string, { optional: 1 })),
  pg_get_viewdef: catalogText(2, (call) => {
    const relations = catalogTable(call.environment.database, 'relations');
    return `(SELECT max(own.definition) FROM ${relations} own WHERE own.relation_id = ${argument(call)})`;
  }),
  obj_description: catalogText(2, (call) => {
    const relations = catalogTable(call.environment.database, 'relations');
    return `(SELECT max(own.comment) FROM ${relations} own WHERE own.relation_id = ${argument(call)})`;
  }),
  col_description: special((call) => {
    requireCount(call, 2);
    const columns = catalogTable(call.environment.database, 'columns');
    const own = `own.relation_id = ${argument(call)} AND own.ordinal = ${argument(call, 1)}`;
    return combine(`(SELECT max(own.comment) FROM ${columns} own WHERE ${own})`, TEXT, call.arguments, {
      name: call.name,
    });
  }),
  ...CATALOG_DETAILS,
  pg_encoding_to_char: scalar(signature(['int8'], NAME, () => `'UTF8'`)),
};
