import type { ResultColumn } from '../../redshift/types.ts';
import { compareCell, type Verdict } from './cells.ts';
import type { Place, WrittenMap } from './document.ts';
import type { Answered } from './test-box.ts';

type ActualRow = Answered['rows'][number];

/** An expected row and the one that comes nearest to it; where one of them is absent there is none for it. */
export interface RowDifference {
  readonly expected?: WrittenMap;
  readonly actual?: ActualRow;
  /** Columns in which they differ. */
  readonly columns: readonly string[];
}

/** How what a model answered compares with what a case expects. */
export interface Comparison {
  readonly agreeing: number;
  readonly differences: readonly RowDifference[];
  /** What is expected of a cell that no value of its column can be. */
  readonly unreadable: readonly (Place & { readonly message: string })[];
}

/** Compares the columns that the expected rows name. `key` helps to tell which rows belong together where they differ. */
export function compareRows(
  expected: readonly WrittenMap[],
  { columns, rows }: Answered,
  { ordered, key }: { readonly ordered: boolean; readonly key: readonly string[] },
): Comparison {
  const comparer = new Comparer(columns);
  const differing = expected.map((row) => rows.map((actual) => comparer.differing(row, actual)));
  const places = expected.length > 0 && rows.length === 0 ? comparer.unreadableAlone(expected) : comparer.unreadable;
  const partners = ordered
    ? expected.map((_, index) => (differing[index]?.[index]?.length === 0 ? index : undefined))
    : matched(differing.map((line) => line.map((names) => names.length === 0)));
  const left = expected.map((_, index) => index).filter((index) => partners[index] === undefined);
  const taken = new Set(partners);
  const free = rows.map((_, index) => index).filter((index) => !taken.has(index));
  const pairs = ordered ? left.map((index) => [index, index] as const) : nearestPairs(left, free, differing, key);
  const paired = new Map(pairs.filter(([, actual]) => free.includes(actual)));
  const claimed = new Set(paired.values());
  return {
    agreeing: expected.length - left.length,
    differences: [
      ...left.map((index) => differenceOf(index, paired.get(index), { expected, rows, differing })),
      ...free.filter((index) => !claimed.has(index)).map((index) => ({ actual: rows[index] ?? [], columns: [] })),
    ],
    unreadable: places,
  };
}

type Differing = readonly (readonly (readonly string[])[])[];

function differenceOf(
  index: number,
  partner: number | undefined,
  from: { expected: readonly WrittenMap[]; rows: Answered['rows']; differing: Differing },
): RowDifference {
  const row = from.expected[index];
  const actual = partner === undefined ? undefined : from.rows[partner];
  if (!row || actual === undefined || partner === undefined) return { ...(row && { expected: row }), columns: [] };
  return { expected: row, actual, columns: from.differing[index]?.[partner] ?? [] };
}

class Comparer {
  readonly unreadable: (Place & { readonly message: string })[] = [];
  readonly #columns: readonly ResultColumn[];
  readonly #seen = new Set<Place>();

  constructor(columns: readonly ResultColumn[]) {
    this.#columns = columns;
  }

  /** The columns in which a row is not as expected. */
  differing(expected: WrittenMap, actual: ActualRow): string[] {
    return expected.members.flatMap(({ name, value }) => {
      const index = this.#columns.findIndex((column) => column.name === name);
      const column = this.#columns[index];
      const verdict: Verdict = column ? compareCell(value, actual[index] ?? null, column.type) : 'different';
      if (typeof verdict === 'object') this.#note(value.place, `${name}: ${verdict.message}`);
      return verdict === 'same' ? [] : [name];
    });
  }

  /** What no value can be is told even where there is no row to compare with. */
  unreadableAlone(expected: readonly WrittenMap[]) {
    for (const row of expected)
      this.differing(
        row,
        this.#columns.map(() => ''),
      );
    return this.unreadable;
  }

  #note(place: Place, message: string): void {
    if (this.#seen.has(place)) return;
    this.#seen.add(place);
    this.unreadable.push({ ...place, message });
  }
}

/** The most pairs of what fits: rows that leave columns out fit several (Kuhn's augmenting paths). */
function matched(fits: readonly (readonly boolean[])[]): (number | undefined)[] {
  const partnerOfRow = new Map<number, number>();
  const place = (expected: number, visited: Set<number>): boolean => {
    for (const [row, fit] of (fits[expected] ?? []).entries()) {
      if (!fit || visited.has(row)) continue;
      visited.add(row);
      const other = partnerOfRow.get(row);
      if (other !== undefined && !place(other, visited)) continue;
      partnerOfRow.set(row, expected);
      return true;
    }
    return false;
  };
  for (const index of fits.keys()) place(index, new Set());
  const partners: (number | undefined)[] = fits.map(() => undefined);
  for (const [row, expected] of partnerOfRow) partners[expected] = row;
  return partners;
}

/** Which of the rows left over are shown beside one another: those that differ least, and in the key least of all. */
function nearestPairs(
  expected: readonly number[],
  actual: readonly number[],
  differing: Differing,
  key: readonly string[],
): (readonly [number, number])[] {
  const distances = expected.flatMap((one) =>
    actual.map((other) => {
      const names = differing[one]?.[other] ?? [];
      const inKey = names.filter((name) => key.includes(name)).length;
      return { one, other, distance: inKey * 1000 + names.length };
    }),
  );
  const pairs = new Map<number, number>();
  const taken = new Set<number>();
  for (const { one, other } of distances.toSorted((a, b) => a.distance - b.distance)) {
    if (pairs.has(one) || taken.has(other)) continue;
    pairs.set(one, other);
    taken.add(other);
  }
  return [...pairs];
}
