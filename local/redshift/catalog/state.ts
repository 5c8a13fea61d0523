import type { CatalogState, Grant, Relation, Schema, SqlFunction } from './model.ts';
import { relationKey } from './model.ts';

export const EMPTY_CATALOG: CatalogState = {
  schemas: new Map([['public', { name: 'public', owner: 'rdsdb' }]]),
  relations: new Map(),
  functions: new Map(),
  grants: [],
};

/** One change of a catalog. Changes are replayed on the newest picture when a transaction commits. */
export type CatalogChange =
  | { readonly kind: 'putSchema'; readonly schema: Schema }
  | { readonly kind: 'dropSchema'; readonly name: string }
  | { readonly kind: 'putRelation'; readonly relation: Relation }
  | { readonly kind: 'dropRelation'; readonly relation: Relation }
  | { readonly kind: 'putFunction'; readonly function: SqlFunction }
  | { readonly kind: 'dropFunction'; readonly schema: string; readonly name: string; readonly signature: string }
  | { readonly kind: 'addGrants'; readonly grants: readonly Grant[] }
  | { readonly kind: 'removeGrants'; readonly grants: readonly Grant[] };

export const signatureOf = (fn: Pick<SqlFunction, 'argumentTypes'>): string =>
  fn.argumentTypes.map((type) => type.kind).join(',');

const grantKey = (grant: Grant): string =>
  [grant.privilege, grant.objectKind, grant.schema, grant.objectName, grant.granteeKind, grant.grantee].join('\u0000');

function changed<Value>(
  map: ReadonlyMap<string, Value>,
  change: (copy: Map<string, Value>) => void,
): ReadonlyMap<string, Value> {
  const copy = new Map(map);
  change(copy);
  return copy;
}

/** The picture after a change. */
export function applyChange(state: CatalogState, change: CatalogChange): CatalogState {
  switch (change.kind) {
    case 'putSchema':
      return { ...state, schemas: changed(state.schemas, (copy) => copy.set(change.schema.name, change.schema)) };
    case 'dropSchema':
      return { ...state, schemas: changed(state.schemas, (copy) => copy.delete(change.name)) };
    case 'putRelation':
      return { ...state, relations: changed(state.relations, (copy) => putRelation(copy, change.relation)) };
    case 'dropRelation':
      return {
        ...state,
        relations: changed(state.relations, (copy) =>
          copy.delete(relationKey(change.relation.schema, change.relation.name)),
        ),
      };
    case 'putFunction':
    case 'dropFunction':
      return { ...state, functions: changed(state.functions, (copy) => changeFunctions(copy, change)) };
    case 'addGrants':
    case 'removeGrants': {
      const keys = new Set(change.grants.map(grantKey));
      const kept = state.grants.filter((grant) => !keys.has(grantKey(grant)));
      return { ...state, grants: change.kind === 'addGrants' ? [...kept, ...change.grants] : kept };
    }
  }
}

/** A relation keeps its id when it is renamed: the old name goes. */
function putRelation(copy: Map<string, Relation>, relation: Relation): void {
  for (const [key, other] of copy) if (other.id === relation.id) copy.delete(key);
  copy.set(relationKey(relation.schema, relation.name), relation);
}

function changeFunctions(
  copy: Map<string, readonly SqlFunction[]>,
  change: CatalogChange & { kind: 'putFunction' | 'dropFunction' },
): void {
  const [schema, name, signature] =
    change.kind === 'putFunction'
      ? [change.function.schema, change.function.name, signatureOf(change.function)]
      : [change.schema, change.name, change.signature];
  const key = relationKey(schema, name);
  const others = (copy.get(key) ?? []).filter((candidate) => signatureOf(candidate) !== signature);
  const next = change.kind === 'putFunction' ? [...others, change.function] : others;
  if (next.length === 0) copy.delete(key);
  else copy.set(key, next);
}
