import { RESERVED } from '../statements/keywords.ts';

/** A name as a statement has to write it: between quotes where it is not plain, or is a reserved word. */
export const shownName = (name: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(name) && !RESERVED.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
