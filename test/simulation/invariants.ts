import { holdsQuarantineLines } from '../../lib/pipeline/names.ts';
import { latestTable, loadsTable, qualifiedName, rawTable, tombstonesTable } from '../../lib/pipeline/tables.ts';
import type { Redshift } from '../../local/redshift/types.ts';
import { lastWriteWins, type Write } from '../factories/last-write-wins.ts';
import type { MemoryStateTable } from '../factories/memory-state-table.ts';
import { idOf } from './decay.ts';
import type { SimulatedLake } from './lake.ts';
import type { Sent } from './sources.ts';

/** What the simulated world is left with. */
export interface Remains {
  readonly redshift: Redshift;
  readonly table: MemoryStateTable;
  readonly lake: SimulatedLake;
  readonly sent: Sent;
  /** How many rows more than there are `ops.loads` may count, because somebody took rows away, or they were put aside as well. */
  readonly rowsCountedTwice?: number;
  readonly datasets: readonly { readonly name: string; readonly keyed: boolean }[];
}

type Rows = readonly (readonly (string | null)[])[];
type Expect = (what: string, actual: unknown, expected: unknown) => void;

/** What does not hold of what must always hold; empty where all is well. */
export async function violations(remains: Remains): Promise<string[]> {
  const { redshift, table, datasets } = remains;
  const session = await redshift.session({ database: 'prod', user: 'admin' });
  const rows = async (sql: string): Promise<Rows> => (await session.execute(sql)).at(-1)?.rows ?? [];
  const found: string[] = [];
  await session.execute('BEGIN');
  const expect: Expect = (what, actual, expected) => {
    const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
    if (is !== should) found.push(`${what}: is ${is}, should be ${should}`);
  };
  const loads = await rows(
    `SELECT "load_id", "dataset", "generation", "rows_inserted", "lane" FROM ${qualifiedName(loadsTable)} ORDER BY "loaded_at"`,
  );
  for (const { name, keyed } of datasets) await checkDataset(name, keyed, { remains, loads, rows, expect });
  expect('pending', [...table.objects.keys()], []);
  checkLoads(loads, expect);
  await session.close();
  return found;
}

interface Looks {
  readonly remains: Remains;
  readonly loads: Rows;
  readonly rows: (sql: string) => Promise<Rows>;
  readonly expect: Expect;
}

async function checkDataset(dataset: string, keyed: boolean, { remains, loads, rows, expect }: Looks): Promise<void> {
  const { sent, lake, rowsCountedTwice = 0 } = remains;
  const raw = await rows(`SELECT "_id", JSON_SERIALIZE("payload") FROM ${qualifiedName(rawTable(dataset))} ORDER BY 1`);
  const aside = setAsideOf(dataset, lake);
  expect(`set aside of ${dataset} without a fault`, aside.wrongly, []);
  const loaded = new Set(raw.map(([id]) => id));
  const writes = (sent.writes.get(dataset) ?? []).filter(({ _id }) => loaded.has(_id) || !aside.ids.has(_id));
  const should = lastWriteWins(writes);
  expect(`raw.${dataset}`, raw, byText(writes.map(({ _id, payload }) => [_id, payload])));
  const atIngest = quarantineOf(dataset, lake).filter(({ source }) => !source.object);
  const codes = new Map(atIngest.map(({ id, code }) => [id, code]));
  expect(`quarantine of ${dataset}`, byText([...codes]), byText([...(sent.poison.get(dataset) ?? [])]));
  const inserted = insertedOf(dataset, loads);
  const isWithin = inserted >= writes.length && inserted <= writes.length + rowsCountedTwice;
  if (!isWithin) expect(`rows of ${dataset} in ops.loads`, inserted, writes.length);
  if (!keyed) return;
  const state = (writesOf: ReadonlyMap<string, Write>) => byText([...writesOf].map(([key, { _id }]) => [key, _id]));
  const stateSql = (table: string) => `SELECT "_key", "_id" FROM ${table} ORDER BY 1`;
  expect(`latest.${dataset}`, await rows(stateSql(qualifiedName(latestTable(dataset)))), state(should.latest));
  const tombstones = await rows(stateSql(qualifiedName(tombstonesTable(dataset))));
  expect(`tombstones of ${dataset}`, tombstones, state(should.tombstones));
}

/** The rows that the loads of a dataset say they have put into `raw`. */
const insertedOf = (dataset: string, loads: Rows): number =>
  loads.filter(([, name]) => name === dataset).reduce((sum, [, , , inserted]) => sum + Number(inserted), 0);

interface QuarantinedLine {
  readonly id: string;
  readonly code: string;
  readonly source: { readonly object?: string };
  readonly record: string;
}

function quarantineOf(dataset: string, { memory }: SimulatedLake): QuarantinedLine[] {
  const keys = memory.keys(`quarantine/${dataset}/`).filter(holdsQuarantineLines);
  return keys.flatMap((key) => memory.lines(key)).map((line) => JSON.parse(line));
}

/** Records that may be missing, because they are in quarantine for a fault; and what is there without one. */
function setAsideOf(dataset: string, lake: SimulatedLake): { ids: Set<string>; wrongly: string[] } {
  const { damaged, garbled } = lake.decay;
  const ids = new Set<string>();
  const wrongly: string[] = [];
  for (const { id, code, source, record } of quarantineOf(dataset, lake)) {
    if (!source.object) continue;
    const isWhole = code.startsWith('OBJECT_');
    const lost = isWhole ? damaged.get(id) : [idOf(record)].filter((one) => garbled.has(one));
    if (!lost || [...lost].length === 0) wrongly.push(`${code} ${id}`);
    for (const one of lost ?? []) ids.add(one);
  }
  return { ids, wrongly };
}

/** A load is on the books once, and none of an older run after one of a newer: that is what the fencing token is for. */
function checkLoads(loads: Rows, expect: Expect): void {
  const ids = loads.map(([id]) => id);
  expect('loads on the books', ids.toSorted(), [...new Set(ids)].toSorted());
  for (const [dataset, ofDataset] of Map.groupBy(loads, ([, name, , , lane]) => `${name} in ${lane}`)) {
    const generations = ofDataset.map(([, , generation]) => Number(generation));
    expect(
      `generations of the loads of ${dataset}`,
      generations,
      generations.toSorted((one, other) => one - other),
    );
  }
}

const byText = <T extends readonly string[]>(items: readonly T[]): T[] =>
  items.toSorted(([one = ''], [other = '']) => (one < other ? -1 : one > other ? 1 : 0));
