import { bindOnce, quoteText, raise } from '../rewriter/sql.ts';

/** Far more than a VARCHAR holds, and far less than would fill the machine's memory in a few rows. */
const maximumBytes = 16 * 1024 * 1024;
const tooLong = raise('54000', quoteText('requested length too large'), 'VARCHAR');

/** A number, or the least that it may be; NULL stays NULL, which DuckDB's own greatest() would pass over. */
export const atLeast = (number: string, least: number): string =>
  bindOnce(number, (n) => `CASE WHEN ${n} < ${least} THEN ${least} ELSE ${n} END`);

/** `body` of a text and a count, refused where the text, that often, would fill the memory: `REPEAT('x', 1000000000)`. */
export function repeatedText(text: string, count: string, body: (text: string, count: string) => string): string {
  return bindOnce(text, (x) =>
    bindOnce(
      atLeast(count, 0),
      (n) => `CASE WHEN CAST(strlen(${x}) AS HUGEINT) * ${n} > ${maximumBytes} THEN ${tooLong} ELSE ${body(x, n)} END`,
    ),
  );
}

/** `body` of a text's new length, refused where it would fill the memory. */
export function textOfLength(length: string, body: (length: string) => string): string {
  return bindOnce(atLeast(length, 0), (n) => `CASE WHEN ${n} > ${maximumBytes} THEN ${tooLong} ELSE ${body(n)} END`);
}

/** A replacement, refused where its result would fill the memory. Only two long texts can do that, so it is only asked of those. */
export function replacedText(text: string, part: string, by: string): string {
  return bindOnce(text, (x) =>
    bindOnce(part, (p) =>
      bindOnce(by, (b) => {
        const most = `CAST(strlen(${x}) AS HUGEINT) * strlen(${b})`;
        const found = `(strlen(${x}) - strlen(replace(${x}, ${p}, ''))) // greatest(strlen(${p}), 1)`;
        const grows = `${most} > ${maximumBytes} AND CAST(${found} AS HUGEINT) * strlen(${b}) > ${maximumBytes}`;
        return `CASE WHEN ${grows} THEN ${tooLong} ELSE replace(${x}, ${p}, ${b}) END`;
      }),
    ),
  );
}
