import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { FileSystem } from 'aws-cdk-lib/core';

/** A file of a bundle: where it lies in the folder of all bundles, and what it holds. */
export interface BundledFile {
  readonly path: string;
  readonly contents: Uint8Array;
}

/** So many states of the sources are kept: that of this branch, and those one goes back and forth to. */
const keptAtMost = 3;

/**
 * What the bundles are made of: the sources, and what npm has installed (esbuild among it).
 * Undefined where that cannot be told: another package manager leaves no record that could be read so.
 */
export function sourcesFingerprint(root: string): string | undefined {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return undefined;
  const parts = [...['lib', 'lambdas', 'tsconfig.json'].map((part) => join(root, part)), installed];
  return parts.reduce((extra, part) => FileSystem.fingerprint(part, { extraHash: extra }), '');
}

/**
 * Writes the bundles of these sources: made at the first time, kept in the folder, and copied from it the next time. Bundling takes longer
 * than the rest of a synthesis, and most syntheses are about models and configuration. A folder that cannot be written to keeps nothing.
 */
export function writeKeptBundles(
  into: string,
  { root, keptIn, make }: { root: string; keptIn: string; make: () => readonly BundledFile[] },
): void {
  const fingerprint = sourcesFingerprint(root);
  if (!fingerprint) return writeFiles(into, make());
  const kept = join(keptIn, fingerprint);
  if (existsSync(kept)) {
    const now = new Date();
    utimesSync(kept, now, now);
    cpSync(kept, into, { recursive: true });
    return;
  }
  const made = make();
  writeFiles(into, made);
  keep(keptIn, kept, made);
}

/** All or nothing: whoever finds the folder finds it whole, and of two that make it at once the first is kept. */
function keep(folder: string, kept: string, files: readonly BundledFile[]): void {
  let unfinished: string | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    unfinished = mkdtempSync(join(folder, 'unfinished-'));
    writeFiles(unfinished, files);
    renameSync(unfinished, kept);
    forgetOldest(folder);
  } catch {
    // A disk that is full or read-only, or somebody who was faster: the bundles are made, only not kept.
    if (unfinished) rmSync(unfinished, { recursive: true, force: true });
  }
}

function forgetOldest(folder: string): void {
  const states = readdirSync(folder).map((name) => join(folder, name));
  const byUse = states.toSorted((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  for (const state of byUse.slice(keptAtMost)) rmSync(state, { recursive: true, force: true });
}

/** Writes files into a folder, and the folders between. */
export function writeFiles(folder: string, files: Iterable<BundledFile>): void {
  for (const { path, contents } of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
}
