import { join } from 'node:path';
import { buildSync } from 'esbuild';
import type { CatalogClient } from '../catalog/render.ts';

const root = join(import.meta.dirname, '..', '..');
let bundled: CatalogClient | undefined;

/** What the catalog's pages run in the browser: one script and one stylesheet. Bundled once: no model changes it. */
export function bundleCatalogClient(): CatalogClient {
  bundled ??= bundle();
  return bundled;
}

function bundle(): CatalogClient {
  const { outputFiles } = buildSync({
    entryPoints: [join(root, 'lib', 'catalog', 'client', 'main.tsx')],
    absWorkingDir: root,
    outdir: join(root, 'bundle'),
    write: false,
    bundle: true,
    minify: true,
    platform: 'browser',
    // What light-dark() in the stylesheet needs as well.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    format: 'iife',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
    // The licences of what is bundled ask to be kept.
    legalComments: 'eof',
    logLevel: 'silent',
  });
  const text = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}
