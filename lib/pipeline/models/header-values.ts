import { mainLane } from '../lane.ts';
import { type Entry, prose } from './header-entries.ts';
import { type Distribution, type Materialization, materializations } from './model.ts';
import { type Report, unknownWord } from './problem.ts';

const unitSeconds: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 };
export const durations = '90 seconds, 5 minutes, 2 hours, 1 day';

/** Seconds of `2 minutes`. */
export function secondsOf(text: string): number | undefined {
  const match = /^(\d{1,9}) (second|minute|hour|day)s?$/.exec(text);
  const seconds = Number(match?.[1]) * (unitSeconds[match?.[2] ?? ''] ?? Number.NaN);
  return seconds > 0 ? seconds : undefined;
}

export function freshness(entry: Entry | undefined, report: Report): number | undefined {
  if (!entry) return undefined;
  const seconds = secondsOf(prose(entry));
  if (!seconds) report(entry.line, `${prose(entry)} is not a freshness; write it as: ${durations}`);
  return seconds;
}

export function materialization(entry: Entry | undefined, report: Report): Materialization {
  const word = entry ? prose(entry) : 'table';
  const known = materializations.find((one) => one === word);
  if (!known && entry) report(entry.line, unknownWord('materialization', word, materializations));
  return known ?? 'table';
}

export function lane(entry: Entry | undefined, report: Report): string {
  const name = entry ? prose(entry) : mainLane;
  if (/^[a-z][a-z0-9_]{0,62}$/.test(name)) return name;
  report(entry?.line ?? 1, `${name} is not a lane's name; write one in lower case, such as ${mainLane}`);
  return mainLane;
}

export function contract(entry: Entry | undefined, report: Report): boolean {
  if (!entry) return false;
  if (prose(entry) !== 'enforced') report(entry.line, 'a contract is enforced, or not there: -- contract: enforced');
  return true;
}

export function distribution(entry: Entry | undefined, report: Report): Distribution | undefined {
  if (!entry) return undefined;
  const text = prose(entry);
  if (text === 'auto' || text === 'even' || text === 'all') return { style: text };
  const column = /^key ?\(([^()]+)\)$/.exec(text)?.[1]?.trim();
  if (column) return { style: 'key', column };
  report(entry.line, `${text} is not a distribution; write auto, even, all or key(column)`);
  return undefined;
}
