import type { Config } from '../../lib/config/config.ts';
import { columnReaders, columnSources } from '../../lib/pipeline/lineage/graph.ts';
import { jobEvent, type LineageNames, warehouseNamespace } from '../../lib/pipeline/lineage/open-lineage.ts';
import { type LineagePlace, lineagePlace, lineageTables } from '../../lib/pipeline/lineage/place.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { graphOf, reach, readsOf } from '../../lib/pipeline/models/selection.ts';
import { pipelineTables } from '../../lib/pipeline/tables.ts';
import { loadProject, type Project } from '../../lib/project.ts';
import { datasetPlans, serviceName } from '../../lib/stages/context.ts';
import { loadConfig } from '../load-config.ts';
import { type Directions, lineageText } from './lineage-text.ts';

export interface LineageOptions {
  readonly upstream?: boolean;
  readonly downstream?: boolean;
  readonly json?: boolean;
  readonly openLineage?: boolean;
}

/** `millrace lineage`: where a model or a column comes from and where it goes, from the files alone. */
export async function lineage(text: string, options: LineageOptions): Promise<void> {
  const config = await loadConfig(process.cwd());
  const project = await loadProject(config, process.cwd());
  const place = lineagePlace(text, lineageTables(project, pipelineTables(datasetPlans(config))));
  const { upstream = false, downstream = false } = options;
  const directions = { up: upstream || !downstream, down: downstream || !upstream };
  process.stdout.write(`${rendered(project, place, { config, options, directions })}\n`);
}

interface Wanted {
  readonly config: Config;
  readonly options: LineageOptions;
  readonly directions: Directions;
}

function rendered(project: Project, place: LineagePlace, { config, options, directions }: Wanted): string {
  if (options.openLineage) return openLineageLines(project, modelsAround(project, place, directions), config);
  if (!options.json) return lineageText(project, place, directions);
  const { up, down } = place.kind === 'table' ? tableEdges(project, place.table) : columnEdges(project, place);
  return JSON.stringify({ ...place, ...(directions.up && up), ...(directions.down && down) }, null, 2);
}

function tableEdges({ models }: Project, table: string) {
  const { up, down } = graphOf(models, readsOf);
  return {
    up: { upstream: { next: up.get(table) ?? [], all: [...reach([table], up)] } },
    down: { downstream: { next: down.get(table) ?? [], all: [...reach([table], down)] } },
  };
}

function columnEdges(project: Project, place: Extract<LineagePlace, { kind: 'column' }>) {
  return {
    up: { sources: columnSources(project, place), rows: project.lineage.get(place.table)?.rows ?? [] },
    down: { readers: columnReaders(project, place) },
  };
}

/** The models that a drawing shows, the one that was asked for among them. */
function modelsAround({ models }: Project, { table }: LineagePlace, directions: Directions): CompiledModel[] {
  const { up, down } = graphOf(models, readsOf);
  const around = new Set([
    table,
    ...(directions.up ? reach([table], up) : []),
    ...(directions.down ? reach([table], down) : []),
  ]);
  return models.filter(({ name }) => around.has(name));
}

function openLineageLines(project: Project, models: readonly CompiledModel[], config: Config): string {
  const at = new Date().toISOString();
  const names = lineageNames(config, process.env.AWS_REGION);
  const events = models.map((model) => jobEvent({ model, lineage: project.lineage.get(model.name) }, names, at));
  return events.map((event) => JSON.stringify(event)).join('\n');
}

/** A region is not in the configuration: where it is not said, neither is it here. */
function lineageNames(config: Config, region: string | undefined): LineageNames {
  const jobs = serviceName(config);
  const { warehouse, environment: database } = config;
  const target = warehouse.kind === 'serverless' ? { workgroupName: jobs } : warehouse;
  return { jobs, tables: warehouseNamespace(target, region), database };
}
