import { MillraceError } from './error.ts';
import { hashOf } from './models/definition.ts';
import type { Check, CompiledModel, TableRead } from './models/model.ts';
import { graphOf, reach } from './models/selection.ts';
import { replaceReads } from './models/splice.ts';
import { versionsSelect } from './statements/incremental/versions.ts';
import { historyNotes } from './statements/model/describe.ts';
import { qualifiedName } from './tables.ts';

/** Why a model is built in a branch's database. */
export type BranchReason =
  | { readonly kind: 'new' }
  /** It, or something it reads, is defined otherwise than what production has published. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'downstream'; readonly of: string }
  | { readonly kind: 'selected' }
  /** The branch has it from an earlier build, for whatever reason there was. */
  | { readonly kind: 'there' };

export interface BranchPlan {
  /** In dependency order. */
  readonly models: readonly CompiledModel[];
  readonly reasons: ReadonlyMap<string, BranchReason>;
}

export interface BranchQuestion {
  /** In dependency order, with the definitions that publishing compares. */
  readonly models: readonly CompiledModel[];
  /** What production published last, by model: its definition. */
  readonly published: ReadonlyMap<string, string>;
  /** Models to be built whatever they are. */
  readonly selected?: ReadonlySet<string>;
  /** Models that the branch has: they stay its own. */
  readonly there?: ReadonlySet<string>;
  /** Models that are read from production whatever they are, unless the branch has them. */
  readonly excluded?: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

/** What a branch's database holds of its own: models that differ from production's, and all that read them. The rest is read from there. */
export function planBranch(question: BranchQuestion): BranchPlan {
  const { models, published, selected = none, there = none, excluded = none } = question;
  const reasons = new Map<string, BranchReason>();
  for (const { name, definition, dependsOn } of models) {
    if (excluded.has(name) && !there.has(name)) continue;
    const upstream = dependsOn.find((one) => reasons.has(one));
    if (!published.has(name)) reasons.set(name, { kind: 'new' });
    else if (upstream !== undefined) reasons.set(name, { kind: 'downstream', of: upstream });
    else if (published.get(name) !== definition) reasons.set(name, { kind: 'changed' });
    else if (selected.has(name)) reasons.set(name, { kind: 'selected' });
    else if (there.has(name)) reasons.set(name, { kind: 'there' });
  }
  return { models: models.filter(({ name }) => reasons.has(name)), reasons };
}

/**
 * What is built now of a plan: all of it, or what was selected with everything of the plan that it is built from and that is
 * built from it; never what was excluded.
 */
export function builtNow(
  { models, reasons }: BranchPlan,
  { selected = none, excluded = none }: Pick<BranchQuestion, 'selected' | 'excluded'>,
): CompiledModel[] {
  const { up, down } = graphOf(models);
  const behind = new Set([...selected, ...reach(selected, down)]);
  const related = new Set([...behind, ...reach(behind, up)]);
  const isWanted = (name: string) => selected.size === 0 || related.has(name);
  return models.filter(({ name }) => reasons.has(name) && isWanted(name) && !excluded.has(name));
}

/**
 * Refuses a build in which a model would read another one that is nowhere: neither in the branch nor in production.
 * @throws {MillraceError} NOWHERE_TO_READ
 */
export function requireInputs(
  building: readonly CompiledModel[],
  models: readonly CompiledModel[],
  isAnywhere: (name: string) => boolean,
): void {
  const known = new Set(models.map(({ name }) => name));
  for (const { name, path, dependsOn } of building) {
    const missing = dependsOn.find((one) => known.has(one) && !isAnywhere(one));
    if (missing === undefined) continue;
    const message = `${path}: ${name} is built from ${missing}, which is neither in production nor in the environment; build it as well`;
    throw new MillraceError('NOWHERE_TO_READ', message);
  }
}

/**
 * A model as it is built in a branch's database: what is not the branch's own is read from production's. It is built whole, as a
 * table: the marks of what has been loaded are production's, and a materialized view would go on reading production.
 */
export function inBranch(model: CompiledModel, own: ReadonlySet<string>, production: string): CompiledModel {
  const instead = (name: string) => (own.has(name) ? undefined : inDatabase(production, name));
  const query = replaceReads(model.sql, model.reads, instead);
  const isHistory = model.materialization === 'history';
  const sql = isHistory ? versionsSelect(model, `\n${query}`) : query;
  return {
    ...model,
    sql,
    materialization: model.materialization === 'view' ? 'view' : 'table',
    columns: isHistory ? [...model.columns, ...historyNotes] : model.columns,
    // The text has changed: nobody may take the old offsets for those of this one.
    reads: [],
    checks: model.checks.map((check) => checkInBranch(check, model, { own, instead, production })),
    // A view that read production yesterday is another one when the branch has a table of its own.
    definition: hashOf([model.definition, sql]),
  };
}

interface Where {
  readonly own: ReadonlySet<string>;
  readonly instead: (name: string) => string | undefined;
  readonly production: string;
}

function checkInBranch(check: Check, model: CompiledModel, { own, instead, production }: Where): Check {
  if (check.kind === 'relationship') {
    const isHere = own.has(check.table) || check.table === model.name;
    return isHere ? check : { ...check, database: production };
  }
  if (check.kind !== 'query') return check;
  const others = check.reads.filter(({ name }) => name !== model.name);
  const reads = check.reads.filter(({ name }) => name === model.name);
  if (reads.length === 0) throw new MillraceError('FOREIGN_CHECK', `${check.name} does not read ${model.name}`);
  return { ...check, sql: replaceReads(check.sql, others, instead), reads: moved(check.sql, reads, others, instead) };
}

/** Where relations stand once others before them have been replaced. */
function moved(
  sql: string,
  reads: readonly TableRead[],
  others: readonly TableRead[],
  instead: Where['instead'],
): TableRead[] {
  return reads.map((read) => {
    const before = others.filter(({ start }) => start < read.start);
    const shift = replaceReads(sql, before, instead).length - sql.length;
    return { ...read, start: read.start + shift, end: read.end + shift };
  });
}

/** `"database"."schema"."table"` of a relation's `schema.table`. */
function inDatabase(database: string, relation: string): string {
  const [schema = '', name = ''] = relation.split('.');
  return qualifiedName({ database, schema, name });
}
