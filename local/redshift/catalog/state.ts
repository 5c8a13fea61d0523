import type { CatalogState, Grant, Relation, Schema, SqlFunction } from './model.ts';
import { relationKey } from './model.ts';

const toEverybody = (objectKind: 'schema' | 'database', objectName: string, privilege: string): Grant => ({
  privilege,
  objectKind,
  schema: 'public',
  objectName,
  granteeKind: 'public',
  grantee: 'public',
  grantOption: false,
});

/** What everybody may do in a new database, until it is revoked: use and create in `public`, and make temporary tables. */
export const initialGrants = (database: string): readonly Grant[] => [
  toEverybody('schema', 'public', 'usage'),
  toEverybody('schema', 'public', 'create'),
  toEverybody('database', database, 'temp'),
];

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
  [
    grant.privilege,
    grant.objectKind,
    grant.schema,
    grant.objectName,
    grant.column ?? '',
    grant.granteeKind,
    grant.grantee,
  ].join('\u0000');

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
      return {
        ...state,
        schemas: changed(state.schemas, (copy) => copy.delete(change.name)),
        grants: state.grants.filter((grant) => !isOfSchema(grant, change.name)),
      };
    case 'putRelation':
      return {
        ...state,
        relations: changed(state.relations, (copy) => putRelation(copy, change.relation)),
        grants: followRename(state, change.relation),
      };
    case 'dropRelation':
      return {
        ...state,
        grants: state.grants.filter((grant) => !isOn(grant, change.relation)),
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

/** A privilege on a schema, or on what will be made in it. */
export const isOfSchema = (grant: Grant, schema: string): boolean =>
  (grant.objectKind === 'schema' && grant.objectName === schema) ||
  (grant.objectKind === 'default' && grant.schema === schema);

const isOn = (grant: Grant, relation: Relation): boolean =>
  grant.objectKind === 'table' && grant.schema === relation.schema && grant.objectName === relation.name;

/** Privileges on a relation stay with it when it gets another name or schema. */
function followRename(state: CatalogState, relation: Relation): readonly Grant[] {
  if (state.relations.get(relationKey(relation.schema, relation.name))?.id === relation.id) return state.grants;
  const before = [...state.relations.values()].find((other) => other.id === relation.id);
  if (!before) return state.grants;
  const { schema, name: objectName } = relation;
  return state.grants.map((grant) => (isOn(grant, before) ? { ...grant, schema, objectName } : grant));
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
