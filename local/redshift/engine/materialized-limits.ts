import { type Relation, relationKey } from '../catalog/model.ts';
import type { Query } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { walk } from './walk.ts';
import type { Workspace } from './workspace.ts';

const refused = (what: string): RedshiftError =>
  new RedshiftError('0A000', `Materialized view cannot be defined with ${what}`);

/** What the manual takes in no materialized view: views, of whatever binding. */
export function requireMaterializableRead({ kind, name }: Pick<Relation, 'kind' | 'name'>): void {
  if (kind === 'view' || kind === 'late_binding_view') throw refused(`the view "${name}"`);
}

/** What the manual takes in no materialized view: an order, a limit, user-defined functions. */
export function requireMaterializableQuery(workspace: Workspace, query: Query): void {
  if (query.orderBy.length > 0) throw refused('ORDER BY');
  if (query.limit) throw refused('LIMIT');
  if (query.offset) throw refused('OFFSET');
  const { functions } = workspace.transaction.catalog;
  walk(query, (node) => {
    if (node.kind !== 'call') return;
    const name = (node.name as Parameters<Workspace['fold']>[0][]).map((part) => workspace.fold(part));
    const schemas = name.length > 1 ? [name.at(-2) ?? ''] : workspace.searchPath();
    if (schemas.some((schema) => functions.has(relationKey(schema, name.at(-1) ?? ''))))
      throw refused(`the user-defined function "${name.at(-1)}"`);
  });
}
