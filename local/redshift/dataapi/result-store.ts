import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResultColumn } from '../types.ts';

/** A result set as the session answered it. */
export interface StoredResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Where result sets wait for a day: files with a directory, memory without. */
export interface ResultStore {
  put(id: string, result: StoredResult): void;
  get(id: string): StoredResult | undefined;
  /** Forgets the results of a statement, those of its parts included. */
  forget(statementId: string, partCount: number): void;
}

export function openResultStore(directory: string | undefined): ResultStore {
  return directory === undefined ? memoryStore() : fileStore(join(directory, 'results'));
}

function memoryStore(): ResultStore {
  const results = new Map<string, StoredResult>();
  return {
    put: (id, result) => void results.set(id, result),
    get: (id) => results.get(id),
    forget: (id, partCount) => {
      for (const key of idsOf(id, partCount)) results.delete(key);
    },
  };
}

function fileStore(directory: string): ResultStore {
  mkdirSync(directory, { recursive: true });
  const pathOf = (id: string): string => join(directory, `${id.replace(':', '_')}.json`);
  let last: { id: string; result: StoredResult } | undefined;
  return {
    put: (id, result) => {
      writeFileSync(pathOf(id), JSON.stringify(result));
      last = { id, result };
    },
    get: (id) => {
      if (last?.id === id) return last.result;
      if (!existsSync(pathOf(id))) return undefined;
      const result = JSON.parse(readFileSync(pathOf(id), 'utf8')) as StoredResult;
      last = { id, result };
      return result;
    },
    forget: (id, partCount) => {
      for (const key of idsOf(id, partCount)) rmSync(pathOf(key), { force: true });
      last = undefined;
    },
  };
}

function idsOf(id: string, partCount: number): string[] {
  return [id, ...Array.from({ length: partCount }, (_, index) => `${id}:${index + 1}`)];
}
