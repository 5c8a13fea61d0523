import { RedshiftError } from '../types.ts';

/**
 * How DATEFORMAT or TIMEFORMAT says that moments are written: `standard` is Redshift's own form, `auto` reads what a cast would, `pattern` is
 * a format of the statement's own, as the patterns of DuckDB's strptime.
 */
export type MomentFormat =
  | { readonly kind: 'standard' }
  | { readonly kind: 'auto' }
  | { readonly kind: 'epoch'; readonly microsecondsPerUnit: number }
  | PatternFormat;

export interface PatternFormat {
  readonly kind: 'pattern';
  readonly text: string;
  readonly patterns: readonly string[];
  /** A regular expression for texts that have each part's digits: strptime takes `99` for the year 99. */
  readonly shape: string;
}

export function readDateFormat(value: unknown): MomentFormat {
  const format = String(value ?? 'YYYY-MM-DD');
  if (format === 'auto') return { kind: 'auto' };
  if (/^yyyy-mm-dd$/i.test(format)) return { kind: 'standard' };
  return readPattern(format, 'DATEFORMAT');
}

export function readTimeFormat(value: unknown): MomentFormat {
  const format = String(value ?? 'YYYY-MM-DD HH:MI:SS');
  if (format === 'auto') return { kind: 'auto' };
  if (format === 'epochsecs') return { kind: 'epoch', microsecondsPerUnit: 1_000_000 };
  if (format === 'epochmillisecs') return { kind: 'epoch', microsecondsPerUnit: 1_000 };
  if (/^yyyy-mm-dd hh(24)?:mi:ss(of)?$/i.test(format)) return { kind: 'standard' };
  return readPattern(format, 'TIMEFORMAT');
}

interface Part {
  readonly written: RegExp;
  /** As strptime reads it, in each way in which it may be written. */
  readonly patterns: readonly string[];
  readonly shape: string;
}

const part = (written: RegExp, shape: string, ...patterns: readonly string[]): Part => ({ written, patterns, shape });

/** The manual's date parts and time parts; in COPY, HH is the 24-hour clock. */
const PARTS: readonly Part[] = [
  part(/^yyyy/i, '[0-9]{4}', '%Y'),
  part(/^yy/i, '[0-9]{2}', '%y'),
  part(/^month/i, '[a-z]+', '%B'),
  part(/^mon/i, '[a-z]+', '%b', '%B'),
  part(/^mm/i, '[0-9]{1,2}', '%m'),
  part(/^dd/i, '[0-9]{1,2}', '%d'),
  part(/^hh12/i, '[0-9]{1,2}', '%I'),
  part(/^hh(24)?/i, '[0-9]{1,2}', '%H'),
  part(/^mi/i, '[0-9]{1,2}', '%M'),
  part(/^ss/i, '[0-9]{1,2}([.][0-9]{1,6})?', '%S', '%S.%f'),
  part(/^(am|pm)/i, '[ap]m', '%p'),
];
/** What stands between parts. */
const SEPARATOR = /^([^a-z0-9%]|t(?!z))/i;

/** A format has one pattern for each way in which its parts may be written. */
function readPattern(format: string, option: string): PatternFormat {
  let patterns = [''];
  let shape = '';
  for (let rest = format; rest !== ''; ) {
    const found = PARTS.find(({ written }) => written.test(rest));
    const written = (found?.written ?? SEPARATOR).exec(rest)?.[0];
    if (written === undefined) throw new RedshiftError('42601', `Invalid ${option} '${format}' at '${rest}'`);
    const choices = found?.patterns ?? [written];
    patterns = patterns.flatMap((pattern) => choices.map((choice) => pattern + choice));
    shape += found?.shape ?? `[${written}]`.replace(/^\[([\\\]^])\]$/, '\\$1');
    rest = rest.slice(written.length);
  }
  return { kind: 'pattern', text: format, patterns, shape };
}
