import fc from 'fast-check';
import { listPage } from '../../local/cloud/s3/listing.ts';
import type { BucketStore } from '../../local/cloud/s3/store.ts';

const byBytes = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right));
const word = fc.string({ unit: fc.constantFrom('a', 'b', '/', '//', 'é', '\u{ffff}', '\u{1f600}'), maxLength: 5 });
const keySet = fc.uniqueArray(
  word.filter((key) => key !== ''),
  { maxLength: 25 },
);

/** What a listing says, by its definition: keys below the prefix, those with a delimiter after it rolled up. */
function expected(keys: readonly string[], prefix: string, delimiter: string) {
  const below = keys.filter((key) => key.startsWith(prefix));
  const end = (key: string) => (delimiter ? key.indexOf(delimiter, prefix.length) : -1);
  const prefixes = new Set(
    below.filter((key) => end(key) >= 0).map((key) => key.slice(0, end(key) + delimiter.length)),
  );
  return { keys: below.filter((key) => end(key) < 0).sort(byBytes), prefixes: [...prefixes].sort(byBytes) };
}

test('the pages of a listing, put together, are the listing, whatever their size', () => {
  const delimiters = fc.constantFrom('', '/', 'b');
  fc.assert(
    fc.property(keySet, word, delimiters, fc.integer({ min: 1, max: 4 }), (keys, prefix, delimiter, maximum) => {
      const sorted = [...keys].sort(byBytes);
      const store = { keys: () => sorted } as unknown as BucketStore;
      const found = { keys: [] as string[], prefixes: [] as string[] };
      let after: string | undefined = '';
      while (after !== undefined) {
        const page = listPage(store, { prefix, delimiter, after, maximum });
        expect(page.keys.length + page.prefixes.length).toBeLessThanOrEqual(maximum);
        found.keys.push(...page.keys);
        found.prefixes.push(...page.prefixes);
        after = page.next;
      }
      expect(found).toEqual(expected(keys, prefix, delimiter));
    }),
    { numRuns: 500 },
  );
});
