import type { BindEnvironment, SystemTable } from './binder/context.ts';
import { requireBody } from './binder/function-body.ts';
import { restartNames } from './binder/names.ts';
import { fold } from './binder/scope.ts';
import { formatType, storedType } from './binder/types.ts';
import { type CatalogState, type Column, type Relation, relationKey, type SqlFunction } from './catalog/model.ts';
import { EMPTY_CATALOG, signatureOf } from './catalog/state.ts';
import { systemRelations } from './catalog/views/index.ts';
import { toRedshiftError } from './engine/errors.ts';
import { SessionSettings } from './engine/settings.ts';
import type { StatementLineage } from './lineage/model.ts';
import { type TypedQuery, typedQuery } from './lineage/typed-query.ts';
import { Cursor } from './statements/cursor.ts';
import { parseQueryText, parseStatements } from './statements/parse.ts';
import type { Definition } from './statements/statement.ts';
import type { Identifier, Query, Select } from './statements/syntax.ts';
import { withDefaultLength } from './statements/table-definition.ts';
import { parseType } from './statements/typename.ts';
import { RedshiftError, type RedshiftType } from './types.ts';

/** A table or view by its names, its columns' types written as in CREATE TABLE. */
export interface KnownRelation {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** What a table that is made of a query has, and where it comes from. */
export interface AnalysedQuery {
  /** Types as `format_type` spells them. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Relations are sources: what stands behind a view is not looked at. */
  readonly lineage: StatementLineage;
}

export interface AnalystOptions {
  /** What the database is called; `dev` where it does not matter. */
  readonly database?: string;
  /** What a session sets before its queries. */
  readonly settings?: Readonly<Record<string, string>>;
}

const user = 'analyst';

type CreateFunction = Extract<Definition, { kind: 'createFunction' }>;

/**
 * Knows what a query yields without a warehouse: the binder, over a catalog in memory that holds what it was told of. Nothing runs,
 * and DuckDB is not loaded. All failures are RedshiftErrors; a position is one in the text that was given, or there is none.
 */
export class QueryAnalyst {
  private readonly database: string;
  private readonly settings: SessionSettings;
  private readonly schemas = new Map(EMPTY_CATALOG.schemas);
  private readonly relations = new Map<string, Relation>();
  private readonly functions = new Map<string, readonly SqlFunction[]>();
  private readonly types = new Map<string, RedshiftType>();
  private lastId = 0;

  constructor({ database = 'dev', settings = {} }: AnalystOptions = {}) {
    this.database = database;
    this.settings = new SessionSettings();
    for (const [name, value] of Object.entries(settings)) this.settings.set(name, value, { local: false });
  }

  /** Makes a table or view known, in the place of one that had its name. */
  know({ schema, name, columns }: KnownRelation): void {
    this.lastId += 1;
    this.schemas.set(schema, { name: schema, owner: user });
    this.relations.set(relationKey(schema, name), {
      id: this.lastId,
      schema,
      name,
      kind: 'table',
      owner: user,
      temporary: false,
      columns: columns.map((column, i) => this.columnOf(column, i + 1)),
      distributionStyle: 'auto',
      sortStyle: 'auto',
      constraints: [],
      createdAt: '',
    });
  }

  /** Makes a function known by its CREATE FUNCTION, whose body may call those that are known. */
  knowFunction(statement: string): void {
    reporting(() => {
      const create = this.createFunction(statement);
      atBody(create, statement, () => requireBody(create, this.environment()));
      const [name = '', schema = 'public'] = this.folded(create.name);
      const fn: SqlFunction = {
        schema,
        name,
        argumentTypes: create.types,
        returnType: create.returns,
        body: create.body,
        volatility: create.volatility,
        owner: user,
      };
      this.schemas.set(schema, { name: schema, owner: user });
      const key = relationKey(schema, name);
      const others = (this.functions.get(key) ?? []).filter((other) => signatureOf(other) !== signatureOf(fn));
      this.functions.set(key, [...others, fn]);
    });
  }

  /** What a table would have that is made of one SELECT. */
  analyse(query: string): AnalysedQuery {
    return reporting(() => {
      const parsed = parseQueryText(query);
      requireNoInto(parsed);
      const { columns, lineage } = typedQuery(parsed, this.environment(), { views: 'stop' });
      this.requireDistinct(columns, parsed);
      return { columns: columns.map(({ name, type }) => ({ name, type: formatType(storedType(type)) })), lineage };
    });
  }

  private createFunction(text: string): CreateFunction {
    const [first, second] = parseStatements(text);
    if (!second && first?.statement.kind === 'createFunction') return first.statement;
    throw new RedshiftError('42601', 'this is one CREATE FUNCTION … LANGUAGE sql, and nothing else', {
      position: second ? text.lastIndexOf(second.text) + 1 : undefined,
    });
  }

  private columnOf({ name, type }: KnownRelation['columns'][number], id: number): Column {
    return {
      name,
      id,
      type: this.typeOf(type),
      notNull: false,
      encoding: 'none',
      distributionKey: false,
      sortKeyPosition: 0,
      caseInsensitive: false,
    };
  }

  private typeOf(text: string): RedshiftType {
    const known = this.types.get(text);
    if (known) return known;
    const cursor = new Cursor(text);
    const type = withDefaultLength(parseType(cursor));
    cursor.expectEnd();
    this.types.set(text, type);
    return type;
  }

  /** The parts of a name, the last one first. */
  private folded(names: readonly Identifier[]): string[] {
    return names.map((part) => fold(part, this.settings.binder())).reverse();
  }

  private environment(): BindEnvironment {
    restartNames();
    const catalog: CatalogState = {
      schemas: this.schemas,
      relations: this.relations,
      functions: this.functions,
      grants: [],
    };
    return {
      settings: this.settings.binder(),
      database: this.database,
      user,
      searchPath: this.settings.searchPath(user),
      settingValues: this.settings.all(),
      sessionId: 1,
      transfers: { copy: { queryId: -1, rows: 0 }, unload: { queryId: -1, rows: 0 } },
      lastQueryId: -1,
      catalog: (database) => (database === this.database ? catalog : undefined),
      temporary: () => undefined,
      systemTable,
      parameters: [],
      parameterTypes: new Map(),
      depth: 0,
    };
  }

  /** No table has two columns of one name. */
  private requireDistinct(columns: TypedQuery['columns'], query: Query): void {
    const index = columns.findIndex(({ name }, i) => columns.findIndex((other) => other.name === name) < i);
    if (index < 0) return;
    const { items = [] } = firstSelect(query) ?? {};
    const item = items.some(({ expression }) => expression.kind === 'star') ? undefined : items[index];
    const position = item && (item.alias?.position ?? item.expression.position) + 1;
    throw new RedshiftError('42701', `column "${columns[index]?.name}" specified more than once`, { position });
  }
}

/** The SELECT that names the columns. */
function firstSelect({ body }: Pick<Query, 'body'>): Select | undefined {
  if (body.kind === 'select') return body;
  if (body.kind === 'nested') return firstSelect(body.query);
  return body.kind === 'setOperation' ? firstSelect({ body: body.left }) : undefined;
}

function requireNoInto(query: Query): void {
  const into = firstSelect(query)?.into;
  if (!into) return;
  const position = (into.name[0]?.position ?? 0) + 1;
  throw new RedshiftError('42601', 'SELECT INTO makes a table: take INTO out, the query alone is wanted', { position });
}

/** The system's own tables have columns, and no rows where nothing runs. */
const systemTables: ReadonlyMap<string, SystemTable> = new Map(
  systemRelations.map(({ schema, name, columns }) => [`${schema}.${name}`, { schema, name, columns, sql: '' }]),
);
const systemTable = (schema: string, name: string): SystemTable | undefined => systemTables.get(`${schema}.${name}`);

function reporting<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toRedshiftError(error);
  }
}

/** What is wrong in a function's body has its place in the body: dollar quotes keep that a part of the statement. */
function atBody(create: CreateFunction, statement: string, bind: () => void): void {
  try {
    bind();
  } catch (error) {
    if (!(error instanceof RedshiftError)) throw error;
    const { sqlState, message, detail, hint } = error;
    const start = statement.indexOf(create.body, create.position);
    const position = start < 0 || error.position === undefined ? undefined : start + error.position;
    throw new RedshiftError(sqlState, message, { position, detail, hint, cause: error });
  }
}
