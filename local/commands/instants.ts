import { MillraceError } from '../../lib/pipeline/error.ts';

/** An instant that somebody typed: a day, or ISO-8601; UTC where it names no offset. As the lake spells it. */
export function typedInstant(option: string, text: string): string {
  const hasTime = /\d[T ]\d/.test(text);
  const hasOffset = /(Z|[+-]\d\d:?\d\d)$/.test(text) && hasTime;
  const milliseconds = Date.parse(hasTime && !hasOffset ? `${text.replace(' ', 'T')}Z` : text.replace(' ', 'T'));
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(milliseconds))
    return new Date(milliseconds).toISOString().replace('Z', '000Z');
  throw new MillraceError(
    'BAD_INSTANT',
    `${option} ${text}: write a day or an instant, such as 2026-11-20 or 2026-11-20T22:40:00Z`,
  );
}

/** An instant for people: `2026-11-20 22:40:00.123 UTC`, from ISO-8601 or as the warehouse writes it. */
export function shownInstant(instant: string): string {
  const [, day, time, fraction = ''] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(instant) ?? [];
  if (!day) return instant;
  const places = fraction.slice(0, 3).replace(/0+$/, '');
  return `${day} ${time}${places && `.${places}`} UTC`;
}

/** Milliseconds since the epoch; the warehouse writes `2026-11-20 22:40:00.123456+00`. */
export function millisecondsOf(instant: string): number {
  return Date.parse(instant.replace(' ', 'T').replace(/\+00(?::?00)?$/, 'Z'));
}
