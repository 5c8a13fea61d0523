import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib/core';
import { openApp, type Template } from '../../lib/app.ts';
import { type ConfigInput, parseConfig } from '../../lib/config/config.ts';
import { MillraceStack } from '../../lib/millrace-stack.ts';

/** A stack that is checked like the real one, with empty functions: what is in them is no part of the wiring. */
export interface TestStack {
  readonly app: App;
  readonly stack: MillraceStack;
  /** Synthesizes; throws where there are findings. */
  template(): Template;
  /** What the checks said of the last synthesis. */
  report(): ValidationReport;
}

/** The parts of the CDK's validation report that the tests read. */
export interface ValidationReport {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly conclusion: 'success' | 'failure';
    readonly violations: readonly { readonly ruleName: string; readonly description: string }[];
    readonly suppressedViolations?: readonly { readonly ruleName: string; readonly reason: string }[];
  }[];
}

const folders: string[] = [];

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  folders.push(folder);
  return folder;
}

const models = [{ name: 'mart.daily_kpi', owner: 'platform-team', lane: 'main' }];

function emptyCode() {
  const root = emptyFolder();
  return {
    folder(name: string) {
      const folder = join(root, name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'index.mjs'), `// ${name}\n`);
      return folder;
    },
  };
}

export async function openStack(config: ConfigInput): Promise<TestStack> {
  const outdir = emptyFolder();
  const app = await openApp({ outdir });
  const stack = new MillraceStack(app, { config: parseConfig(config), code: emptyCode(), models });
  const template = () => app.synth().getStackByName(stack.stackName).template as Template;
  const report = () => JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as ValidationReport;
  return { app, stack, template, report };
}

/** Removes what was synthesized; for `afterAll`. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
