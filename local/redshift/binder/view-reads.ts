import { type CatalogState, type ReadRelation, type Relation, relationKey } from '../catalog/model.ts';

/** What a view keeps of a relation that it reads: Redshift's views follow tables and columns by number, not by name. */
export const readOf = (relation: Relation): ReadRelation => ({
  id: relation.id,
  schema: relation.schema,
  name: relation.name,
  columns: relation.columns.map(({ id, name }) => ({ id, name })),
});

/**
 * The catalog with what a view reads under the names that it knows, and with the columns that there were: a rename does not break
 * a view, and a new column is not in it.
 */
export function asKnownTo(reads: readonly ReadRelation[], catalog: CatalogState): CatalogState {
  const changed = reads.flatMap((read) => {
    const now = current(catalog, read);
    return now && !isUnchanged(read, now) ? [asKnown(read, now)] : [];
  });
  if (changed.length === 0) return catalog;
  const relations = new Map(catalog.relations);
  for (const relation of changed) relations.set(relationKey(relation.schema, relation.name), relation);
  return { ...catalog, relations };
}

/** A relation that a view knows, as it is now. */
export function current(catalog: CatalogState, read: Pick<Relation, 'id' | 'schema' | 'name'>): Relation | undefined {
  const named = catalog.relations.get(relationKey(read.schema, read.name));
  if (named?.id === read.id) return named;
  return [...catalog.relations.values()].find(({ id }) => id === read.id);
}

const isUnchanged = (read: ReadRelation, now: Relation): boolean =>
  read.schema === now.schema &&
  read.name === now.name &&
  read.columns.length === now.columns.length &&
  read.columns.every(({ id, name }, i) => now.columns[i]?.id === id && now.columns[i]?.name === name);

function asKnown(read: ReadRelation, now: Relation): Relation {
  const columns = read.columns.flatMap(({ id, name }) => {
    const column = now.columns.find((candidate) => candidate.id === id);
    return column ? [{ ...column, name }] : [];
  });
  return { ...now, schema: read.schema, name: read.name, columns };
}
