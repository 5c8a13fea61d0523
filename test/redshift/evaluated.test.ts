import fc from 'fast-check';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import { type Redshift, RedshiftError, type Session } from '../../local/redshift/types.ts';

/**
 * Expressions whose answers are worked out twice: by the box, and here by a few lines that know nothing of it. Integers are BIGINT, decimals
 * whole numbers of hundredths, booleans have three values, texts compare without the blanks at their end.
 */
const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);
const runs = (usual: number): number => Number(process.env.FUZZ_RUNS ?? usual);

class Refused extends Error {}

/** An expression's SQL and its value; `work` throws Refused where Redshift raises an error. */
interface Worked<Value> {
  readonly sql: string;
  readonly work: () => Value | null;
}

const lifted =
  <A, B, C>(body: (a: A, b: B) => C | null) =>
  (a: A | null, b: B | null): C | null =>
    a === null || b === null ? null : body(a, b);

const inBigint = (value: bigint): bigint => {
  if (BigInt.asIntN(64, value) !== value) throw new Refused();
  return value;
};
const divisor = (value: bigint): bigint => {
  if (value === 0n) throw new Refused();
  return value;
};
const integerOperators: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '+': (a, b) => inBigint(a + b),
  '-': (a, b) => inBigint(a - b),
  '*': (a, b) => inBigint(a * b),
  '/': (a, b) => inBigint(a / divisor(b)),
  '%': (a, b) => a % divisor(b),
};
const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};
const orderOf = (a: bigint | string, b: bigint | string): number => (a < b ? -1 : a > b ? 1 : 0);
const trimmed = (text: string): string => text.replace(/ +$/, '');

const integerLiteral: fc.Arbitrary<Worked<bigint>> = fc
  .option(fc.oneof({ weight: 4, arbitrary: fc.bigInt(-20n, 20n) }, fc.bigInt(-(2n ** 63n) + 1n, 2n ** 63n - 1n)), {
    freq: 8,
  })
  .map((value) => ({ sql: value === null ? 'null::bigint' : `(${value})::bigint`, work: () => value }));

const integer = (depth: number): fc.Arbitrary<Worked<bigint>> => {
  if (depth === 0) return integerLiteral;
  const inner = integer(depth - 1);
  const binary = fc.tuple(inner, fc.constantFrom(...Object.keys(integerOperators)), inner).map(([a, operator, b]) => ({
    sql: `(${a.sql} ${operator} ${b.sql})`,
    work: () => lifted(integerOperators[operator] as (a: bigint, b: bigint) => bigint)(a.work(), b.work()),
  }));
  const chosen = fc.tuple(boolean(depth - 1), inner, inner).map(([test, a, b]) => ({
    sql: `case when ${test.sql} then ${a.sql} else ${b.sql} end`,
    work: () => (test.work() === true ? a.work() : b.work()),
  }));
  const either = fc.tuple(inner, inner).map(([a, b]) => ({
    sql: `coalesce(${a.sql}, ${b.sql})`,
    work: () => a.work() ?? b.work(),
  }));
  const greatest = fc.tuple(inner, inner).map(([a, b]) => ({
    sql: `greatest(${a.sql}, ${b.sql})`,
    work: () => {
      const [x, y] = [a.work(), b.work()];
      return [x, y].reduce((most, one) => (most === null || (one !== null && one > most) ? one : most));
    },
  }));
  const length = text(depth - 1).map((value) => ({
    sql: `len(${value.sql})::bigint`,
    work: () => {
      const known = value.work();
      return known === null ? null : BigInt([...known].length);
    },
  }));
  return fc.oneof(binary, binary, chosen, either, greatest, length);
};

const letters = fc.string({ unit: fc.constantFrom('a', 'B', 'c', ' ', 'é', '😀', "'"), maxLength: 5 });
const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const textLiteral: fc.Arbitrary<Worked<string>> = fc
  .option(letters, { freq: 8 })
  .map((value) => ({ sql: `${value === null ? 'null' : quoted(value)}::varchar(200)`, work: () => value }));

function text(depth: number): fc.Arbitrary<Worked<string>> {
  if (depth === 0) return textLiteral;
  const inner = text(depth - 1);
  const joined = fc.tuple(inner, inner).map(([a, b]) => ({
    sql: `(${a.sql} || ${b.sql})`,
    work: () => lifted((x: string, y: string) => x + y)(a.work(), b.work()),
  }));
  const one = (name: string, body: (value: string) => string): fc.Arbitrary<Worked<string>> =>
    inner.map((value) => ({
      sql: `${name}(${value.sql})`,
      work: () => {
        const known = value.work();
        return known === null ? null : body(known);
      },
    }));
  const left = fc.tuple(inner, fc.nat(4)).map(([value, count]) => ({
    sql: `left(${value.sql}, ${count})`,
    work: () => lifted((known: string, n: number) => [...known].slice(0, n).join(''))(value.work(), count),
  }));
  const reversed = one('reverse', (value) => [...value].reverse().join(''));
  return fc.oneof(
    joined,
    left,
    reversed,
    one('upper', (value) => value.toUpperCase()),
    one('ltrim', (value) => value.replace(/^ +/, '')),
  );
}

function boolean(depth: number): fc.Arbitrary<Worked<boolean>> {
  const literal = fc.constantFrom(true, false, null).map((value) => ({ sql: `${value}::boolean`, work: () => value }));
  if (depth === 0) return literal;
  const inner = boolean(depth - 1);
  const compared = <Value extends bigint | string>(of: fc.Arbitrary<Worked<Value>>, plain: (value: Value) => Value) =>
    fc.tuple(of, fc.constantFrom(...Object.keys(comparisons)), of).map(([a, operator, b]) => ({
      sql: `(${a.sql} ${operator} ${b.sql})`,
      work: () =>
        lifted((x: Value, y: Value) => comparisons[operator]?.(orderOf(plain(x), plain(y))) ?? null)(
          a.work(),
          b.work(),
        ),
    }));
  const and = fc.tuple(inner, inner).map(([a, b]) => ({
    sql: `(${a.sql} and ${b.sql})`,
    work: () => {
      const both = [a.work(), b.work()];
      return both.includes(false) ? false : both.includes(null) ? null : true;
    },
  }));
  const or = fc.tuple(inner, inner).map(([a, b]) => ({
    sql: `(${a.sql} or ${b.sql})`,
    work: () => {
      const both = [a.work(), b.work()];
      return both.includes(true) ? true : both.includes(null) ? null : false;
    },
  }));
  const not = inner.map((value) => ({
    sql: `(not ${value.sql})`,
    work: () => {
      const known = value.work();
      return known === null ? null : !known;
    },
  }));
  const isNull = inner.map((value) => ({ sql: `(${value.sql} is null)`, work: () => value.work() === null }));
  return fc.oneof(
    and,
    or,
    not,
    isNull,
    compared(integer(depth - 1), (value) => value),
    compared(text(depth - 1), trimmed),
  );
}

/** Hundredths in DECIMAL(12,2); a sum has two places, a product four. */
const decimal: fc.Arbitrary<Worked<bigint>> = fc.option(fc.bigInt(-999_999n, 999_999n), { freq: 10 }).map((value) => ({
  sql: value === null ? 'null::decimal(12,2)' : `${shown(value, 2)}::decimal(12,2)`,
  work: () => value,
}));
const decimals: fc.Arbitrary<Worked<string>> = fc
  .tuple(decimal, fc.constantFrom('+', '-', '*'), decimal)
  .map(([a, operator, b]) => ({
    sql: `((${a.sql}) ${operator} (${b.sql}))`,
    work: () =>
      lifted((x: bigint, y: bigint) =>
        operator === '*' ? shown(x * y, 4) : shown(operator === '+' ? x + y : x - y, 2),
      )(a.work(), b.work()),
  }));

function shown(value: bigint, places: number): string {
  const digits = String(value < 0n ? -value : value).padStart(places + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

describe('expressions whose answers are known', () => {
  let redshift: Redshift;
  let session: Session;
  beforeAll(async () => {
    redshift = await openRedshift({ databases: ['dev'], admin: { user: 'admin', password: 'secret' } });
    session = await redshift.session({ database: 'dev', user: 'admin' });
  });
  afterAll(() => redshift.close());

  /** Evaluation order is the database's own: where an error lurks in a branch, either outcome is right. */
  async function agrees<Value>(worked: Worked<Value>, show: (value: Value) => string): Promise<void> {
    let expected: string | null | undefined;
    try {
      const value = worked.work();
      expected = value === null ? null : show(value);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
    try {
      const [result] = await session.execute(`select ${worked.sql}`);
      if (expected !== undefined) expect([worked.sql, result?.rows?.[0]?.[0]]).toEqual([worked.sql, expected]);
    } catch (error) {
      if (!(error instanceof RedshiftError)) throw error;
      expect(['22003', '22012']).toContain(error.sqlState);
      if (expected !== undefined && !mayFailElsewhere(worked.sql)) throw error;
    }
  }

  const mayFailElsewhere = (sql: string): boolean => /[-+*/%]|and|or|case|coalesce/.test(sql);

  it.each([
    ['integers', integer(3), (value: bigint) => String(value)],
    ['booleans', boolean(3), (value: boolean) => (value ? 't' : 'f')],
    ['texts', text(3), (value: string) => value],
    ['decimals', decimals, (value: string) => value],
  ] as const)('%s agree', async (_, worked, show) => {
    const property = fc.asyncProperty(worked as fc.Arbitrary<Worked<unknown>>, (one) =>
      agrees(one, show as (value: unknown) => string),
    );
    await fc.assert(property, { numRuns: runs(200), seed });
  });
});
