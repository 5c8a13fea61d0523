import { bindQuery } from '../binder/query.ts';
import { viewEnvironment } from '../binder/relation.ts';
import { type CatalogState, type Relation, relationKey } from '../catalog/model.ts';
import { parseQueryText } from '../statements/parse.ts';
import { RedshiftError, unlessRefused } from '../types.ts';
import type { Workspace } from './workspace.ts';

export const othersDepend = (what: string): RedshiftError =>
  new RedshiftError('2BP01', `cannot drop ${what} because other objects depend on it`, {
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
  });

/** Views that read some relations, and views that read those, and so on. Late-binding views depend on nothing. */
export function dependentsOf(workspace: Workspace, relations: readonly Relation[]): Relation[] {
  const all = [...workspace.transaction.catalog.relations.values()];
  const known = new Set(relations.map(({ id }) => id));
  const found: Relation[] = [];
  for (let more: readonly Relation[] = relations; more.length > 0; ) {
    const next = all.filter((view) => !known.has(view.id) && more.some((relation) => reads(workspace, view, relation)));
    for (const { id } of next) known.add(id);
    found.push(...next);
    more = next;
  }
  return found;
}

function reads(workspace: Workspace, view: Relation, relation: Relation): boolean {
  if (view.kind !== 'view' && view.kind !== 'materialized_view') return false;
  return view.reads ? view.reads.some(({ id }) => id === relation.id) : breaksWithout(workspace, view, relation);
}

/** Views of earlier versions do not say what they read: they are bound with it gone. */
function breaksWithout(workspace: Workspace, view: Relation, relation: Relation): boolean {
  if (!view.definition?.toLowerCase().includes(relation.name.toLowerCase())) return false;
  const { catalog } = workspace.transaction;
  const relations = new Map(catalog.relations);
  relations.delete(relationKey(relation.schema, relation.name));
  return (
    columnsUnder(workspace, view, catalog) !== undefined &&
    columnsUnder(workspace, view, { ...catalog, relations }) === undefined
  );
}

/** How many columns a view's query has under some catalog; undefined when it cannot be bound. */
function columnsUnder(workspace: Workspace, view: Relation, catalog: CatalogState): number | undefined {
  const environment = workspace.environment();
  const around = {
    ...environment,
    rights: undefined,
    catalog: (database: string) => (database === workspace.database ? catalog : environment.catalog(database)),
  };
  return unlessRefused(() => {
    const query = parseQueryText(view.definition as string);
    const inner = viewEnvironment(view, workspace.database, around);
    return bindQuery(query, { environment: inner, commonTables: new Map() }).columns.length;
  });
}

/** Views that use one column of a table, and views that read those. */
export function dependentsOfColumn(workspace: Workspace, table: Relation, columnId: number): Relation[] {
  const { catalog } = workspace.transaction;
  const without = { ...table, columns: table.columns.filter(({ id }) => id !== columnId) };
  const relations = new Map(catalog.relations).set(relationKey(table.schema, table.name), without);
  const direct = [...catalog.relations.values()].filter((view) => {
    if (!reads(workspace, view, table)) return false;
    return columnsUnder(workspace, view, { ...catalog, relations }) !== columnsUnder(workspace, view, catalog);
  });
  return [...direct, ...dependentsOf(workspace, direct)];
}
