import { instantFromSeconds } from './envelope.ts';

/** A watermark as the source spells it, and as text that sorts like it. */
export interface Watermark {
  readonly text: string;
  /** Instants: UTC with nine places. Numbers: forty digits before the point. One dataset has one of the two. */
  readonly position: string;
  /** The instant it means, ISO-8601 UTC; undefined for counters. */
  readonly at: string | undefined;
}

const instant = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?)?\s?(Z|[+-]\d\d:?\d\d)?$/;
const decimal = /^(\d{1,40})(?:\.(\d{1,18}))?$/;
/** How many of a unit make a second, by the digits today's epoch has in it: seconds, milliseconds, microseconds. */
const epochUnits: Readonly<Record<number, number>> = { 10: 1, 13: 1e3, 16: 1e6 };

/** Reads a watermark: an ISO-8601 instant (UTC where it names no offset) or a non-negative number; undefined for anything else. */
export function readWatermark(text: string): Watermark | undefined {
  const number = decimal.exec(text);
  if (number) return numericWatermark(text, number[1] ?? '', number[2]);
  const seconds = epochSeconds(text);
  if (seconds === undefined) return undefined;
  const places = (instant.exec(text)?.[3] ?? '').padEnd(9, '0');
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return { text, position: `${whole}.${places}Z`, at: `${whole}.${places.slice(0, 6)}Z` };
}

function numericWatermark(text: string, integer: string, fraction: string | undefined): Watermark {
  const position = integer.padStart(40, '0') + (fraction ? `.${fraction}` : '');
  const unit = epochUnits[integer.length];
  return { text, position, at: unit === undefined ? undefined : instantFromSeconds(Number(text) / unit) };
}

function epochSeconds(text: string): number | undefined {
  const match = instant.exec(text);
  if (!match) return undefined;
  const [, date, time = '00:00:00', , offset = 'Z'] = match;
  const milliseconds = Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}${offset}`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/**
 * Where the next pull begins: an instant goes back by the overlap, spelled with as many places as it came with, because a source
 * commits rows late and its clocks differ; a counter stays, and rows that share it are pulled again.
 */
export function pullSince(watermark: Watermark, overlapSeconds: number): Watermark {
  const match = instant.exec(watermark.text);
  const seconds = epochSeconds(watermark.text);
  if (!match?.[2] || seconds === undefined || overlapSeconds === 0) return watermark;
  const places = match[3] === undefined ? '' : `.${match[3]}`;
  const text = `${new Date((seconds - overlapSeconds) * 1000).toISOString().slice(0, 19)}${places}Z`;
  return readWatermark(text) ?? watermark;
}
