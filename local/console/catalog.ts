import fs from 'node:fs';
import path from 'node:path';
import { bundledClient } from '../../lib/catalog/bundled.ts';
import { type CatalogProject, catalogOf } from '../../lib/catalog/catalog.ts';
import { nothingObserved, type ObservedRows, observed, observingStatements } from '../../lib/catalog/observations.ts';
import { type CatalogClient, type CatalogFile, renderCatalog } from '../../lib/catalog/render.ts';
import { bundledFiles, datasetPlanList, readEnvironment } from '../../lib/pipeline/environment.ts';
import { knownLineage } from '../../lib/pipeline/lineage/told-run.ts';
import { compiledModels } from '../../lib/pipeline/models/model.ts';
import type { ResultRows } from '../../lib/pipeline/work.ts';

/** What the stack's function that writes the site has with it. */
export interface DeployedCatalog {
  readonly project: CatalogProject;
  readonly client: CatalogClient;
}

/** Reads what the template gives that function: its variables, and what travels beside its code. */
export function deployedCatalog(codeFolder: string, variables: Record<string, string>): DeployedCatalog {
  const environment = readEnvironment('catalog', variables);
  const read = (file: keyof typeof bundledFiles): unknown =>
    JSON.parse(fs.readFileSync(path.join(codeFolder, bundledFiles[file]), 'utf8'));
  return {
    project: {
      service: environment.POWERTOOLS_SERVICE_NAME,
      database: environment.MILLRACE_WAREHOUSE.database,
      models: compiledModels.parse(read('models')),
      lineage: new Map(Object.entries(knownLineage.parse(read('lineage')).models)),
      datasets: datasetPlanList.parse(read('datasets')),
      readers: environment.MILLRACE_READERS,
    },
    client: bundledClient.parse(read('catalogClient')),
  };
}

/** The site as it would be if a refresh ended now: read when somebody looks. */
export async function catalogNow(
  { project, client }: DeployedCatalog,
  query: (sql: string) => Promise<ResultRows>,
): Promise<CatalogFile[]> {
  const { runs, checks, loads } = observingStatements(nothingObserved);
  const rows: ObservedRows = {
    runs: await query(runs.sql),
    checks: await query(checks.sql),
    loads: await query(loads.sql),
  };
  return renderCatalog(catalogOf(project, observed(nothingObserved, rows)), client);
}

/** A file of the site. A page that is loaded is one state of it: what its shell is asked for is built, the rest goes with it. */
export function catalogPages(build: () => Promise<CatalogFile[]>): (page: string) => Promise<CatalogFile | undefined> {
  let built: Promise<CatalogFile[]> | undefined;
  return async (page) => {
    if (page === 'index.html') built = undefined;
    built ??= build();
    try {
      return (await built).find((file) => file.path === page);
    } catch (error) {
      built = undefined;
      throw error;
    }
  };
}
