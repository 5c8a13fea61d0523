import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';

/** What DuckDB may take of a machine's memory; the rest is for JavaScript and whoever else is there. */
const share = 0.5;
const leastBytes = 512 * 1024 * 1024;

/** How much memory DuckDB may use, and where it puts what is more than that: sorts, joins and groups larger than memory. */
export function memorySettings(directory: string | undefined): Readonly<Record<string, string>> {
  const machineBytes = Math.min(process.constrainedMemory() || totalmem(), totalmem());
  const bytes = Math.max(leastBytes, Math.floor(machineBytes * share));
  return {
    memory_limit: `${Math.floor(bytes / 1024)}KiB`,
    temp_directory:
      directory === undefined ? join(tmpdir(), `millrace-redshift-${process.pid}`) : join(directory, 'spilled'),
  };
}
