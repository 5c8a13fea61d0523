import { formatType } from '../binder/types.ts';
import type { Column, Relation } from '../catalog/model.ts';
import type { AlterAction } from '../statements/statement.ts';
import { RedshiftError } from '../types.ts';
import { defaultSql } from './insertion.ts';
import type { Workspace } from './workspace.ts';

type Append = AlterAction & { kind: 'append' };

/** ALTER TABLE APPEND: the source's rows move into the target by the columns' names, and the source is empty after it. */
export async function appendTable(workspace: Workspace, target: Relation, append: Append): Promise<Relation> {
  if (workspace.transaction.isBlock)
    throw new RedshiftError('25001', 'ALTER TABLE APPEND cannot run inside a transaction block');
  const source = workspace.require(append.source);
  if (source.id === target.id || source.temporary || target.temporary)
    throw new RedshiftError('0A000', 'ALTER TABLE APPEND takes two different permanent tables');
  const pairs = pairColumns(source, target, append);
  const filled = target.columns.filter((column) => !pairs.some(([, to]) => to === column));
  const names = [...pairs.map(([, to]) => to), ...filled].map((column) => `c${column.id}`);
  const values = [
    ...pairs.map(([from]) => `c${from.id}`),
    ...filled.map((column) => defaultSql(workspace, target, column)),
  ];
  const [into, from] = [workspace.physical(target), workspace.physical(source)];
  await workspace.change(`INSERT INTO ${into} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${from}`);
  await workspace.change(`DELETE FROM ${from}`);
  return target;
}

function pairColumns(source: Relation, target: Relation, append: Append): [Column, Column][] {
  const pairs = source.columns.flatMap((from): [Column, Column][] => {
    const to = target.columns.find((column) => column.name === from.name);
    if (to) return [[from, to]];
    if (append.ignoreExtra) return [];
    throw new RedshiftError('42703', `column "${from.name}" of the source table is not in the target table`, {
      hint: "Specify IGNOREEXTRA to discard the source table's additional columns.",
    });
  });
  const missing = target.columns.find((column) => !pairs.some(([, to]) => to === column));
  if (missing && !append.fillTarget)
    throw new RedshiftError('42703', `column "${missing.name}" of the target table is not in the source table`, {
      hint: "Specify FILLTARGET to fill the target table's additional columns.",
    });
  for (const [from, to] of pairs) requireSame(from, to);
  return pairs;
}

function requireSame(from: Column, to: Column): void {
  if (from.identity || to.identity)
    throw new RedshiftError('0A000', 'ALTER TABLE APPEND with IDENTITY columns is not supported');
  if (formatType(from.type) === formatType(to.type) && from.notNull === to.notNull) return;
  throw new RedshiftError('42804', `the attributes of column "${from.name}" differ between the two tables`);
}
