import { RedshiftError } from '../types.ts';

/** The zone that every connection begins with. */
export const FIRST_ZONE = 'UTC';

/** Names that are not only abbreviations. */
const isZoneName = (value: string): boolean => {
  if (!/^[a-z]/i.test(value) || (/^[a-z]{3,4}$/i.test(value) && !SHORT_NAMES.has(value.toUpperCase()))) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: value });
    return true;
  } catch {
    return false;
  }
};
const SHORT_NAMES = new Set([
  'UTC',
  'GMT',
  'UCT',
  'CET',
  'EET',
  'MET',
  'WET',
  'EST',
  'MST',
  'HST',
  'PRC',
  'ROC',
  'ROK',
  'NZ',
  'GB',
  'CUBA',
  'EIRE',
  'IRAN',
  'ZULU',
]);

/**
 * The zone of a session in the engine's words, from what SET TIMEZONE takes: a zone's name, hours east of UTC (`-8`, `'-8:00'`, `'-8 hours'`), or
 * hours west behind an abbreviation (`PST8`). Throws where it is none of them.
 */
export function sessionZone(value: string): string {
  if (isZoneName(value))
    return Intl.DateTimeFormat('en-US', { timeZone: value }).resolvedOptions().timeZone === 'UTC' ? 'UTC' : value;
  const offset =
    /^(?<sign>[+-]?)(?<hours>\d{1,2})(?::(?<minutes>\d{2})(?::00)?)?(?:\s*h(?:ou)?rs?)?$/i.exec(value) ??
    /^(?<minus>[+-]?)(?<minutes>\d+)\s*min(?:ute)?s?$/i.exec(value) ??
    /^[a-z]{3,}(?<west>[+-]?)(?<hours>\d{1,2})(?::(?<minutes>\d{2}))?$/i.exec(value);
  if (!offset?.groups) throw new RedshiftError('22023', `invalid value for parameter "TimeZone": "${value}"`);
  const { sign, minus, west, hours, minutes } = offset.groups;
  const size = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  const isEast = west === undefined ? (sign ?? minus) !== '-' : west === '-';
  if (size === 0) return 'UTC';
  if (size % 60 !== 0 || size > (isEast ? 14 : 12) * 60)
    throw new RedshiftError('0A000', `the box keeps time zones of whole hours only, not "${value}"`);
  return `Etc/GMT${isEast ? '-' : '+'}${size / 60}`;
}
