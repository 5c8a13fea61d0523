import { type Column, type Relation, relationKey } from '../catalog/model.ts';
import { signatureOf } from '../catalog/state.ts';
import { bindQuery } from '../binder/query.ts';
import { bindExpression } from '../binder/expression.ts';
import { cast } from '../binder/casts.ts';
import { constant } from '../binder/bound.ts';
import { duckdbType } from '../binder/types.ts';
import { parseQueryText } from '../statements/parse.ts';
import type { Definition } from '../statements/statement.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type StatementResult } from '../types.ts';
import { bareContext, insertSelect, requireColumn } from './insertion.ts';
import { done } from './results.ts';
import { createPhysical, dropPhysical, newRelation, storedType } from './table-definitions.ts';
import type { Workspace } from './workspace.ts';

export async function runCreateSchema(workspace: Workspace, create: Definition & { kind: 'createSchema' }): Promise<StatementResult> {
  const name = workspace.fold((create.name ?? create.owner) as Identifier);
  if (workspace.transaction.catalog.schemas.has(name)) {
    if (create.ifNotExists) return done('CREATE SCHEMA');
    throw new RedshiftError('42P06', `schema "${name}" already exists`);
  }
  if (name.startsWith('pg_')) throw new RedshiftError('42939', `unacceptable schema name "${name}"`);
  await workspace.transaction.change({ kind: 'putSchema', schema: { name, owner: create.owner ? workspace.fold(create.owner) : workspace.user } });
  return done('CREATE SCHEMA');
}

export async function runAlterSchema(workspace: Workspace, alter: Definition & { kind: 'alterSchema' }): Promise<StatementResult> {
  const name = workspace.fold(alter.name);
  workspace.requireSchema(name);
  const old = workspace.transaction.catalog.schemas.get(name);
  if (alter.owner) await workspace.transaction.change({ kind: 'putSchema', schema: { name, owner: workspace.fold(alter.owner) } });
  if (!alter.rename) return done('ALTER SCHEMA');
  const next = workspace.fold(alter.rename);
  if (workspace.transaction.catalog.schemas.has(next)) throw new RedshiftError('42P06', `schema "${next}" already exists`);
  await workspace.transaction.change({ kind: 'putSchema', schema: { name: next, owner: old?.owner ?? workspace.user } });
  for (const relation of workspace.transaction.catalog.relations.values()) {
    if (relation.schema === name) await workspace.transaction.change({ kind: 'putRelation', relation: { ...relation, schema: next } });
  }
  await workspace.transaction.change({ kind: 'dropSchema', name });
  return done('ALTER SCHEMA');
}

/** Views are kept as source; binding them once now finds their mistakes, but for late-binding ones. */
export async function runCreateView(workspace: Workspace, create: Definition & { kind: 'createView' }): Promise<StatementResult> {
  const place = workspace.target(create.view);
  const present = workspace.transaction.catalog.relations.get(relationKey(place.schema, place.name));
  if (present && (!create.replace || present.kind === 'table')) throw new RedshiftError('42P07', `Relation "${place.name}" already exists`);
  if (create.late) requireQualifiedNames(create.query);
  const columns = viewColumns(workspace, create);
  const relation: Relation = {
    ...newRelation(workspace, place, false, columns, {}, []),
    id: present?.id ?? workspace.cluster.nextId(),
    kind: create.materialized ? 'materialized_view' : create.late ? 'late_binding_view' : 'view',
    definition: create.text,
    caseSensitiveSuperAttribute: workspace.settings.binder().caseSensitiveSuperAttribute,
  };
  if (!create.materialized) {
    await workspace.transaction.change({ kind: 'putRelation', relation });
    return done('CREATE VIEW');
  }
  await createPhysical(workspace, relation);
  await fill(workspace, relation);
  return done('CREATE MATERIALIZED VIEW');
}

function viewColumns(workspace: Workspace, create: Definition & { kind: 'createView' }): Column[] {
  if (create.late && create.columns.length === 0) {
    try {
      return bindColumns(workspace, create);
    } catch (error) {
      if (error instanceof RedshiftError) return [];
      throw error;
    }
  }
  return bindColumns(workspace, create);
}

function bindColumns(workspace: Workspace, create: Definition & { kind: 'createView' }): Column[] {
  const query = workspace.bind(create.query);
  if (create.columns.length > query.columns.length) throw new RedshiftError('42601', 'CREATE VIEW specifies more column names than columns');
  return query.columns.map((column, i): Column => {
    const given = create.columns[i];
    return {
      name: given ? workspace.fold(given) : column.name, id: i + 1, type: column.type.kind.startsWith('interval') ? column.type : storedType(column.type), notNull: false,
      encoding: 'none', distributionKey: false, sortKeyPosition: 0, caseInsensitive: column.caseInsensitive ?? false, comment: given ? 'named' : undefined,
    };
  });
}

/** A late-binding view names the schema of everything that it reads. */
function requireQualifiedNames(query: unknown): void {
  const names = new Set<string>();
  walk(query, (node) => {
    for (const table of (node.with as { name: Identifier }[] | undefined) ?? []) names.add(table.name.name.toLowerCase());
  });
  const aliases = new Set<string>();
  walk(query, (node) => {
    if (node.kind !== 'named') return;
    const expression = node.expression as { kind: string; root: Identifier; steps: unknown[] };
    if (node.alias) aliases.add((node.alias as Identifier).name.toLowerCase());
    if (expression.kind !== 'reference' || expression.steps.length > 0) return;
    const name = expression.root.name.toLowerCase();
    if (names.has(name) || aliases.has(name) || /^(svv|sys|stl|stv|pg)_/.test(name)) return;
    throw new RedshiftError('42P01', `All the relation names inside should be qualified when creating VIEW WITH NO SCHEMA BINDING.`);
  });
}

function walk(node: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) for (const item of node) walk(item, visit);
  if (node === null || typeof node !== 'object' || Array.isArray(node)) return;
  visit(node as Record<string, unknown>);
  for (const child of Object.values(node)) walk(child, visit);
}

async function fill(workspace: Workspace, relation: Relation): Promise<void> {
  const settings = { ...workspace.environment().settings, caseSensitiveSuperAttribute: relation.caseSensitiveSuperAttribute ?? false };
  const query = bindQuery(parseQueryText(relation.definition as string), { environment: { ...workspace.environment(), settings }, commonTables: new Map() });
  await workspace.change(insertSelect(workspace, { ...relation, kind: 'table' }, relation.columns, query));
}

/** REFRESH computes the view again, whole. */
export async function runRefresh(workspace: Workspace, refresh: Definition & { kind: 'refresh' }): Promise<StatementResult> {
  const relation = workspace.require(refresh.view, ['materialized_view']);
  await workspace.change(`DELETE FROM ${workspace.physical(relation)}`);
  await fill(workspace, relation);
  return done('REFRESH');
}

export async function runDrop(workspace: Workspace, drop: Definition & { kind: 'drop' }): Promise<StatementResult> {
  const tag = `DROP ${drop.object.toUpperCase()}`;
  for (const names of drop.names) {
    if (drop.object === 'schema') await dropSchema(workspace, names, drop);
    else await dropRelation(workspace, names, drop);
  }
  return done(tag);
}

const KINDS = { table: ['table'], view: ['view', 'late_binding_view'], 'materialized view': ['materialized_view'] } as const;

async function dropRelation(workspace: Workspace, names: readonly Identifier[], drop: Definition & { kind: 'drop' }): Promise<void> {
  const relation = workspace.find(names);
  if (!relation) {
    if (drop.ifExists) return;
    throw new RedshiftError('42P01', `${drop.object[0]?.toUpperCase()}${drop.object.slice(1)} "${names.map((part) => workspace.fold(part)).join('.')}" does not exist`);
  }
  const kinds: readonly string[] = KINDS[drop.object as keyof typeof KINDS];
  if (!kinds.includes(relation.kind)) throw new RedshiftError('42809', `"${relation.name}" is not a ${drop.object}`, { hint: `Use DROP ${relation.kind === 'table' ? 'TABLE' : 'VIEW'} to remove a ${relation.kind === 'table' ? 'table' : 'view'}.` });
  const dependents = dependentsOf(workspace, relation);
  if (dependents.length > 0 && !drop.cascade) {
    throw new RedshiftError('2BP01', `cannot drop ${drop.object} ${relation.name} because other objects depend on it`, { hint: 'Use DROP ... CASCADE to drop the dependent objects too.' });
  }
  for (const dependent of dependents) await dropPhysical(workspace, dependent);
  await dropPhysical(workspace, relation);
}

/** Views that read a relation, found by binding them with it gone. Late-binding views depend on nothing. */
function dependentsOf(workspace: Workspace, relation: Relation): Relation[] {
  const environment = workspace.environment();
  const candidates = [...workspace.transaction.catalog.relations.values()].filter((other) => (other.kind === 'view' || other.kind === 'materialized_view') && other.id !== relation.id);
  return candidates.filter((view) => {
    if (!view.definition?.toLowerCase().includes(relation.name.toLowerCase())) return false;
    const relations = new Map(workspace.transaction.catalog.relations);
    const bindView = (): void => {
      const catalog = { ...workspace.transaction.catalog, relations };
      bindQuery(parseQueryText(view.definition as string), {
        environment: { ...environment, searchPath: [view.schema, ...environment.searchPath], settings: { ...environment.settings, caseSensitiveSuperAttribute: view.caseSensitiveSuperAttribute ?? false }, catalog: (database) => (database === workspace.database ? catalog : environment.catalog(database)) },
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

async function dropSchema(workspace: Workspace, names: readonly Identifier[], drop: Definition & { kind: 'drop' }): Promise<void> {
  const name = workspace.fold(names.at(-1) as Identifier);
  if (!workspace.transaction.catalog.schemas.has(name)) {
    if (drop.ifExists) return;
    throw new RedshiftError('3F000', `schema "${name}" does not exist`);
  }
  const inside = [...workspace.transaction.catalog.relations.values()].filter((relation) => relation.schema === name);
  if (inside.length > 0 && !drop.cascade) {
    throw new RedshiftError('2BP01', `cannot drop schema ${name} because other objects depend on it`, { hint: 'Use DROP ... CASCADE to drop the dependent objects too.' });
  }
  for (const relation of inside) await dropPhysical(workspace, relation);
  await workspace.transaction.change({ kind: 'dropSchema', name });
}

/** TRUNCATE commits; the session does that when it sees the statement's kind. */
export async function runTruncate(workspace: Workspace, truncate: Definition & { kind: 'truncate' }): Promise<StatementResult> {
  const relation = workspace.require(truncate.table);
  await workspace.change(`DELETE FROM ${workspace.physical(relation)}`);
  return done('TRUNCATE');
}

export async function runComment(workspace: Workspace, comment: Definition & { kind: 'comment' }): Promise<StatementResult> {
  const text = comment.text ?? undefined;
  if (comment.on === 'table' || comment.on === 'view') {
    const relation = workspace.require(comment.name, ['table', 'view', 'late_binding_view', 'materialized_view']);
    if (!relation.temporary) await workspace.transaction.change({ kind: 'putRelation', relation: { ...relation, comment: text } });
  } else if (comment.on === 'column') {
    const relation = workspace.require(comment.name.slice(0, -1), ['table', 'view', 'late_binding_view', 'materialized_view']);
    const column = requireColumn(relation, workspace.fold(comment.name.at(-1) as Identifier));
    const columns = relation.columns.map((other) => (other === column ? { ...other, comment: text } : other));
    if (!relation.temporary) await workspace.transaction.change({ kind: 'putRelation', relation: { ...relation, columns } });
  }
  return done('COMMENT');
}

/** A SQL function's body is bound once now, so that its mistakes are found here. */
export async function runCreateFunction(workspace: Workspace, create: Definition & { kind: 'createFunction' }): Promise<StatementResult> {
  const place = workspace.target(create.name);
  const fn = { ...place, argumentTypes: create.types, returnType: create.returns, body: create.body, volatility: create.volatility, owner: workspace.user };
  const others = workspace.transaction.catalog.functions.get(relationKey(place.schema, place.name)) ?? [];
  if (!create.replace && others.some((other) => signatureOf(other) === signatureOf(fn))) throw new RedshiftError('42723', `function "${place.name}" already exists with same argument types`);
  const query = parseQueryText(create.body);
  const item = query.body.kind === 'select' && query.body.from.length === 0 && query.body.items.length === 1 ? query.body.items[0] : undefined;
  if (!item) throw new RedshiftError('0A000', 'the body of a SQL function must be a SELECT of one expression without FROM');
  const context = bareContext(workspace, 'SQL function');
  const values = create.types.map((type) => constant(`CAST(NULL AS ${duckdbType(type)})`, type));
  cast(bindExpression(item.expression, { ...context, environment: { ...context.environment, argumentValues: values } }), create.returns, 'explicit');
  await workspace.transaction.change({ kind: 'putFunction', function: fn });
  return done('CREATE FUNCTION');
}

export async function runDropFunction(workspace: Workspace, drop: Definition & { kind: 'dropFunction' }): Promise<StatementResult> {
  const name = workspace.fold(drop.name.at(-1) as Identifier);
  const schemas = drop.name.length > 1 ? [workspace.fold(drop.name.at(-2) as Identifier)] : workspace.settings.searchPath(workspace.user);
  const signature = signatureOf({ argumentTypes: drop.types });
  const schema = schemas.find((candidate) => workspace.transaction.catalog.functions.get(relationKey(candidate, name))?.some((fn) => signatureOf(fn) === signature));
  if (schema === undefined) {
    if (drop.ifExists) return done('DROP FUNCTION');
    throw new RedshiftError('42883', `function ${name}(${drop.types.map((type) => type.kind).join(', ')}) does not exist`);
  }
  await workspace.transaction.change({ kind: 'dropFunction', schema, name, signature });
  return done('DROP FUNCTION');
}
