import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { MillraceError } from '../../../lib/pipeline/error.ts';

const manifestSchema = z.looseObject({
  files: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({ path: z.string(), packaging: z.string() }),
        destinations: z.record(z.string(), z.looseObject({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

/** Where the assets that a template names by object key lie on this machine, from CDK's asset manifests. */
export class Assets {
  readonly #folders = new Map<string, string>();
  readonly #directory: string;

  constructor(assetsDirectory: string) {
    this.#directory = assetsDirectory;
    for (const file of existsSync(assetsDirectory) ? readdirSync(assetsDirectory) : []) {
      if (!file.endsWith('.assets.json')) continue;
      const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(assetsDirectory, file), 'utf8')));
      for (const { source, destinations } of Object.values(manifest.files)) {
        for (const { objectKey } of Object.values(destinations)) {
          this.#folders.set(objectKey, resolve(assetsDirectory, source.path));
        }
      }
    }
  }

  /** The folder of a function's code. */
  folder(objectKey: string, usedBy: string): string {
    const folder = this.#folders.get(objectKey);
    if (folder !== undefined && existsSync(folder)) return folder;
    throw new MillraceError(
      'UNKNOWN_ASSET',
      `${usedBy} takes its code from ${objectKey}, which no asset manifest in ${this.#directory} has: synthesize the stack anew`,
    );
  }
}
