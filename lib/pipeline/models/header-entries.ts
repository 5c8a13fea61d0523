import { type Documented, namesOf } from './header-keys.ts';
import { type Report, unknownWord } from './problem.ts';

/** A line under `-- key:`. */
export interface EntryLine {
  readonly text: string;
  readonly line: number;
}

/** `-- key: value` and the indented lines under it. */
export interface Entry extends EntryLine {
  readonly key: string;
  readonly below: readonly EntryLine[];
}

export type Entries = ReadonlyMap<string, Entry>;

/** Reads the comment header at the top of a file: the entries with a key that is known, each once. */
export function headerEntries(text: string, keys: readonly Documented[], report: Report): Entries {
  const entries = new Map<string, Entry>();
  for (const entry of readEntries(text, report)) {
    if (!namesOf(keys).includes(entry.key)) report(entry.line, unknownWord('header key', entry.key, namesOf(keys)));
    else if (entries.has(entry.key)) report(entry.line, `${entry.key} is there twice; keep one`);
    else entries.set(entry.key, entry);
  }
  for (const { name, isNeeded } of keys) {
    if (isNeeded && prose(entries.get(name)) === '')
      report(entries.get(name)?.line ?? 1, `the header has no ${name}; add a line: -- ${name}: …`);
  }
  return entries;
}

function readEntries(text: string, report: Report): Entry[] {
  const entries: (Entry & { below: EntryLine[] })[] = [];
  for (const [index, content] of text.split('\n').entries()) {
    const comment = /^\ufeff?--(.*?)\r?$/.exec(content)?.[1];
    if (comment === undefined) break;
    const line = index + 1;
    const top = /^ ?(\w+(?: \w+)?):(?: +(.*?))? *$/.exec(comment);
    const last = entries.at(-1);
    if (comment.trim() === '') continue;
    if (top?.[1]) entries.push({ key: top[1], text: top[2] ?? '', line, below: [] });
    else if (/^(?: {2,}|\t)/.test(comment) && last) last.below.push({ text: comment.trim(), line });
    else report(line, 'a header line is `-- key: value`, or indented under one; other comments go after the first SQL');
  }
  return entries;
}

/** The value and what is below it, as one text. */
export function prose(entry: Entry | undefined): string {
  return entry ? [entry.text, ...entry.below.map(({ text }) => text)].join(' ').trim() : '';
}

export const list = (entry: Entry | undefined): string[] => splitList(prose(entry));

export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}
