import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ZodType } from 'zod';
import { bundledFiles } from '../lib/pipeline/environment.ts';

/** Reads what travels beside the function's code, once, at cold start. */
export function readBundled<T>(file: keyof typeof bundledFiles, schema: ZodType<T>): T {
  const path = join(process.env.LAMBDA_TASK_ROOT ?? import.meta.dirname, bundledFiles[file]);
  return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
}
