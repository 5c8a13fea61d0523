import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Config, parseConfig } from '../lib/config/config.ts';
import { MillraceError } from '../lib/pipeline/error.ts';

/** Reads and checks `millrace.config.ts` of a folder. */
export async function loadConfig(folder: string): Promise<Config> {
  const file = path.join(folder, 'millrace.config.ts');
  if (!fs.existsSync(file))
    throw new MillraceError('NO_CONFIG', `${file}: there is no such file, and nothing to run without it`);
  return parseConfig(await defaultExport(file));
}

async function defaultExport(file: string): Promise<unknown> {
  try {
    return ((await import(pathToFileURL(file).href)) as { default: unknown }).default;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    // Node puts the place into the stack only: `file:///…/millrace.config.ts:12`, the line and a mark under it.
    const place = (cause.stack ?? '').split(/\n\s*\n|\n\s+at /, 1)[0]?.split('\n') ?? [];
    const shown = place[0]?.includes(path.basename(file)) ? place : [file];
    const lines = [...shown, cause.message].filter((line, index, all) => all.indexOf(line) === index);
    throw new MillraceError('BAD_CONFIG', lines.join('\n'), { cause });
  }
}
