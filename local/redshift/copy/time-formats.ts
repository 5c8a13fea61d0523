import { RedshiftError } from '../types.ts';

/**
 * How DATEFORMAT or TIMEFORMAT says that moments are written: `standard` is Redshift's own form, `auto` reads what a cast would, `pattern` is
 * a format of the statement's own, as the patterns of DuckDB's strptime.
 */
export type MomentFormat =
  | { readonly kind: 'standard' }
  | { readonly kind: 'auto' }
  | { readonly kind: 'epoch'; readonly microsecondsPerUnit: number }
  | { readonly kind: 'pattern'; readonly text: string; readonly patterns: readonly string[] };

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

/** The manual's date parts and time parts; in COPY, HH is the 24-hour clock. */
const PARTS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^yyyy/i, ['%Y']],
  [/^yy/i, ['%y']],
  [/^month/i, ['%B']],
  [/^mon/i, ['%b', '%B']],
  [/^mm/i, ['%m']],
  [/^dd/i, ['%d']],
  [/^hh12/i, ['%I']],
  [/^hh(24)?/i, ['%H']],
  [/^mi/i, ['%M']],
  [/^ss/i, ['%S', '%S.%f']],
  [/^(am|pm)/i, ['%p']],
  [/^[^a-z0-9%]/i, []],
  [/^t/i, ['T']],
];

/** A format has one pattern for each way in which its parts may be written. */
function readPattern(format: string, option: string): MomentFormat {
  let patterns = [''];
  for (let rest = format; rest !== ''; ) {
    const part = PARTS.find(([written]) => written.test(rest));
    if (!part) throw new RedshiftError('42601', `Invalid ${option} '${format}' at '${rest}'`);
    const [written] = part[0].exec(rest) as RegExpExecArray;
    const choices = part[1].length === 0 ? [written] : part[1];
    patterns = patterns.flatMap((pattern) => choices.map((choice) => pattern + choice));
    rest = rest.slice(written.length);
  }
  return { kind: 'pattern', text: format, patterns };
}
