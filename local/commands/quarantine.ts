import { MillraceError } from '../../lib/pipeline/error.ts';
import { nearest } from '../../lib/pipeline/nearest.ts';
import { operatorFor } from './dataset.ts';
import { typedInstant } from './instants.ts';
import type { OperatorOptions } from './operator.ts';
import { lakePlaceOf } from './operator-lake.ts';
import { type HeldFilter, type HeldRecord, heldRecords, isMeant } from './quarantine-held.ts';
import { groupsOf, groupsText, recordJson, recordsText, recordText } from './quarantine-text.ts';

/** What narrows a command, as it was typed. */
export interface FilterOptions {
  readonly code?: readonly string[];
  readonly from?: string;
  readonly to?: string;
}
export type QuarantineOptions = OperatorOptions & FilterOptions & { readonly json?: boolean };

export function filterOf({ code, from, to }: FilterOptions): HeldFilter {
  return {
    codes: code,
    from: from === undefined ? undefined : typedInstant('--from', from),
    to: to === undefined ? undefined : typedInstant('--to', to),
  };
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** `millrace quarantine list`: how much is held, by dataset and reason. */
export async function list(dataset: string | undefined, options: QuarantineOptions): Promise<void> {
  const filter = filterOf(options);
  const operator = await operatorFor(dataset, options);
  const held = await heldRecords(lakePlaceOf(operator), dataset);
  const groups = groupsOf(held.filter((record) => isMeant(record, filter)));
  print(options.json ? JSON.stringify(groups, null, 2) : groupsText(groups));
}

/** `millrace quarantine show`: one record in full, or a line or two of each. */
export async function show(dataset: string, id: string | undefined, options: QuarantineOptions): Promise<void> {
  const filter = filterOf(options);
  const operator = await operatorFor(dataset, options);
  const held = (await heldRecords(lakePlaceOf(operator), dataset)).filter((record) => isMeant(record, filter));
  const chosen = id === undefined ? held : withId(dataset, held, id);
  if (options.json) print(JSON.stringify(chosen.map(recordJson), null, 2));
  else print(id === undefined ? recordsText(dataset, chosen) : chosen.map(recordText).join('\n\n'));
}

/** The records of an identity; usually one. @throws {MillraceError} NO_SUCH_RECORD */
export function withId(dataset: string, held: readonly HeldRecord[], id: string): HeldRecord[] {
  const found = held.filter((record) => record.id === id);
  if (found.length > 0) return found;
  const meant = nearest(
    id,
    held.map((record) => record.id),
  );
  const mend = meant
    ? `did you mean ${meant}?`
    : `\`millrace quarantine show ${dataset}\` lists what is there, \`millrace trace\` finds what has left`;
  throw new MillraceError('NO_SUCH_RECORD', `the quarantine of ${dataset} holds no record ${id}: ${mend}`);
}
