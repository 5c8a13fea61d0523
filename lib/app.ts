import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib/core';
import { type Config, parseConfig } from './config/config.ts';
import { MillraceStack } from './millrace-stack.ts';
import { lanesOf } from './pipeline/lane.ts';
import type { KnownLineage } from './pipeline/lineage/told-run.ts';
import { loadProject, type Project } from './project.ts';
import { bundleCatalogClient } from './stages/catalog-client.ts';
import { serviceName } from './stages/context.ts';
import { type BundledTexts, bundleFunctions, bundlesKeptIn } from './stages/function-code.ts';
import { replaySourcesOf } from './stages/replay.ts';

/** Where a synthesized stack lies. */
export interface Synthesis {
  readonly stackName: string;
  readonly templatePath: string;
  /** Folder with one folder per function's code, `asset.<hash>`. */
  readonly assetsDirectory: string;
  readonly template: Template;
}

/** The parts of a CloudFormation template that the stack has. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown; readonly Description?: string }>>;
}
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface SynthesisOptions {
  /** The folder with `sql/`; by default this checkout. */
  readonly projectDirectory?: string;
  /** Where the cloud assembly goes; by default where the CDK CLI wants it, or `cdk.out`. */
  readonly outdir?: string;
  /** Check the template against CloudFormation's schemas and the AWS Solutions rules; findings are errors. On by default. */
  readonly validate?: boolean;
}

/** The CDK's feature flags and the like: from cdk.json, so that a synthesis in this process is the one of the CLI. */
function cdkContext(): Record<string, unknown> {
  const path = join(import.meta.dirname, '..', 'cdk.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { context: Record<string, unknown> }).context;
}

/** The environment that `cdk … -c environment=dev` asks for, or the configuration's own. */
function chosen(app: App, config: Config): Config {
  const environment: unknown = app.node.tryGetContext('environment');
  return environment === undefined ? config : parseConfig({ ...config, environment });
}

/** An App with the CDK's context and, unless told otherwise, the checks whose findings are errors. */
export async function openApp({ outdir, validate = true }: SynthesisOptions = {}): Promise<App> {
  const app = new App({
    ...(outdir && { outdir }),
    context: cdkContext(),
    analyticsReporting: false,
    treeMetadata: false,
    builtinCloudFormationValidation: validate,
  });
  if (validate) {
    // Loaded only here: it takes as long as the rest of the CDK.
    const { AwsSolutionsChecks } = await import('cdk-nag');
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  }
  return app;
}

/** What travels beside the functions' code. */
export function bundledTexts(config: Config, { datasets, models, functions, lineage }: Project): BundledTexts {
  const known: KnownLineage = { service: serviceName(config), models: Object.fromEntries(lineage) };
  return {
    datasets: JSON.stringify(datasets),
    lanes: JSON.stringify(lanesOf(models)),
    models: JSON.stringify(models),
    functions: JSON.stringify(functions),
    lineage: JSON.stringify(known),
    sources: JSON.stringify(replaySourcesOf(config)),
    catalogClient: JSON.stringify(bundleCatalogClient()),
  };
}

/**
 * Synthesizes the stack: compiles the models, bundles the functions, writes template and assets. Needs neither network nor
 * credentials.
 * @throws {ModelsError} when the models do not fit; an error with the findings when the template does not pass the checks.
 */
export async function synthesize(written: Config, options: SynthesisOptions = {}): Promise<Synthesis> {
  const app = await openApp(options);
  const config = chosen(app, written);
  const bundles = mkdtempSync(join(tmpdir(), 'millrace-functions-'));
  try {
    const project = await loadProject(config, options.projectDirectory);
    const code = bundleFunctions({ into: bundles, texts: bundledTexts(config, project), keptIn: bundlesKeptIn });
    const { stackName } = new MillraceStack(app, { config, code, models: project.models });
    const assembly = app.synth();
    const { templateFullPath, template } = assembly.getStackByName(stackName);
    return { stackName, templatePath: templateFullPath, assetsDirectory: assembly.directory, template };
  } finally {
    rmSync(bundles, { recursive: true, force: true });
  }
}
