import { type BranchReason, builtNow, inBranch, planBranch, requireInputs } from '../../lib/pipeline/branch.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { select } from '../../lib/pipeline/models/selection.ts';
import { preparationOf, type Surroundings } from '../../lib/pipeline/next.ts';
import { withGrants } from '../../lib/pipeline/next-model.ts';
import { type LastPublished, noteStatement, rolesQuery } from '../../lib/pipeline/statements/environment-books.ts';
import { preparationHash, type Readers } from '../../lib/pipeline/statements/prepare.ts';
import type { Operator } from '../commands/operator.ts';
import { type Environment, publishedIn, publishedInProduction } from './environments.ts';
import type { DeskProject } from './project.ts';
import { runAll } from './run-all.ts';
import { type DeskWarehouse, prepareDatabase, surroundingsOf } from './warehouse.ts';

/** What people choose with selectors. */
export interface Choice {
  readonly selectors: readonly string[];
  readonly exclude?: readonly string[] | undefined;
}

/** What an environment is to hold, and how it reads the rest. */
export interface Branch {
  readonly production: string;
  /** What is built now, as it is built there; in dependency order. */
  readonly models: readonly CompiledModel[];
  /** Everything of the project that an environment holds or will hold, as it is built there. */
  readonly own: readonly CompiledModel[];
  readonly reasons: ReadonlyMap<string, BranchReason>;
  readonly surroundings: Surroundings;
}

/** Plans what an environment holds of a project: production and, where it is there, the environment are asked what they have. */
export async function branchOf(
  project: DeskProject,
  operator: Operator,
  name: string | undefined,
  choice: Choice,
): Promise<Branch> {
  const production = operator.target.database;
  const [published, there, roles] = await Promise.all([
    publishedInProduction(operator),
    name === undefined ? new Map<string, LastPublished>() : publishedIn(operator, name),
    operator.query(rolesQuery),
  ]);
  const { models, config } = project;
  const known = new Set(roles.map(([role]) => role ?? ''));
  const chosen = chosenOf(models, choice);
  const plan = planBranch({
    models: models.map((model) => withGrants(model, config.readers)),
    published: new Map([...published].map(([model, { definition }]) => [model, definition])),
    there: new Set(there.keys()),
    ...chosen,
  });
  const building = builtNow(plan, chosen);
  const own = new Set([...building.map((model) => model.name), ...there.keys()]);
  requireInputs(building, models, (one) => own.has(one) || published.has(one));
  const isBuilt = new Set(building.map((model) => model.name));
  const held = models
    .filter((model) => own.has(model.name))
    .map((model) => inBranch({ ...model, grants: model.grants.filter((role) => known.has(role)) }, own, production));
  return {
    production,
    own: held,
    models: held.filter((model) => isBuilt.has(model.name)),
    reasons: plan.reasons,
    surroundings: {
      ...surroundingsOf(project),
      // What is loaded is production's, and a role that a branch has thought of is made when it is merged.
      datasets: [],
      readers: knownReaders(config.readers, known),
      models: held,
    },
  };
}

function chosenOf(models: readonly CompiledModel[], { selectors, exclude = [] }: Choice) {
  const named = (texts: readonly string[]) =>
    new Set(texts.length === 0 ? [] : select(models, texts).map(({ name }) => name));
  return { selected: named(selectors), excluded: named(exclude) };
}

const knownReaders = (readers: Readers, roles: ReadonlySet<string>): Readers =>
  Object.fromEntries(Object.entries(readers).filter(([role]) => roles.has(role)));

/** Makes what the models need in the environment, unless it was prepared with just that. */
export async function prepareEnvironment(
  environment: Environment,
  { surroundings }: Branch,
  warehouse: Pick<DeskWarehouse, 'batches'>,
  execution: string,
): Promise<void> {
  const hash = preparationHash(preparationOf(surroundings));
  if (hash === environment.prepared) return;
  await prepareDatabase(surroundings, warehouse, execution, environment.prepared);
  await runAll(warehouse.batches, `note what ${environment.name} was prepared with`, [
    noteStatement(environment.production, hash),
  ]);
}
