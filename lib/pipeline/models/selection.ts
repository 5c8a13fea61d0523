import { MillraceError } from '../error.ts';
import { nearest } from '../nearest.ts';
import type { CompiledModel } from './model.ts';

/** What selecting looks at. */
export type Selectable = Pick<
  CompiledModel,
  'name' | 'schema' | 'table' | 'path' | 'owner' | 'lane' | 'reads' | 'dependsOn'
>;

/** `2+mart.x+`: what is meant, and how many steps up and down from there. */
interface Selector {
  readonly text: string;
  readonly base: string;
  readonly up: number;
  readonly down: number;
}

/** How to say which models: for the help of commands that take it. */
export const selectionHelp = [
  'mart.daily_kpi, daily_kpi       by name; * stands for anything: mart.daily_*',
  'sql/models/mart/daily_kpi.sql   by file or folder; path:sql/models/mart says the same',
  'owner:, lane:, schema:          by who owns it, whose runs build it, where it is',
  '+mart.daily_kpi, 2+mart.x       and all models that it is built from, or those two steps away',
  'mart.x+, mart.x+1, latest.t+    and all models that are built from it; a table of the pipeline may stand there too',
].join('\n');

/**
 * The models that some of the selectors and none of the exclusions mean, in the order in which they are given; all of them where
 * nothing is selected.
 * @throws {MillraceError} UNKNOWN_SELECTION for what means no model, with what was probably meant.
 */
export function select<M extends Selectable>(
  models: readonly M[],
  selectors: readonly string[],
  exclude: readonly string[] = [],
): M[] {
  const graph = graphOf(models);
  const named = (texts: readonly string[]) => new Set(texts.flatMap((text) => [...selected(text, models, graph)]));
  const chosen = selectors.length === 0 ? new Set(models.map(({ name }) => name)) : named(selectors);
  const excluded = named(exclude);
  return models.filter(({ name }) => chosen.has(name) && !excluded.has(name));
}

/** Names of models and of the tables that they read, with what is next to each. */
export interface Graph {
  readonly up: ReadonlyMap<string, readonly string[]>;
  readonly down: ReadonlyMap<string, readonly string[]>;
}

/** What is next to each model. */
export function graphOf(models: readonly Selectable[], upstream: (model: Selectable) => string[] = upstreamOf): Graph {
  const up = new Map(models.map((model) => [model.name, upstream(model)]));
  const down = new Map<string, string[]>();
  for (const [name, above] of up) for (const one of above) down.set(one, [...(down.get(one) ?? []), name]);
  return { up, down };
}

/** The tables that a model is made of. */
export function readsOf({ reads }: Pick<Selectable, 'reads'>): string[] {
  return [...new Set(reads.map(({ name }) => name))].toSorted();
}

/** What a model is built after: the tables that it reads, and the models that its checks need. */
const upstreamOf = (model: Selectable): string[] => [...new Set([...readsOf(model), ...model.dependsOn])].toSorted();

function selected(text: string, models: readonly Selectable[], graph: Graph): Set<string> {
  const selector = parseSelector(text);
  const base = baseNames(selector, models, graph);
  return new Set([...base, ...reach(base, graph.up, selector.up), ...reach(base, graph.down, selector.down)]);
}

function parseSelector(text: string): Selector {
  const [, above, upSteps, base = '', below, downSteps] = /^((\d*)\+)?(.*?)(\+(\d*))?$/s.exec(text.trim()) ?? [];
  return { text, base, up: stepsOf(above, upSteps), down: stepsOf(below, downSteps) };
}

const stepsOf = (plus: string | undefined, steps: string | undefined): number => {
  if (!plus) return 0;
  return steps ? Number(steps) : Number.POSITIVE_INFINITY;
};

/** Everything that so many steps lead to. */
export function reach(
  names: Iterable<string>,
  next: ReadonlyMap<string, readonly string[]>,
  steps = Number.POSITIVE_INFINITY,
): Set<string> {
  const found = new Set<string>();
  let border = [...names];
  for (let step = 0; step < steps && border.length > 0; step += 1) {
    border = [...new Set(border.flatMap((name) => next.get(name) ?? []))].filter((name) => !found.has(name));
    for (const name of border) found.add(name);
  }
  return found;
}

const methods = ['path', 'owner', 'lane', 'schema'] as const;

function baseNames(selector: Selector, models: readonly Selectable[], graph: Graph): string[] {
  const [, method, value = ''] = /^([a-z]+):(.*)$/s.exec(selector.base) ?? [];
  const isPath = method === 'path' || (method === undefined && /[\\/]|\.sql$/.test(selector.base));
  if (isPath) return byPath(method ? value : selector.base, selector, models);
  if (method !== undefined) return byProperty(method, value, selector, models);
  return byName(selector, models, graph);
}

function byName({ text, base, down }: Selector, models: readonly Selectable[], { down: readers }: Graph): string[] {
  const pattern = patternOf(base, '.*');
  const found = models.filter(({ name, table }) => pattern.test(name) || pattern.test(table));
  if (found.length > 0) return found.map(({ name }) => name);
  const tables = [...readers.keys()].filter((name) => pattern.test(name));
  if (tables.length > 0 && down > 0) return tables;
  if (tables.length > 0) {
    throw refused(text, `${tables.join(', ')} is no model but what models read; ${base}+ selects those`);
  }
  const known = models.flatMap(({ name, table }) => (base.includes('.') ? [name] : [name, table]));
  throw refused(text, `there is no model ${base}${suggestion(base, [...known, ...readers.keys()])}`);
}

function byProperty(method: string, value: string, { text }: Selector, models: readonly Selectable[]): string[] {
  const property = methods.find((one) => one === method);
  if (property === undefined) {
    throw refused(text, `models are not selected by ${method}${suggestion(method, methods, 'there are: ')}`);
  }
  const pattern = patternOf(value, '.*');
  const found = models.filter((model) => pattern.test(model[property]));
  if (found.length > 0) return found.map(({ name }) => name);
  const known = [...new Set(models.map((model) => model[property]))].toSorted();
  throw refused(text, `no model has the ${method} ${value}${suggestion(value, known, 'there are: ')}`);
}

/** A file, all files of a folder, or a pattern of them. */
function byPath(value: string, { text }: Selector, models: readonly Selectable[]): string[] {
  const path = value
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '');
  const pattern = patternOf(path, '[^/]*');
  const found = models.filter((model) => pattern.test(model.path) || model.path.startsWith(`${path}/`));
  if (found.length > 0 || path === '.') return (path === '.' ? models : found).map(({ name }) => name);
  const files = models.map((model) => model.path);
  throw refused(text, `no model lies at ${value}${suggestion(path, [...files, ...new Set(files.map(folderOf))])}`);
}

const folderOf = (path: string): string => path.replace(/\/[^/]*$/, '');

/** `*` stands for what is given, `**` for anything. */
function patternOf(text: string, star: string): RegExp {
  const parts = text.split(/(\*+)/).map((part) => {
    if (!part.startsWith('*')) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return part === '*' ? star : '.*';
  });
  return new RegExp(`^${parts.join('')}$`, 's');
}

function suggestion(word: string, known: readonly string[], list?: string): string {
  const meant = nearest(word, known);
  if (meant) return `; did you mean ${meant}?`;
  return list && known.length > 0 ? `; ${list}${known.join(', ')}` : '';
}

function refused(text: string, message: string): MillraceError {
  const where = text.trim() === '' ? 'an empty selection means nothing: ' : '';
  return new MillraceError('UNKNOWN_SELECTION', `${where}${message}`);
}
