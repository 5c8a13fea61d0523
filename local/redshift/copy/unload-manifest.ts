import { typeFacts } from '../type-facts.ts';
import type { ResultColumn } from '../types.ts';
import type { WrittenFile } from './unload.ts';

/** What MANIFEST writes: each file and its size; VERBOSE adds counts, the columns and who wrote it. */
export function manifestOf(files: readonly WrittenFile[], columns: readonly ResultColumn[], verbose: boolean): Buffer {
  const entries = files.map(({ uri, sizeBytes, lines }) => {
    return { url: uri, meta: { content_length: sizeBytes, ...(verbose ? { record_count: lines } : {}) } };
  });
  const manifest = verbose ? { entries, ...verboseParts(files, columns) } : { entries };
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
}

function verboseParts(files: readonly WrittenFile[], columns: readonly ResultColumn[]): object {
  const sum = (read: (file: WrittenFile) => number): number => files.reduce((total, file) => total + read(file), 0);
  return {
    schema: { elements: columns.map(({ name, type }) => ({ name, type: typeOf(type) })) },
    meta: { content_length: sum(({ sizeBytes }) => sizeBytes), record_count: sum(({ lines }) => lines) },
    author: { name: 'Amazon Redshift', version: '1.0.0' },
  };
}

function typeOf({ kind, length, precision, scale }: ResultColumn['type']): object {
  const base = typeFacts[kind].name;
  if (kind === 'decimal') return { base, precision, scale };
  return length === undefined ? { base } : { base, max_length: length };
}
