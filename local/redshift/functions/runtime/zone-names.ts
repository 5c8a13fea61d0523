/** Where a moment's local time is kept: a zone's name and how far it is from UTC just then. */
export interface LocalZone {
  readonly name: string;
  readonly offsetSeconds: number;
}

export const UTC: LocalZone = { name: 'UTC', offsetSeconds: 0 };

/** Each knows the abbreviations of its own part of the world. */
const LOCALES = ['en-US', 'en-GB', 'en-CA', 'en-AU', 'en-NZ', 'en-IN', 'en-ZA'];

/** The abbreviation of a zone at an instant, such as EDT. */
export function zoneAbbreviation(zone: LocalZone, instantMilliseconds: number): string {
  if (/^(?:UTC|GMT|Etc\/UTC)$/i.test(zone.name)) return zone.name.toUpperCase().replace('ETC/', '');
  for (const locale of LOCALES) {
    const name = shortName(locale, zone.name, instantMilliseconds);
    if (name !== undefined && !/[+-]/.test(name)) return name;
  }
  throw new Error(`[0A000] no abbreviation is known of the time zone "${zone.name}"`);
}

function shortName(locale: string, timeZone: string, instantMilliseconds: number): string | undefined {
  try {
    const format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' });
    return format.formatToParts(instantMilliseconds).find((part) => part.type === 'timeZoneName')?.value;
  } catch {
    return undefined;
  }
}

/** `+00`, `-04`, `+05:30`. */
export function offsetText({ offsetSeconds }: LocalZone): string {
  const minutes = Math.abs(Math.trunc(offsetSeconds / 60));
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'));
  return `${offsetSeconds < 0 ? '-' : '+'}${hours}${rest === '00' ? '' : `:${rest}`}`;
}
