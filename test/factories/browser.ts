import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Browser, chromium as playwright } from 'playwright-core';
import type { CatalogFile } from '../../lib/catalog/render.ts';

/** A Chromium that comes from a registry's package: nothing is downloaded when tests run. */
export async function openBrowser(): Promise<Browser> {
  // Of its own, because jest runs CommonJS and the package is none.
  const unpack = "import chromium from '@sparticuz/chromium'; console.log(await chromium.executablePath());";
  const executablePath = execFileSync(process.execPath, ['--input-type=module', '--eval', unpack], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  }).trim();
  // Not the package's own arguments: those turn off what keeps pages apart, and a site must work with it on.
  return playwright.launch({ executablePath, args: ['--no-sandbox'], headless: true });
}

/** A site in a folder of its own, to be opened as files. */
export function siteOnDisk(files: readonly CatalogFile[]): {
  readonly folder: string;
  readonly address: string;
  remove(): void;
} {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-catalog-'));
  for (const file of files) {
    const place = path.join(folder, file.path);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, file.body);
  }
  return {
    folder,
    address: `file://${folder}/index.html`,
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}
