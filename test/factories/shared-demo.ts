import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Synthesis } from '../../lib/app.ts';
import { parseConfig } from '../../lib/config/config.ts';
import { synthesizeInto } from '../../local/platform.ts';
import config from '../../millrace.config.ts';

/** Where the tests of a run find the demo's stack, synthesized once for all of them. */
const variable = 'MILLRACE_TEST_DEMO';

/** Synthesizes it, for whoever comes after. */
export async function shareDemo(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-demo-'));
  const { template: _read, ...synthesis } = await synthesizeInto(parseConfig(config), folder);
  process.env[variable] = JSON.stringify({ folder, synthesis });
}

/** Takes it away again. */
export function unshareDemo(): void {
  const shared = read();
  if (shared) fs.rmSync(shared.folder, { recursive: true, force: true });
}

/** The demo's stack, if it was synthesized before all tests. */
export function sharedDemo(): Synthesis | undefined {
  const shared = read();
  if (!shared) return undefined;
  const { synthesis } = shared;
  return { ...synthesis, template: JSON.parse(fs.readFileSync(synthesis.templatePath, 'utf8')) };
}

function read(): { folder: string; synthesis: Omit<Synthesis, 'template'> } | undefined {
  const text = process.env[variable];
  return text ? JSON.parse(text) : undefined;
}
