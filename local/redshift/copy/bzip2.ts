import { createRequire } from 'node:module';

interface Bunzip {
  decode(packed: Buffer, output: undefined, multistream: boolean): Buffer;
}

/** The package has no types, and is no module. */
const bunzip = createRequire(import.meta.url)('seek-bzip') as Bunzip;

/** Unpacks a bzip2 file, all of its streams. */
export function bunzipped(packed: Buffer): Buffer {
  return bunzip.decode(packed, undefined, true);
}
