import type { PrivilegeCensus, PrivilegeObject } from '../binder/context.ts';
import type { CatalogState, Relation } from '../catalog/model.ts';
import { RedshiftError } from '../types.ts';
import type { EngineRights } from './privileges.ts';
import { noDatabase, noSchema } from './unknown-names.ts';

interface CensusSource {
  readonly database: string;
  readonly databases: readonly string[];
  readonly catalog: CatalogState;
  readonly searchPath: readonly string[];
  readonly rights: EngineRights;
  userId(user: string): number;
  isSystemTable(schema: string, name: string): boolean;
}

const SYSTEM_SCHEMAS = ['pg_catalog', 'information_schema'];

/** A name as has_table_privilege takes it, without its quotes. */
const plainName = (name: string): string => name.replaceAll('"', '').toLowerCase();

/** Answers who may do what, for the functions that ask about it. */
export class Census implements PrivilegeCensus {
  private readonly source: CensusSource;

  constructor(source: CensusSource) {
    this.source = source;
  }

  get users(): readonly string[] {
    return this.source.rights.users();
  }

  userId(user: string): number {
    return this.source.userId(user);
  }

  requireObject(kind: PrivilegeObject, name: string): void {
    const plain = plainName(name);
    if (kind === 'database' && !this.source.databases.includes(plain)) throw noDatabase(name);
    if (kind === 'schema' && !this.source.catalog.schemas.has(plain) && !SYSTEM_SCHEMAS.includes(plain))
      throw noSchema(name);
    if (kind === 'table' && !this.isTable(plain)) throw new RedshiftError('42P01', `relation "${name}" does not exist`);
  }

  private isTable(plain: string): boolean {
    const [name = '', schema] = plain.split('.').reverse();
    if (this.source.isSystemTable(schema ?? 'pg_catalog', name)) return true;
    return [...this.source.catalog.relations.values()].some((relation) => this.namesOf(relation).includes(plain));
  }

  private namesOf(relation: Relation): string[] {
    const { database, searchPath, catalog } = this.source;
    const qualified = plainName(`${relation.schema}.${relation.name}`);
    const holder = searchPath.find((schema) => catalog.relations.has(`${schema}\u0000${relation.name}`));
    const bare = holder === relation.schema ? [plainName(relation.name)] : [];
    return [qualified, `${database}.${qualified}`, ...bare];
  }

  held(kind: PrivilegeObject, user: string, privilege: string, withOption: boolean): (string | number)[] {
    const { catalog, databases, database } = this.source;
    const rights = this.source.rights.of(user);
    if (kind === 'database') return databases.filter((name) => rights.mayOnDatabase(privilege, name, withOption));
    if (kind === 'schema') {
      const own = [...catalog.schemas.keys()].filter((name) =>
        rights.mayOnSchema(privilege, name, database, withOption),
      );
      return [...own.map(plainName), ...(privilege === 'usage' || rights.actor.superuser ? SYSTEM_SCHEMAS : [])];
    }
    const relations = [...catalog.relations.values()].filter((relation) =>
      rights.mayOnRelation(privilege, relation, database, withOption),
    );
    return relations.flatMap((relation) => [relation.id, ...this.namesOf(relation)]);
  }

  isMember(user: string, name: string): boolean {
    const { actor } = this.source.rights.of(user);
    return actor.groups.has(name) || actor.roles.has(name);
  }
}
