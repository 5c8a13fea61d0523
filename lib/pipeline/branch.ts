import { MillraceError } from './error.ts';
import type { Check, CompiledModel } from './models/model.ts';
import { replaceReads } from './models/splice.ts';
import { quoteIdentifier } from './names.ts';

/** Why a model is built in a branch's database. */
export type BranchReason =
  | { readonly kind: 'new' }
  /** It, or something it reads, is defined otherwise than what production has published. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'downstream'; readonly of: string }
  | { readonly kind: 'selected' };

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
}

/** What a branch's database holds of its own: models that differ from production's, and all that read them. The rest is read from there. */
export function planBranch({ models, published, selected = new Set() }: BranchQuestion): BranchPlan {
  const reasons = new Map<string, BranchReason>();
  for (const { name, definition, dependsOn } of models) {
    const upstream = dependsOn.find((one) => reasons.has(one));
    if (!published.has(name)) reasons.set(name, { kind: 'new' });
    else if (upstream !== undefined) reasons.set(name, { kind: 'downstream', of: upstream });
    else if (published.get(name) !== definition) reasons.set(name, { kind: 'changed' });
    else if (selected.has(name)) reasons.set(name, { kind: 'selected' });
  }
  return { models: models.filter(({ name }) => reasons.has(name)), reasons };
}

/**
 * A model as it is built in a branch's database: what is not built there is read from production's. It is built whole: the marks
 * of what has been loaded are production's, and a materialized view would go on reading production.
 */
export function inBranch(model: CompiledModel, built: ReadonlySet<string>, production: string): CompiledModel {
  const instead = (name: string) => (built.has(name) ? undefined : inDatabase(production, name));
  return {
    ...model,
    sql: replaceReads(model.sql, model.reads, instead),
    materialization: branchMaterialization(model.materialization),
    // The text has changed: nobody may take the old offsets for those of this one.
    reads: [],
    checks: model.checks.map((check) => checkInBranch(check, model, instead)),
  };
}

function branchMaterialization(materialization: CompiledModel['materialization']): CompiledModel['materialization'] {
  return materialization === 'incremental' || materialization === 'materialized view' ? 'table' : materialization;
}

function checkInBranch(check: Check, model: CompiledModel, instead: (name: string) => string | undefined): Check {
  if (check.kind !== 'query') return check;
  const others = check.reads.filter(({ name }) => name !== model.name);
  const own = check.reads.filter(({ name }) => name === model.name);
  if (own.length === 0) throw new MillraceError('FOREIGN_CHECK', `${check.name} does not read ${model.name}`);
  return { ...check, ...replaced(check.sql, others, own, instead) };
}

/** The text with its other relations replaced, and where the model's own then stands. */
function replaced(
  sql: string,
  others: Extract<Check, { kind: 'query' }>['reads'],
  own: Extract<Check, { kind: 'query' }>['reads'],
  instead: (name: string) => string | undefined,
): Pick<Extract<Check, { kind: 'query' }>, 'sql' | 'reads'> {
  const moved = own.map((read) => {
    const before = others.filter(({ start }) => start < read.start);
    const shift = replaceReads(sql, before, instead).length - sql.length;
    return { ...read, start: read.start + shift, end: read.end + shift };
  });
  return { sql: replaceReads(sql, others, instead), reads: moved };
}

/** `"database"."schema"."table"` of a relation's `schema.table`. */
export function inDatabase(database: string, name: string): string {
  const [schema = '', table = ''] = name.split('.');
  return [database, schema, table].map(quoteIdentifier).join('.');
}
