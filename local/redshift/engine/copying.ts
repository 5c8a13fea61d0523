import { listValue } from '@duckdb/node-api';
import { constant } from '../binder/bound.ts';
import { cast, fromText as strictFromText } from '../binder/casts.ts';
import { castFromSuper, superFromJson, superToJson } from '../binder/super.ts';
import { duckdbType, isText } from '../binder/types.ts';
import type { Column, Relation } from '../catalog/model.ts';
import { executeCopy } from '../copy/copy.ts';
import { executeUnload } from '../copy/unload.ts';
import type { CopyContext, UnloadContext } from '../copy-context.ts';
import type { CopyAuthorization, CopyStatement, UnloadStatement } from '../statements/copy.ts';
import { type ObjectStore, RedshiftError, type StatementResult } from '../types.ts';
import { defaultSql, insertFromSql, namedColumns } from './insertion.ts';
import { resultColumns, textForm } from './results.ts';
import type { Workspace } from './workspace.ts';

function storeOf(workspace: Workspace): ObjectStore {
  const store = workspace.cluster.options.objectStore;
  if (!store) throw new RedshiftError('XX000', 'this Redshift was started without an object store');
  return store;
}

/** Whose rights the statement's calls have: a role's, or those of keys that stand in the statement itself. */
function callerOf(
  workspace: Workspace,
  authorization: CopyAuthorization,
): Pick<CopyContext, 'objectStore' | 'roleArn'> {
  const objectStore = storeOf(workspace);
  switch (authorization.kind) {
    case 'role':
      return { objectStore, roleArn: lastOfChain(authorization.roleArn) };
    case 'keys':
      if (!objectStore.withKeys) throw new RedshiftError('0A000', 'this Redshift reads and writes as an IAM_ROLE only');
      return { objectStore: objectStore.withKeys(authorization), roleArn: '' };
    case 'none':
      throw new RedshiftError('42601', 'an authorization is required: IAM_ROLE, CREDENTIALS or ACCESS_KEY_ID');
    default: {
      const roleArn = workspace.cluster.options.defaultRoleArn;
      if (roleArn === undefined) throw new RedshiftError('22023', 'IAM_ROLE default: no default role is set');
      return { objectStore, roleArn };
    }
  }
}

/** Chained roles are assumed one after the other; what is allowed is what the last one may do. */
function lastOfChain(roleArns: string): string {
  const chain = roleArns.split(',');
  if (chain.every((arn) => /^arn:[\w-]*:iam::\d*:role\/\S+$/.test(arn))) return chain.at(-1) as string;
  throw new RedshiftError(
    '42601',
    `Invalid IAM_ROLE '${roleArns}': roles are named by their ARN, chained ones with a comma and no blanks`,
  );
}

function common(
  workspace: Workspace,
  authorization: CopyAuthorization,
): Pick<
  CopyContext,
  | 'connection'
  | 'database'
  | 'user'
  | 'sessionId'
  | 'queryId'
  | 'objectStore'
  | 'roleArn'
  | 'settings'
  | 'independently'
> {
  return {
    connection: workspace.kept.duckdb,
    database: workspace.database,
    user: workspace.user,
    sessionId: workspace.sessionId,
    queryId: workspace.queryId,
    ...callerOf(workspace, authorization),
    settings: workspace.settings.all(),
    independently: async (work) => {
      const connection = await workspace.cluster.instance.connect();
      try {
        return await work(connection);
      } finally {
        connection.closeSync();
      }
    },
  };
}

/** Text into a column's type; lax gives NULL where it does not fit. */
function fromText(sql: string, column: Column, options: { readonly lax: boolean }): string {
  if (options.lax)
    return castFromSuper(constant(`CAST(to_json(${sql}) AS VARCHAR)`, { kind: 'super' }), column.type).sql;
  if (isText(column.type)) return cast(constant(sql, { kind: 'varchar' }), column.type, 'assignment').sql;
  return strictFromText(sql, column.type);
}

/** The columns that the source's fields fill: IDENTITY columns only where EXPLICIT_IDS says so, or where they take values anyway. */
function copiedColumns(workspace: Workspace, table: Relation, copy: CopyStatement): Column[] {
  const explicit = copy.options.EXPLICIT_IDS === true;
  const numbersItself = (column: Column): boolean => column.identity !== undefined && !column.identity.byDefault;
  if (explicit && !table.columns.some((column) => column.identity))
    throw new RedshiftError('42601', `EXPLICIT_IDS: table "${table.name}" has no IDENTITY column`);
  if (!copy.columns) return table.columns.filter((column) => explicit || !numbersItself(column));
  const columns = namedColumns(workspace, table, copy.columns);
  if (explicit && !columns.some((column) => column.identity))
    throw new RedshiftError('42601', 'EXPLICIT_IDS: the column list must name the IDENTITY column');
  const numbered = columns.find(numbersItself);
  if (numbered && !explicit)
    throw new RedshiftError('42601', `cannot copy into IDENTITY column "${numbered.name}" without EXPLICIT_IDS`);
  return columns;
}

export async function runCopy(workspace: Workspace, copy: CopyStatement): Promise<StatementResult> {
  const table = workspace.require(copy.table);
  const columns = copiedColumns(workspace, table, copy);
  await workspace.transaction.start();
  const names = columns.map((_column, i) => `s${i + 1}`);
  const values = columns.map((column, i) => {
    const value = `source.${names[i]}`;
    return column.identity ? `coalesce(${value}, ${defaultSql(workspace, table, column)})` : value;
  });
  const insertFrom = (relationSql: string, texts?: readonly string[]): Promise<number> => {
    const source = `(${relationSql}) AS source(${names.join(', ')})`;
    const sql = insertFromSql(workspace, table, columns, values, source);
    if (!texts) return workspace.change(sql);
    const lines = [listValue([...texts])];
    // A default may be the time of day.
    const isPlannable = columns.length === table.columns.length;
    const { kept } = workspace;
    return workspace.changeBy(sql, () => (isPlannable ? kept.runPlanned(sql, lines) : kept.run(sql, lines)));
  };
  const note = (rows: number): void => {
    workspace.transfers = { ...workspace.transfers, copy: { queryId: workspace.queryId, rows } };
  };
  const result = await executeCopy(copy, {
    ...common(workspace, copy.authorization),
    table,
    columns,
    duckdbType,
    fromText,
    superFromJson,
    superToJson,
    insertFrom,
    insertExactly: async (relationSql, rows, texts) => {
      const inserted = await insertFrom(relationSql, texts);
      if (inserted !== rows) await takeOut(workspace, workspace.physical(table), inserted);
      return inserted === rows;
    },
    loadBegins: () => note(0),
    noteLoad: (load) => workspace.cluster.history.noteLoad(load),
  });
  note(result.rowCount);
  return result;
}

/** Takes the rows out again that the last statement put in: within a transaction a table's newest rows have its highest row ids. */
async function takeOut(workspace: Workspace, physicalTable: string, rows: number): Promise<void> {
  if (rows === 0) return;
  const newest = `rowid > (SELECT max(rowid) FROM ${physicalTable}) - ${rows}`;
  const deleted = await workspace.change(`DELETE FROM ${physicalTable} WHERE ${newest}`);
  if (deleted !== rows) throw new RedshiftError('XX000', 'the box could not take back the rows of an attempted load');
}

export async function runUnload(workspace: Workspace, unload: UnloadStatement): Promise<StatementResult> {
  const query = workspace.bind(unload.query);
  await workspace.transaction.start();
  const context: UnloadContext = {
    ...common(workspace, unload.authorization),
    querySql: query.sql,
    columns: resultColumns(query.columns, workspace.settings),
    textForm: (sql, type) => textForm(sql, type),
    superToJson,
  };
  const result = await executeUnload(unload, context);
  workspace.transfers = { ...workspace.transfers, unload: { queryId: workspace.queryId, rows: result.rowCount } };
  return result;
}
