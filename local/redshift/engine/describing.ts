import { TEXT } from '../binder/types.ts';
import { columnsOfCall } from '../procedures/call.ts';
import type { Statement } from '../statements/statement.ts';
import type { Query } from '../statements/syntax.ts';
import type { RedshiftType, ResultColumn } from '../types.ts';
import { COMPRESSION_COLUMNS } from './maintenance.ts';
import { emptyValue } from './prepared.ts';
import { resultColumns } from './results.ts';
import { PLAN_COLUMNS } from './runners.ts';
import { columnsOfShow } from './session-settings.ts';
import { columnsOfObject } from './show.ts';
import type { Workspace } from './workspace.ts';

export interface Description {
  /** Absent for statements that answer no rows. */
  readonly columns?: readonly ResultColumn[];
  readonly parameterTypes: readonly RedshiftType[];
}

/** What a statement will answer and which parameters it takes, found without running it. */
export function describeStatement(workspace: Workspace, statement: Statement, text: string): Description {
  const count = Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map((match) => Number(match[1])));
  const parameterTypes = Array.from({ length: count }, () => TEXT);
  switch (statement.kind) {
    case 'select':
      return describeQuery(workspace, statement.query, count);
    case 'show':
      return { columns: columnsOfShow(workspace, statement), parameterTypes: [] };
    case 'showObject':
      return { columns: columnsOfObject(workspace, statement.object), parameterTypes: [] };
    case 'analyzeCompression':
      return { columns: COMPRESSION_COLUMNS, parameterTypes: [] };
    case 'call':
      return { columns: columnsOfCall(workspace, statement), parameterTypes };
    case 'explain':
      return { columns: PLAN_COLUMNS, parameterTypes };
    case 'fetchCursor':
      return { columns: workspace.transaction.cursor?.columns, parameterTypes: [] };
    case 'executePrepared':
      return { columns: columnsOfPrepared(workspace, statement.name), parameterTypes };
    default:
      return { parameterTypes };
  }
}

/** The query is bound with all parameters open. */
function describeQuery(workspace: Workspace, query: Query, count: number): Description {
  workspace.transaction.requireUsable();
  workspace.parameters = Array.from({ length: count }, () => null);
  workspace.parameterTypes = new Map();
  const isTable = query.body.kind === 'select' && query.body.into !== undefined;
  const plain = isTable ? ({ ...query, body: { ...query.body, into: undefined } } as Query) : query;
  const bound = workspace.bind(plain, { settingChanges: [] });
  const types = workspace.parameterTypes;
  return {
    columns: isTable ? undefined : resultColumns(bound.columns, workspace.settings),
    parameterTypes: Array.from({ length: count }, (_unused, i) => types.get(i + 1) ?? TEXT),
  };
}

function columnsOfPrepared(workspace: Workspace, name: string): readonly ResultColumn[] | undefined {
  const parsed = workspace.prepared.get(name);
  if (parsed?.statement.kind !== 'select') return undefined;
  const count = Math.max(0, ...[...parsed.text.matchAll(/\$(\d+)/g)].map((match) => Number(match[1])));
  workspace.argumentValues = parsed.types.length < count ? undefined : parsed.types.map(emptyValue);
  try {
    return describeQuery(workspace, parsed.statement.query, count).columns;
  } finally {
    workspace.argumentValues = undefined;
  }
}
