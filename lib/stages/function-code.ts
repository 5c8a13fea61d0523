import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildSync } from 'esbuild';
import { bundledFiles } from '../pipeline/environment.ts';
import { type BundledFile, writeFiles, writeKeptBundles } from './kept-bundles.ts';

/** Every function's handler, by the name of its bundle. */
const handlers = {
  'ingest-dynamodb': 'lambdas/ingest/dynamodb.handler.ts',
  'ingest-kinesis': 'lambdas/ingest/kinesis.handler.ts',
  extract: 'lambdas/extract/handler.ts',
  register: 'lambdas/register/handler.ts',
  replay: 'lambdas/replay/handler.ts',
  'fill-begin': 'lambdas/fill/begin.handler.ts',
  'fill-list': 'lambdas/fill/list.handler.ts',
  'fill-convert': 'lambdas/fill/convert.handler.ts',
  'fill-close': 'lambdas/fill/close.handler.ts',
  mend: 'lambdas/mend/handler.ts',
  'refresh-lease': 'lambdas/refresh/lease.handler.ts',
  'refresh-plan': 'lambdas/refresh/plan.handler.ts',
  'refresh-next': 'lambdas/refresh/next.handler.ts',
  'refresh-advance': 'lambdas/refresh/advance.handler.ts',
  'refresh-settle': 'lambdas/refresh/settle.handler.ts',
  'reload-open': 'lambdas/reload/open.handler.ts',
  'reload-page': 'lambdas/reload/page.handler.ts',
  'reload-note': 'lambdas/reload/note.handler.ts',
  'reload-close': 'lambdas/reload/close.handler.ts',
  'reconcile-count': 'lambdas/reconcile/count.handler.ts',
  'reconcile-compare': 'lambdas/reconcile/compare.handler.ts',
  'reconcile-report': 'lambdas/reconcile/report.handler.ts',
  'repair-step': 'lambdas/repair/step.handler.ts',
  'repair-end': 'lambdas/repair/end.handler.ts',
  catalog: 'lambdas/catalog/handler.ts',
} as const;
export type HandlerName = keyof typeof handlers;

/** The repository: where handlers and node_modules are, and what paths in source maps start from. */
const repository = join(import.meta.dirname, '..', '..');

/** Where bundles are kept between syntheses: what npm puts away with the packages they are made of. */
export const bundlesKeptIn = join(repository, 'node_modules', '.cache', 'millrace', 'functions');

/** Packages that are CommonJS inside ask for Node's own modules with `require`, which an ES module has not. */
const requireBanner = "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);";

/** What travels beside the code: of register and the reload the datasets, of the refresh the models and functions as well. JSON text. */
export interface BundledTexts {
  readonly datasets: string;
  /** The names of the lanes, main first. */
  readonly lanes: string;
  /** Compiled. */
  readonly models: string;
  /** Compiled. */
  readonly functions: string;
  /** Where each model's columns come from. */
  readonly lineage: string;
  /** What a replay knows of each source. */
  readonly sources: string;
  /** What the catalog's pages run. */
  readonly catalogClient: string;
}

/** The folder of each function's code: `index.mjs`, its source map, and what travels beside it. */
export interface FunctionCode {
  folder(name: HandlerName): string;
}

/**
 * Bundles every handler with all it needs, the SDK included: its version is then ours, and a cold start reads one file.
 * The same sources give the same bytes wherever the checkout and the folder lie, so that a deploy uploads only what changed.
 * @param props.root the checkout, where it is not this one.
 * @param props.keptIn a folder that keeps what was bundled for the next time; absent: nothing is kept, nothing looked for.
 */
export function bundleFunctions(props: {
  into: string;
  texts: BundledTexts;
  root?: string;
  keptIn?: string;
}): FunctionCode {
  const { into, texts, root = repository, keptIn } = props;
  const make = () => build(root);
  if (keptIn === undefined) writeFiles(into, make());
  else writeKeptBundles(into, { root, keptIn, make });
  const folder = (name: HandlerName) => join(into, name);
  for (const name of Object.keys(handlers) as HandlerName[]) {
    for (const file of filesBeside(name)) writeFileSync(join(folder(name), bundledFiles[file]), texts[file]);
  }
  return { folder };
}

function filesBeside(name: HandlerName): (keyof BundledTexts)[] {
  if (name === 'refresh-settle') return ['datasets', 'models', 'functions', 'lineage'];
  if (name.startsWith('refresh-')) return ['datasets', 'models', 'functions'];
  if (name === 'catalog') return ['datasets', 'models', 'lineage', 'catalogClient'];
  if (name === 'replay') return ['sources'];
  if (name === 'register') return ['datasets', 'lanes'];
  return name === 'reload-open' ? ['datasets'] : [];
}

function build(root: string): BundledFile[] {
  // Where the outputs would lie if esbuild wrote them: it fixes the paths in source maps, wherever they are written to.
  const outdir = join(root, 'bundle');
  const { outputFiles } = buildSync({
    entryPoints: Object.entries(handlers).map(([name, path]) => ({ in: join(root, path), out: join(name, 'index') })),
    absWorkingDir: root,
    outdir,
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    preserveSymlinks: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    banner: { js: requireBanner },
    logLevel: 'silent',
  });
  return outputFiles.map(({ path, contents }) => ({ path: relative(outdir, path), contents }));
}
