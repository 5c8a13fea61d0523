import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Synthesis } from '../../lib/app.ts';
import { parseConfig } from '../../lib/config/config.ts';
import { synthesizeInto } from '../../local/platform.ts';
import config from '../../millrace.config.ts';

/** The demo's stack with all of its models, or with a few: most stories are about something else, and need not wait for twelve. */
export type DemoModels = 'all' | 'few';

/** Where the models lie; absent: in this checkout. */
export const projectOf: Readonly<Record<DemoModels, string | undefined>> = {
  all: undefined,
  few: path.join(import.meta.dirname, 'few-models'),
};

/** Where the tests of a run find the stacks, synthesized once for all of them. */
const variable = 'MILLRACE_TEST_DEMO';

interface Shared {
  readonly folder: string;
  readonly syntheses: Readonly<Record<DemoModels, Omit<Synthesis, 'template'>>>;
}

/** Synthesizes them, for whoever comes after. */
export async function shareDemo(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-demo-'));
  const synthesized = async (models: DemoModels) => {
    const { template: _read, ...synthesis } = await synthesizeInto(
      parseConfig(config),
      path.join(folder, models),
      projectOf[models],
    );
    return synthesis;
  };
  const shared: Shared = { folder, syntheses: { all: await synthesized('all'), few: await synthesized('few') } };
  process.env[variable] = JSON.stringify(shared);
}

/** Takes them away again. */
export function unshareDemo(): void {
  const shared = read();
  if (shared) fs.rmSync(shared.folder, { recursive: true, force: true });
}

/** The demo's stack, if it was synthesized before all tests. */
export function sharedDemo(models: DemoModels): Synthesis | undefined {
  const shared = read();
  if (!shared) return undefined;
  const synthesis = shared.syntheses[models];
  return { ...synthesis, template: JSON.parse(fs.readFileSync(synthesis.templatePath, 'utf8')) };
}

function read(): Shared | undefined {
  const text = process.env[variable];
  return text ? JSON.parse(text) : undefined;
}
