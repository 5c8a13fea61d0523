import type {
  Dependence,
  DirectSubtype,
  IndirectSubtype,
  PathStep,
  RelationName,
  SourceField,
  Transformation,
} from './model.ts';

/**
 * One source that matters for a value. `open` says whether steps into the value are steps into the source: `exact` ones are,
 * `elements` says so of the elements only (the value is an array that was put together of the source's), `closed` ones are not.
 */
export interface Flow {
  readonly source: SourceField;
  readonly transformation: Transformation;
  readonly open: 'exact' | 'elements' | 'closed';
}

/** What is known of an expression's value. */
export interface Value {
  readonly flows: readonly Flow[];
  /** OBJECT('name', value, …) with names that are known, so that a step picks one of them. */
  readonly members?: ReadonlyMap<string, Value>;
}

export const NOTHING: Value = { flows: [] };

const PLAIN_NAME = /^[a-z_][a-z0-9_$]*$/i;

const shownName = (name: string): string => (PLAIN_NAME.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

function shownStep(step: PathStep): string {
  switch (step.kind) {
    case 'attribute':
      return `.${shownName(step.name)}`;
    case 'index':
      return `[${step.index}]`;
    case 'elements':
      return '[*]';
    case 'values':
      return '.*';
    case 'below':
      return '..';
  }
}

function field(
  relation: RelationName,
  column: string,
  steps: readonly PathStep[],
  part: SourceField['part'],
): SourceField {
  const { database, schema, relation: name } = relation;
  return {
    database,
    schema,
    relation: name,
    column,
    steps,
    path: shownName(column) + steps.map(shownStep).join(''),
    part,
  };
}

const sourceKeys = new WeakMap<SourceField, string>();

/** A source is asked for its key at every step of a query. */
function sourceKey(source: SourceField): string {
  const known = sourceKeys.get(source);
  if (known !== undefined) return known;
  const { database, schema, relation, steps, part } = source;
  const key = JSON.stringify([database, schema, relation, source.column, steps, part]);
  sourceKeys.set(source, key);
  return key;
}

const isSameWay = (one: Flow, other: Flow): boolean =>
  one.open === other.open &&
  one.transformation.subtype === other.transformation.subtype &&
  one.transformation.masking === other.transformation.masking;

/**
 * Each flow once, in the order of their first mention. Asked at every step of a query: a source goes few ways, so that they are
 * compared one by one, and no text is made for it.
 */
export function unique(flows: readonly Flow[]): readonly Flow[] {
  if (flows.length < 2) return flows;
  const bySource = new Map<string, Flow[]>();
  const kept: Flow[] = [];
  for (const flow of flows) {
    const key = sourceKey(flow.source);
    const known = bySource.get(key);
    if (known?.some((other) => isSameWay(flow, other))) continue;
    if (known) known.push(flow);
    else bySource.set(key, [flow]);
    kept.push(flow);
  }
  return kept;
}

/** A column as it stands. */
export const identity = (relation: RelationName, column: string): Value => ({
  flows: [
    {
      source: field(relation, column, [], 'value'),
      transformation: { type: 'DIRECT', subtype: 'IDENTITY', masking: false },
      open: 'exact',
    },
  ],
});

/** Several values of which a result has one: UNION, CASE's results, COALESCE. */
export const either = (values: readonly Value[]): Value =>
  values.length === 1 && values[0] ? values[0] : { flows: unique(values.flatMap((value) => value.flows)) };

const direct = (flow: Flow, subtype: DirectSubtype, masking: boolean): Transformation =>
  flow.transformation.type === 'INDIRECT'
    ? flow.transformation
    : { type: 'DIRECT', subtype, masking: masking || flow.transformation.masking };

/** What a computation makes of its inputs. `open`: absent, steps into the result tell nothing of the sources any more. */
export function computed(
  values: readonly Value[],
  options: { readonly masking?: boolean; readonly open?: 'kept' | 'elements' } = {},
): Value {
  const flows = values.flatMap((value) => value.flows);
  return {
    flows: unique(
      flows.map((flow) => ({
        source: flow.source,
        open: options.open === 'kept' ? flow.open : elementwise(flow, options.open),
        transformation: direct(flow, subtypeOf(flow), options.masking ?? false),
      })),
    ),
  };
}

const elementwise = (flow: Flow, open: 'elements' | undefined): Flow['open'] =>
  open !== undefined && flow.open !== 'closed' ? open : 'closed';

const subtypeOf = (flow: Flow): DirectSubtype =>
  flow.transformation.subtype === 'AGGREGATION' ? 'AGGREGATION' : 'TRANSFORMATION';

/** What an aggregate makes of its inputs. */
export const aggregated = (values: readonly Value[], masking: boolean): Value => ({
  flows: unique(
    values
      .flatMap((value) => value.flows)
      .map((flow) => ({ source: flow.source, open: 'closed', transformation: direct(flow, 'AGGREGATION', masking) })),
  ),
});

/** Everything that a condition, a key or an order looks at. */
export const influence = (values: readonly Value[], subtype: IndirectSubtype): readonly Flow[] =>
  unique(
    values
      .flatMap((value) => value.flows)
      .map(({ source, transformation: { masking } }) => ({
        source,
        open: 'closed',
        transformation: { type: 'INDIRECT', subtype, masking },
      })),
  );

export const withInfluence = (value: Value, flows: readonly Flow[]): Value =>
  flows.length === 0 ? value : { ...value, flows: unique([...value.flows, ...flows]) };

/** A step into a value. */
export function navigated(value: Value, step: PathStep): Value {
  const member = step.kind === 'attribute' ? value.members?.get(step.name) : undefined;
  return member ?? { flows: unique(value.flows.map((flow) => stepped(flow, step))) };
}

function stepped(flow: Flow, step: PathStep): Flow {
  if (flow.transformation.type === 'INDIRECT') return flow;
  const isElement = step.kind === 'index' || step.kind === 'elements';
  if (flow.open === 'closed' || (flow.open === 'elements' && !isElement))
    return { ...flow, open: 'closed', transformation: direct(flow, subtypeOf(flow), false) };
  const { source } = flow;
  if (source.steps.at(-1)?.kind === 'below') return flow;
  const taken: PathStep = flow.open === 'elements' ? { kind: 'elements' } : step;
  return { ...flow, open: 'exact', source: field(source, source.column, [...source.steps, taken], source.part) };
}

/** The names of an object's attributes, or the places of an array's elements. */
export const partOf = (value: Value, part: 'keys' | 'positions'): Value => ({
  flows: unique(
    value.flows.map((flow) => ({
      source: flow.open === 'exact' ? field(flow.source, flow.source.column, flow.source.steps, part) : flow.source,
      open: 'closed',
      transformation: direct(flow, subtypeOf(flow), false),
    })),
  ),
});

/**
 * What a recursive query's column comes to: where a step of the recursion goes on below a path that is known already, everything
 * below that path counts.
 */
export function widened(known: Value, next: Value): Value {
  const starts = known.flows.filter((flow) => flow.transformation.type === 'DIRECT').map((flow) => flow.source);
  const flows = next.flows.map((flow): Flow => {
    const above = starts.find((start) => isBelow(flow.source, start));
    if (!above) return flow;
    const steps = above.steps.at(-1)?.kind === 'below' ? above.steps : [...above.steps, { kind: 'below' } as const];
    return { ...flow, source: field(above, above.column, steps, flow.source.part) };
  });
  return { flows: unique([...known.flows, ...flows]) };
}

function isBelow(source: SourceField, start: SourceField): boolean {
  const steps = start.steps.at(-1)?.kind === 'below' ? start.steps.slice(0, -1) : start.steps;
  const isSame =
    source.database === start.database &&
    source.schema === start.schema &&
    source.relation === start.relation &&
    source.column === start.column;
  return (
    isSame &&
    source.steps.length > steps.length &&
    steps.every((step, i) => JSON.stringify(step) === JSON.stringify(source.steps[i]))
  );
}

/** Flows by their source, DIRECT ways first. */
export function dependences(flows: readonly Flow[]): Dependence[] {
  const bySource = new Map<string, { source: SourceField; ways: Map<string, Transformation> }>();
  for (const { source, transformation } of flows) {
    const key = sourceKey(source);
    const known = bySource.get(key) ?? { source, ways: new Map<string, Transformation>() };
    known.ways.set(`${transformation.subtype} ${transformation.masking}`, transformation);
    bySource.set(key, known);
  }
  const rank = (transformation: Transformation): number => (transformation.type === 'DIRECT' ? 0 : 1);
  return [...bySource.values()].map(({ source, ways }) => ({
    source,
    transformations: [...ways.values()].sort((a, b) => rank(a) - rank(b)),
  }));
}
