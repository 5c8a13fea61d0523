import { signatureOf } from '../catalog/state.ts';
import type { Definition } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { dependentsOf, othersDepend } from './dependents.ts';
import { dropPhysical } from './physical-tables.ts';
import { done } from './results.ts';
import { noSchema } from './unknown-names.ts';
import type { Workspace } from './workspace.ts';

/** DROP TABLE, VIEW, MATERIALIZED VIEW, SCHEMA. */
export async function runDrop(workspace: Workspace, drop: Definition & { kind: 'drop' }): Promise<StatementResult> {
  const tag = `DROP ${drop.object.toUpperCase()}`;
  for (const names of drop.names) {
    if (drop.object === 'schema') await dropSchema(workspace, names, drop);
    else await dropRelation(workspace, names, drop);
  }
  return done(tag);
}

const KINDS = {
  table: ['table'],
  view: ['view', 'late_binding_view'],
  'materialized view': ['materialized_view'],
} as const;

async function dropRelation(
  workspace: Workspace,
  names: readonly Identifier[],
  drop: Definition & { kind: 'drop' },
): Promise<void> {
  const relation = workspace.find(names);
  if (!relation) {
    if (drop.ifExists) return;
    throw new RedshiftError(
      '42P01',
      `${drop.object[0]?.toUpperCase()}${drop.object.slice(1)} "${names.map((part) => workspace.fold(part)).join('.')}" does not exist`,
    );
  }
  const kinds: readonly string[] = KINDS[drop.object as keyof typeof KINDS];
  if (!kinds.includes(relation.kind))
    throw new RedshiftError('42809', `"${relation.name}" is not a ${drop.object}`, {
      hint: `Use DROP ${relation.kind === 'table' ? 'TABLE' : 'VIEW'} to remove a ${relation.kind === 'table' ? 'table' : 'view'}.`,
    });
  const dependents = dependentsOf(workspace, [relation]);
  if (dependents.length > 0 && !drop.cascade) throw othersDepend(`${drop.object} ${relation.name}`);
  for (const dependent of dependents) await dropPhysical(workspace, dependent);
  await dropPhysical(workspace, relation);
}

async function dropSchema(
  workspace: Workspace,
  names: readonly Identifier[],
  drop: Definition & { kind: 'drop' },
): Promise<void> {
  const name = workspace.fold(names.at(-1) as Identifier);
  if (!workspace.transaction.catalog.schemas.has(name)) {
    if (drop.ifExists) return;
    throw noSchema(name);
  }
  const inside = [...workspace.transaction.catalog.relations.values()].filter((relation) => relation.schema === name);
  const functions = [...workspace.transaction.catalog.functions.values()].flat().filter((fn) => fn.schema === name);
  if (inside.length + functions.length > 0 && !drop.cascade) throw othersDepend(`schema ${name}`);
  const outside = dependentsOf(workspace, inside).filter((relation) => !inside.includes(relation));
  for (const relation of [...inside, ...outside]) await dropPhysical(workspace, relation);
  for (const fn of functions)
    await workspace.transaction.change({
      kind: 'dropFunction',
      schema: name,
      name: fn.name,
      signature: signatureOf(fn),
    });
  await workspace.transaction.change({ kind: 'dropSchema', name });
}
