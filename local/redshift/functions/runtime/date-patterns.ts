/** The patterns of TO_CHAR, TO_DATE and TO_TIMESTAMP. */
const PATTERNS = [
  'SSSS',
  'SSSSS',
  'Y,YYY',
  'YYYY',
  'IYYY',
  'MONTH',
  'Month',
  'month',
  'HH24',
  'HH12',
  'A.M.',
  'P.M.',
  'a.m.',
  'p.m.',
  'B.C.',
  'A.D.',
  'b.c.',
  'a.d.',
  'YYY',
  'IYY',
  'MON',
  'Mon',
  'mon',
  'DAY',
  'Day',
  'day',
  'IDDD',
  'DDD',
  'AM',
  'PM',
  'am',
  'pm',
  'BC',
  'AD',
  'bc',
  'ad',
  'YY',
  'IY',
  'MM',
  'DY',
  'Dy',
  'dy',
  'DD',
  'HH',
  'MI',
  'SS',
  'MS',
  'US',
  'IW',
  'WW',
  'ID',
  'CC',
  'RM',
  'rm',
  'TZ',
  'tz',
  'OF',
  'FM',
  'TH',
  'th',
  'Y',
  'I',
  'D',
  'W',
  'J',
  'Q',
].sort((a, b) => b.length - a.length);

export type Piece =
  | { readonly kind: 'pattern'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

/** Cuts a format into patterns and the text between them; quoted text is never a pattern. */
export function pieces(format: string): Piece[] {
  const found: Piece[] = [];
  for (let at = 0; at < format.length; ) {
    const quoted = /"([^"]*)"/y;
    quoted.lastIndex = at;
    const text = quoted.exec(format);
    const name = text
      ? undefined
      : PATTERNS.find((pattern) => format.startsWith(pattern, at) || format.toUpperCase().startsWith(pattern, at));
    if (text) found.push({ kind: 'text', text: text[1] as string });
    else
      found.push(
        name
          ? {
              kind: 'pattern',
              name:
                PATTERNS.find((pattern) => format.startsWith(pattern, at) && pattern.length === name.length) ?? name,
            }
          : { kind: 'text', text: format[at] as string },
      );
    at += text ? text[0].length : (name?.length ?? 1);
  }
  return found;
}
