import { duckdbType } from '../binder/types.ts';
import type { Relation } from '../catalog/model.ts';
import type { Workspace } from './workspace.ts';

/** Makes a table in DuckDB. A temporary one may take the place, and the id, of one that is not used any more. */
export async function createPhysical(workspace: Workspace, wanted: Relation): Promise<Relation> {
  const relation = reused(workspace, wanted);
  for (const column of relation.columns) {
    if (!column.identity) continue;
    const { seed, step } = column.identity;
    const bounds =
      step < 0 ? `MINVALUE -9223372036854775807 MAXVALUE ${Math.max(seed, 1)}` : `MINVALUE ${Math.min(seed, 1)}`;
    await workspace.run(
      `CREATE SEQUENCE ${workspace.sequence(relation, column)} START WITH ${seed} INCREMENT BY ${step} ${bounds}`,
    );
  }
  if (relation === wanted) {
    const temporary = relation.temporary ? 'TEMP ' : '';
    await workspace.run(`CREATE ${temporary}TABLE ${workspace.physical(relation)} (${shapeOf(relation)})`);
  }
  if (relation.temporary) workspace.transaction.putTemporary(relation);
  else await workspace.transaction.change({ kind: 'putRelation', relation });
  return relation;
}

const shapeOf = ({ columns }: Relation): string =>
  columns.map((column) => `c${column.id} ${duckdbType(column.type)}${column.notNull ? ' NOT NULL' : ''}`).join(', ');

function reused(workspace: Workspace, wanted: Relation): Relation {
  if (!wanted.temporary || wanted.columns.some(({ identity }) => identity)) return wanted;
  const tables = workspace.kept.temporaryTables;
  const id = tables.borrow(shapeOf(wanted));
  if (id === undefined) tables.made(wanted.id, shapeOf(wanted));
  return id === undefined ? wanted : { ...wanted, id };
}

/** Drops what a table has in DuckDB. */
export async function dropPhysical(workspace: Workspace, relation: Relation): Promise<void> {
  if (relation.kind === 'table' || relation.kind === 'materialized_view') {
    await workspace.run(`DROP TABLE ${workspace.physical(relation)}`);
    for (const column of relation.columns)
      if (column.identity) await workspace.run(`DROP SEQUENCE IF EXISTS ${workspace.sequence(relation, column)}`);
  }
  if (relation.temporary) workspace.transaction.dropTemporary(relation);
  else await workspace.transaction.change({ kind: 'dropRelation', relation });
}
