import type { BindEnvironment } from '../binder/context.ts';
import { answersTo, fold, foldAttribute } from '../binder/scope.ts';
import type { Reference, Step } from '../statements/syntax.ts';
import { RedshiftError } from '../types.ts';
import { type Flow, influence, navigated, type Value, withInfluence } from './flow.ts';
import type { LineageOptions, PathStep, RelationName } from './model.ts';

export interface LineageColumn {
  readonly name: string;
  readonly value: Value;
}

/** A source of FROM. The rules by which names are found are those of the binder's scope. */
export interface LineageSource {
  readonly name: string;
  readonly schema?: string;
  readonly database?: string;
  readonly columns: readonly LineageColumn[];
  /** What `array AS x` binds: the name alone is the element. */
  readonly element?: Value;
  readonly hidden?: ReadonlySet<string>;
  readonly pseudo?: boolean;
}

export interface LineageScope {
  readonly sources: readonly LineageSource[];
  readonly merged: readonly LineageColumn[];
  readonly parent?: LineageScope;
}

/** One query of WITH: its columns, and what decides on its rows. */
export interface CommonLineage {
  readonly columns: readonly LineageColumn[];
  readonly rows: readonly Flow[];
}

/** Which relations were met on the way. */
export interface Trace {
  readonly reads: Map<string, RelationName>;
  readonly through: Map<string, RelationName>;
}

/** What stands around a query. */
export interface Surroundings {
  readonly environment: BindEnvironment;
  readonly options: LineageOptions;
  readonly trace: Trace;
  /** The queries of WITH that can be seen here. */
  readonly commonTables: ReadonlyMap<string, CommonLineage>;
  readonly parent?: LineageScope;
  /** The arguments of the SQL function whose body is looked at. */
  readonly argumentValues?: readonly Value[];
}

/** Where an expression stands. */
export interface Place extends Surroundings {
  readonly scope: LineageScope;
  /** Select items by name. */
  readonly aliases?: ReadonlyMap<string, Value>;
}

export const EMPTY_SCOPE: LineageScope = { sources: [], merged: [] };

export function findSource(scope: LineageScope, names: readonly string[]): LineageSource | undefined {
  for (let at: LineageScope | undefined = scope; at; at = at.parent) {
    const found = at.sources.find((source) => answersTo(source, names));
    if (found) return found;
  }
  return undefined;
}

function findColumn(scope: LineageScope, name: string): Value | undefined {
  for (let at: LineageScope | undefined = scope; at; at = at.parent) {
    const own = at.sources.flatMap((source) => (source.hidden?.has(name) ? [] : source.columns));
    const found = [...at.merged, ...own].find((column) => column.name === name);
    if (found) return found.value;
  }
  return undefined;
}

/** `table.column`, `schema.table.column`, …, or an unnested element by its name; with what is left of the steps. */
function findQualified(reference: Reference, place: Place): { value: Value; rest: readonly Step[] } | undefined {
  const { settings } = place.environment;
  const names = [fold(reference.root, settings)];
  for (let used = 0; used < 4; used += 1) {
    const source = findSource(place.scope, names);
    if (source?.element && names.length === 1) return { value: source.element, rest: reference.steps };
    const step = reference.steps[used];
    if (step?.kind !== 'attribute') return undefined;
    const name = fold(step.name, settings);
    const column = source?.columns.find((candidate) => candidate.name === name);
    if (column) return { value: column.value, rest: reference.steps.slice(used + 1) };
    names.push(name);
  }
  return undefined;
}

/** The value of `a`, `a.b`, `s.t.c.attribute[0]`. */
export function referenceValue(
  reference: Reference,
  position: number,
  place: Place,
  evaluate: (index: Step & { kind: 'subscript' }) => Value,
): Value {
  const qualified = findQualified(reference, place);
  if (qualified) return walkSteps(qualified.value, qualified.rest, place, evaluate);
  const name = fold(reference.root, place.environment.settings);
  const found = findColumn(place.scope, name) ?? place.aliases?.get(name);
  if (!found) throw new RedshiftError('42703', `column "${name}" does not exist`, { position: position + 1 });
  return walkSteps(found, reference.steps, place, evaluate);
}

/** Steps into a value; a subscript that is computed matters for the result as well. */
export function walkSteps(
  base: Value,
  steps: readonly Step[],
  place: Place,
  evaluate: (index: Step & { kind: 'subscript' }) => Value,
): Value {
  let at = base;
  for (const step of steps) {
    at = navigated(at, pathStep(step, place));
    if (step.kind === 'subscript') at = withInfluence(at, influence([evaluate(step)], 'CONDITIONAL'));
  }
  return at;
}

function pathStep(step: Step, place: Place): PathStep {
  if (step.kind === 'attribute')
    return { kind: 'attribute', name: foldAttribute(step.name, place.environment.settings) };
  const { index } = step;
  if (index.kind === 'string') return { kind: 'attribute', name: index.value };
  const literal = index.kind === 'unary' && index.operator === '-' ? index.operand : index;
  if (literal.kind !== 'number' || !/^\d+$/.test(literal.text)) return { kind: 'elements' };
  return { kind: 'index', index: Number(literal.text) * (literal === index ? 1 : -1) };
}
