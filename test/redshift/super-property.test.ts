import fc from 'fast-check';
import { openRedshift } from '../../local/redshift/engine/open.ts';
import type { Redshift, Session } from '../../local/redshift/types.ts';

/** A document as this test understands it, apart from the box: numbers are the text that was written. */
type Document =
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, Document])[] }
  | { readonly kind: 'array'; readonly items: readonly Document[] }
  | { readonly kind: 'scalar'; readonly text: string };
type Step = string | number;
type Row = readonly (string | null)[];

const NAMES = ['a', 'b', 'c', 'two words', 'qu"ote', 'é'];

const scalar = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '0', '-7', '1.50', '0.1', '98765432109876543210.123456789', '1e3', '-0.0'),
  fc.integer().map(String),
  fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => JSON.stringify(text)),
);
const { document } = fc.letrec<{ document: Document }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar.map((text): Document => ({ kind: 'scalar', text })),
    fc.array(tie('document'), { maxLength: 3 }).map((items): Document => ({ kind: 'array', items })),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), tie('document')), { maxLength: 4, selector: ([name]) => name })
      .map((entries): Document => ({ kind: 'object', entries })),
  ),
}));
const path = fc.array(fc.oneof(fc.constantFrom(...NAMES), fc.nat({ max: 3 })), { maxLength: 3 });

function written(value: Document): string {
  if (value.kind === 'scalar') return value.text;
  if (value.kind === 'array') return `[${value.items.map(written).join(',')}]`;
  return `{${value.entries.map(([name, item]) => `${JSON.stringify(name)}:${written(item)}`).join(',')}}`;
}

function step(value: Document | undefined, at: Step): Document | undefined {
  if (typeof at === 'number') return value?.kind === 'array' ? value.items[at] : undefined;
  return value?.kind === 'object' ? value.entries.find(([name]) => name === at)?.[1] : undefined;
}

const walk = (value: Document, steps: readonly Step[]): Document | undefined =>
  steps.reduce<Document | undefined>(step, value);

/** A value as clients see it: an exponent has its sign, a zero below zero none unless it has a point. */
const seen = (value: Document | undefined): string | null =>
  value === undefined
    ? null
    : written(value).replace(
        /("(?:[^"\\]|\\.)*")|1e3/g,
        (match, text?: string) => text ?? (match === '1e3' ? '1e+3' : match),
      );

const sqlPath = (steps: readonly Step[]): string =>
  steps.map((at) => (typeof at === 'number' ? `[${at}]` : `."${at.replaceAll('"', '""')}"`)).join('');

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

describe('navigation, unnesting and unpivoting', () => {
  let redshift: Redshift;
  let session: Session;
  beforeAll(async () => {
    redshift = await openRedshift({ databases: ['dev'], admin: { user: 'admin', password: 'secret' } });
    session = await redshift.session({ database: 'dev', user: 'admin' });
    await session.execute('create table docs (id int, s super)');
  });
  afterAll(() => redshift.close());

  const rows = async (sql: string): Promise<readonly Row[]> => (await session.execute(sql)).at(-1)?.rows ?? [];

  /** Every document under its number, as constants or as texts that are parsed when the statement runs. */
  async function store(documents: readonly Document[], native: boolean): Promise<void> {
    const texts = documents.map(
      (value, i) => `(${i}, ${native ? '' : 'json_parse('}${quoted(written(value))}${native ? '' : ')'})`,
    );
    await session.execute('delete from docs');
    if (!native) await session.execute(`insert into docs values ${texts.join(', ')}`);
    else {
      await session.execute(
        `create temp table texts (id int, t varchar(65535)); insert into texts values ${texts.join(', ')}`,
      );
      await session.execute('insert into docs select id, json_parse(t) from texts; drop table texts');
    }
  }

  test('agree with a small evaluator on random documents and paths', async () => {
    const runs = fc.asyncProperty(
      fc.array(document, { minLength: 1, maxLength: 12 }),
      fc.array(path, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (documents, paths, native) => {
        await store(documents, native);
        for (const steps of paths) {
          const at = `d.s${sqlPath(steps)}`;
          const values = documents.map((value) => walk(value, steps));
          expect(await rows(`select ${at} from docs d order by d.id`)).toEqual(values.map((value) => [seen(value)]));
          const elements = values.flatMap((value, id) =>
            value?.kind === 'array' ? value.items.map((item, i) => [String(id), String(i), seen(item)]) : [],
          );
          if (steps.length === 0) continue;
          expect(await rows(`select d.id, i, e from docs d, ${at} as e at i order by d.id, i`)).toEqual(elements);
          const attributes = values.flatMap((value, id) =>
            value?.kind === 'object' ? value.entries.map(([name, item]) => [String(id), name, seen(item)]) : [],
          );
          const found = await rows(`select d.id, k, v from docs d, unpivot ${at} as v at k`);
          const order = (all: readonly Row[]): string[] => all.map((row) => JSON.stringify(row)).sort();
          expect(order(found)).toEqual(order(attributes));
        }
      },
    );
    await fc.assert(runs, { numRuns: 40, seed: Number(process.env.FUZZ_SEED ?? 20_261_121) });
  }, 30_000);
});
