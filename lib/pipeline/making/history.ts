import { versionsSelect } from '../statements/incremental/versions.ts';
import { keptUpToDate } from './incremental.ts';
import type { Strategy } from './making.ts';

/** Every version of a key, and how long it held. All of a key's versions are made again when one comes: it may be late. */
export const history: Strategy = keptUpToDate({ select: versionsSelect, isPlain: false });
