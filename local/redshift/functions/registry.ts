import { AGGREGATES } from './aggregates.ts';
import { CATALOGS } from './catalogs.ts';
import { CONDITIONALS } from './conditionals.ts';
import { DATES } from './dates.ts';
import type { FunctionEntry } from './define.ts';
import { FORMATS } from './formats.ts';
import { HASHES } from './hashes.ts';
import { JSON_FUNCTIONS } from './json.ts';
import { NUMBERS } from './numbers.ts';
import { REGULAR_EXPRESSIONS } from './regular-expressions.ts';
import { SESSION_FUNCTIONS } from './session-functions.ts';
import { STRINGS } from './strings.ts';
import { SUPERS } from './supers.ts';
import { SYSTEM } from './system.ts';
import { TERADATA } from './teradata.ts';
import { VARBYTES } from './varbytes.ts';
import { WINDOWS } from './windows.ts';

/** Every function that is known. What is not here does not exist. */
const FUNCTIONS: ReadonlyMap<string, FunctionEntry> = new Map(
  [
    AGGREGATES,
    WINDOWS,
    CATALOGS,
    CONDITIONALS,
    DATES,
    FORMATS,
    HASHES,
    JSON_FUNCTIONS,
    NUMBERS,
    REGULAR_EXPRESSIONS,
    SESSION_FUNCTIONS,
    STRINGS,
    SUPERS,
    SYSTEM,
    TERADATA,
    VARBYTES,
  ].flatMap((table) => Object.entries(table)),
);

export const functionNames = (): readonly string[] => [...FUNCTIONS.keys()];

export const findFunction = (name: string): FunctionEntry | undefined => FUNCTIONS.get(name);
