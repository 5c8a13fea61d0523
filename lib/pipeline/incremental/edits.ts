/** What takes the place of a stretch of a text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A stretch of a text with the edits that lie within it. Edits do not overlap. */
export function edited(
  text: string,
  range: { readonly start: number; readonly end: number },
  edits: readonly Edit[],
): string {
  let result = '';
  let at = range.start;
  for (const edit of edits.toSorted((one, other) => one.start - other.start)) {
    if (edit.start < at || edit.end > range.end) continue;
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at, range.end);
}
