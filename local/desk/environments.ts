import { environmentName } from '../../lib/pipeline/branch-name.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import {
  createDatabase,
  databasesQuery,
  dropDatabase,
  type LastPublished,
  lastPublished,
  markStatements,
  noteQuery,
  publishedQuery,
} from '../../lib/pipeline/statements/environment-books.ts';
import { type Operator, operatorIn } from '../commands/operator.ts';
import { runAll } from './run-all.ts';
import { type DeskWarehouse, openDeskWarehouse } from './warehouse.ts';

/** A database beside production's that holds some models of its own. */
export interface Environment {
  readonly name: string;
  /** The database that it reads what it does not have from. */
  readonly production: string;
  /** Since when, as Redshift writes it. */
  readonly since: string;
  /** The hash of what it was prepared with last. */
  readonly prepared: string | undefined;
}

type Found =
  | { readonly kind: 'environment'; readonly environment: Environment }
  | { readonly kind: 'absent' }
  /** A database that holds nothing: somebody made it for this, or a build ended just after it was created. */
  | { readonly kind: 'empty' };

/**
 * Looks for an environment of the operator's database.
 * @throws {MillraceError} BAD_ENVIRONMENT_NAME; NOT_AN_ENVIRONMENT where the database is somebody else's.
 */
export async function findEnvironment(operator: Operator, typed: string): Promise<Found> {
  const production = operator.target.database;
  const name = environmentName(typed, production);
  const [found] = await operator.query(databasesQuery(name));
  if (!found) return { kind: 'absent' };
  const [, relations, marks] = found;
  if (Number(relations) === 0) return { kind: 'empty' };
  if (Number(marks) === 0) {
    const message = `the database ${name} holds something that Millrace did not build as an environment: it is left alone; choose another name`;
    throw new MillraceError('NOT_AN_ENVIRONMENT', message);
  }
  const environment = await readNote(operator, name);
  if (environment.production === production) return { kind: 'environment', environment };
  const message = `${name} is an environment of ${environment.production}, not of ${production}`;
  throw new MillraceError('NOT_AN_ENVIRONMENT', message);
}

/**
 * The environment of that name.
 * @throws {MillraceError} NO_ENVIRONMENT, and what findEnvironment throws.
 */
export async function requireEnvironment(operator: Operator, typed: string): Promise<Environment> {
  const found = await findEnvironment(operator, typed);
  if (found.kind === 'environment') return found.environment;
  const names = (await listEnvironments(operator)).map(({ name }) => name);
  const others = names.length > 0 ? `there are ${names.join(', ')}` : 'there is none yet';
  throw new MillraceError(
    'NO_ENVIRONMENT',
    `there is no environment ${typed}: ${others}; millrace build --env ${typed} makes it`,
  );
}

async function readNote(operator: Operator, name: string): Promise<Environment> {
  const [[production, since, prepared] = []] = await operator.query(noteQuery(name));
  return { name, production: production ?? '', since: since ?? '', prepared: prepared ?? undefined };
}

/** Every environment of the operator's database, by name. */
export async function listEnvironments(operator: Operator): Promise<Environment[]> {
  const production = operator.target.database;
  const marked = (await operator.query(databasesQuery())).filter(([, , marks]) => Number(marks) > 0);
  const all = await Promise.all(marked.map(([name]) => readNote(operator, name ?? '')));
  return all.filter((environment) => environment.production === production);
}

/** The environment, made where it is not there. */
export async function makeEnvironment(operator: Operator, typed: string): Promise<Environment> {
  const found = await findEnvironment(operator, typed);
  if (found.kind === 'environment') return found.environment;
  const name = environmentName(typed, operator.target.database);
  if (found.kind === 'absent') await operator.query(createDatabase(name)).catch(unlessThere);
  const warehouse = openEnvironment(operator, name);
  try {
    await runAll(warehouse.batches, `mark ${name}`, markStatements(operator.target.database));
  } finally {
    warehouse.close();
  }
  return readNote(operator, name);
}

/** Somebody else has begun the same environment at the same time: it is as good. */
function unlessThere(error: unknown): void {
  if (!/already exists/i.test((error as Error).message)) throw error;
}

/** Drops an environment with all that is in it; `force` ends the sessions of those who are connected to it. */
export async function dropEnvironment(operator: Operator, { name }: Environment, force: boolean): Promise<void> {
  try {
    await operator.query(dropDatabase(name, force));
  } catch (error) {
    if (!/being accessed|other users|active/i.test((error as Error).message)) throw error;
    const message = `${name} is in use: somebody is connected to it, or a statement has only just ended; try again, or end their sessions with --force`;
    throw new MillraceError('ENVIRONMENT_IN_USE', message, { retryable: true, cause: error });
  }
}

/** The warehouse, connected to an environment; it is prepared from there, not by the refresh. */
export function openEnvironment(operator: Operator, name: string): Pick<DeskWarehouse, 'batches' | 'close'> {
  return openDeskWarehouse(operatorIn(operator, name));
}

/** What a database published last, by model; nothing where nothing was ever built there. */
export async function publishedIn(operator: Operator, database: string): Promise<Map<string, LastPublished>> {
  try {
    return lastPublished(await operator.query(publishedQuery(database)));
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'NOT_LOADED_YET') return new Map();
    throw error;
  }
}

/**
 * What production published last, by model.
 * @throws {MillraceError} NOTHING_TO_READ where no refresh has ever run.
 */
export async function publishedInProduction(operator: Operator): Promise<Map<string, LastPublished>> {
  const production = operator.target.database;
  try {
    return lastPublished(await operator.query(publishedQuery(production)));
  } catch (error) {
    if (!(error instanceof MillraceError && error.code === 'NOT_LOADED_YET')) throw error;
    const message = `${production} has loaded nothing yet: an environment would have nothing to read; let a refresh run first`;
    throw new MillraceError('NOTHING_TO_READ', message, { cause: error });
  }
}
