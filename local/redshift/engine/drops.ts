import { bindQuery } from '../binder/query.ts';
import { type Relation, relationKey } from '../catalog/model.ts';
import { parseQueryText } from '../statements/parse.ts';
import type { Definition } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { done } from './results.ts';
import { dropPhysical } from './table-definitions.ts';
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
  const dependents = dependentsOf(workspace, relation);
  if (dependents.length > 0 && !drop.cascade) {
    throw new RedshiftError('2BP01', `cannot drop ${drop.object} ${relation.name} because other objects depend on it`, {
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    });
  }
  for (const dependent of dependents) await dropPhysical(workspace, dependent);
  await dropPhysical(workspace, relation);
}

/** Views that read a relation, found by binding them with it gone. Late-binding views depend on nothing. */
export function dependentsOf(workspace: Workspace, relation: Relation): Relation[] {
  const environment = workspace.environment();
  const candidates = [...workspace.transaction.catalog.relations.values()].filter(
    (other) => (other.kind === 'view' || other.kind === 'materialized_view') && other.id !== relation.id,
  );
  return candidates.filter((view) => {
    if (!view.definition?.toLowerCase().includes(relation.name.toLowerCase())) return false;
    const relations = new Map(workspace.transaction.catalog.relations);
    const bindView = (): void => {
      const catalog = { ...workspace.transaction.catalog, relations };
      bindQuery(parseQueryText(view.definition as string), {
        environment: {
          ...environment,
          rights: undefined,
          searchPath: [view.schema, ...environment.searchPath],
          settings: { ...environment.settings, caseSensitiveSuperAttribute: view.caseSensitiveSuperAttribute ?? false },
          catalog: (database) => (database === workspace.database ? catalog : environment.catalog(database)),
        },
        commonTables: new Map(),
      });
    };
    try {
      bindView();
    } catch {
      return false;
    }
    relations.delete(relationKey(relation.schema, relation.name));
    try {
      bindView();
      return false;
    } catch {
      return true;
    }
  });
}

async function dropSchema(
  workspace: Workspace,
  names: readonly Identifier[],
  drop: Definition & { kind: 'drop' },
): Promise<void> {
  const name = workspace.fold(names.at(-1) as Identifier);
  if (!workspace.transaction.catalog.schemas.has(name)) {
    if (drop.ifExists) return;
    throw new RedshiftError('3F000', `schema "${name}" does not exist`);
  }
  const inside = [...workspace.transaction.catalog.relations.values()].filter((relation) => relation.schema === name);
  if (inside.length > 0 && !drop.cascade) {
    throw new RedshiftError('2BP01', `cannot drop schema ${name} because other objects depend on it`, {
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    });
  }
  for (const relation of inside) await dropPhysical(workspace, relation);
  await workspace.transaction.change({ kind: 'dropSchema', name });
}
