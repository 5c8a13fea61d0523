import type { Source } from '../../lib/config/config.ts';
import { MillraceError } from '../../lib/pipeline/error.ts';
import { typedKeys } from '../../lib/pipeline/typed-key.ts';
import { loadProject } from '../../lib/project.ts';
import { loadConfig } from '../load-config.ts';
import { datasetOf, keyFields } from './dataset.ts';
import { connectOperator, type OperatorOptions } from './operator.ts';
import { recordJson } from './quarantine-text.ts';
import { collectTrace, type Trace } from './trace-collect.ts';
import type { Wanted } from './trace-find.ts';
import { nothingText, traceText } from './trace-text.ts';

export type TraceOptions = OperatorOptions & { readonly id?: readonly string[]; readonly json?: boolean };

function wantedBy(dataset: string, source: Source, words: readonly string[], ids: readonly string[]): Wanted {
  if (ids.length > 0 && words.length > 0) {
    throw new MillraceError('TWO_WANTED', 'say either a key or --id: an event has one key, and a key many events');
  }
  if (ids.length > 0) return { ids, keys: [] };
  const fields = keyFields(source);
  if (fields.length === 0) {
    const example = `\`millrace sql 'select _id from raw.${dataset} limit 5'\` shows some`;
    throw new MillraceError('NO_KEYS', `records of ${dataset} have no key: name an event by --id <_id>; ${example}`);
  }
  if (words.length === 0) throw new MillraceError('NOTHING_CHOSEN', 'say which: a key, or --id <_id>');
  return { ids: [], keys: typedKeys(fields, words) };
}

/** `millrace trace`: where a record is and was. Ends with an error where it is nowhere. */
export async function trace(dataset: string, words: readonly string[], options: TraceOptions): Promise<void> {
  const config = await loadConfig(process.cwd());
  const wanted = wantedBy(dataset, datasetOf(config, dataset).source, words, options.id ?? []);
  const operator = await connectOperator(options);
  const { models } = await loadProject(config, process.cwd());
  const found = await collectTrace(operator, { config, models }, dataset, wanted);
  const { events, held, dropped, pending } = found;
  const isNowhere = events.length + held.length + dropped.length + pending.found.length === 0;
  if (options.json) process.stdout.write(`${JSON.stringify(traceJson(found), null, 2)}\n`);
  if (isNowhere) throw new MillraceError('NOT_FOUND', nothingText(found));
  if (!options.json) process.stdout.write(`${traceText(found)}\n`);
}

function traceJson({ held, ...rest }: Trace): object {
  return { ...rest, held: held.map(recordJson) };
}
