import { columnsOf } from '../../../lib/pipeline/models/history-columns.ts';
import type { CompiledModel } from '../../../lib/pipeline/models/model.ts';
import { quoteIdentifier } from '../../../lib/pipeline/names.ts';
import { createAs } from '../../../lib/pipeline/statements/model/build.ts';
import { targetOf } from '../../../lib/pipeline/statements/model/place.ts';
import { caseSensitivePaths } from '../../../lib/pipeline/statements/session.ts';
import { columnDefinitions, pipelineTables, qualifiedName } from '../../../lib/pipeline/tables.ts';
import { formatType } from '../../redshift/binder/types.ts';
import { openRedshift } from '../../redshift/engine/open.ts';
import { type Redshift, RedshiftError, type ResultColumn, type Session } from '../../redshift/types.ts';
import type { DeskProject } from '../project.ts';
import type { InputRelation } from './given.ts';

/** What a model's query answers. */
export interface Answered {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What the box said to some statements. */
export type Said = { readonly kind: 'answered'; readonly answer: Answered } | Refused;
export interface Refused {
  readonly kind: 'refused';
  readonly message: string;
  /** Of the statement that was refused, from 1. */
  readonly position: number | undefined;
}

const database = 'tests';
const user = 'tests';

/** A warehouse in memory that has the relations of a project, empty; each case sees only the rows it gives. */
export class TestBox {
  readonly #project: Pick<DeskProject, 'datasets' | 'models' | 'functions'>;
  readonly #redshift: Redshift;
  readonly #session: Session;
  readonly #relations = new Map<string, InputRelation>();

  private constructor(
    project: Pick<DeskProject, 'datasets' | 'models' | 'functions'>,
    redshift: Redshift,
    session: Session,
  ) {
    this.#project = project;
    this.#redshift = redshift;
    this.#session = session;
  }

  static async open(project: Pick<DeskProject, 'datasets' | 'models' | 'functions'>): Promise<TestBox> {
    const redshift = await openRedshift({ databases: [database], admin: { user, password: user }, threads: 1 });
    const session = await redshift.session({ database, user });
    const box = new TestBox(project, redshift, session);
    await session.execute(caseSensitivePaths);
    await box.#createSchemas();
    return box;
  }

  async close(): Promise<void> {
    await this.#redshift.close();
  }

  /** The relation that a model reads, made when it is first asked for; undefined where the project has none of the name. */
  async relation(name: string): Promise<InputRelation | undefined> {
    const known = this.#relations.get(name) ?? (await this.#create(name));
    if (known) this.#relations.set(name, known);
    return known;
  }

  /** Runs the statements and then the query, and forgets what they have changed. */
  async ask(statements: readonly string[], query: string): Promise<Said> {
    try {
      await this.#session.execute('BEGIN');
      for (const statement of statements) await this.#session.execute(statement);
      const [result] = await this.#session.execute(query);
      return { kind: 'answered', answer: { columns: result?.columns ?? [], rows: result?.rows ?? [] } };
    } catch (error) {
      if (!(error instanceof RedshiftError)) throw error;
      return { kind: 'refused', message: error.message, position: error.position };
    } finally {
      await this.#session.execute('ROLLBACK');
    }
  }

  async #createSchemas(): Promise<void> {
    const { datasets, models, functions } = this.#project;
    const schemas = [...pipelineTables(datasets), ...models].map(({ schema }) => schema);
    for (const schema of new Set([...schemas, 'functions'])) {
      await this.#session.execute(`CREATE SCHEMA ${quoteIdentifier(schema)}`);
    }
    for (const { statement } of functions) await this.#session.execute(statement);
  }

  async #create(name: string): Promise<InputRelation | undefined> {
    const table = pipelineTables(this.#project.datasets).find((one) => `${one.schema}.${one.name}` === name);
    if (table) return this.#createTable(table);
    const model = this.#project.models.find((one) => one.name === name);
    if (!model) return undefined;
    return model.output.length > 0
      ? this.#createTable({ ...targetOf(model), columns: columnsOf(model) })
      : this.#createByQuery(model);
  }

  async #createTable({ schema, name, columns }: InputRelation): Promise<InputRelation> {
    await this.#session.execute(`CREATE TABLE ${qualifiedName({ schema, name })} (\n${columnDefinitions(columns)}\n)`);
    return { schema, name, columns };
  }

  /** Where nobody has analysed the model, its own query says what columns it has. */
  async #createByQuery(model: CompiledModel): Promise<InputRelation> {
    for (const read of new Set(model.reads.map(({ name }) => name))) await this.relation(read);
    const target = targetOf(model);
    await this.#session.execute(createAs({ ...model, materialization: 'table' }, target));
    const [result] = await this.#session.execute(`SELECT * FROM ${qualifiedName(target)}`);
    const columns = (result?.columns ?? []).map(({ name, type }) => ({ name, type: formatType(type) }));
    return { ...target, columns };
  }
}
