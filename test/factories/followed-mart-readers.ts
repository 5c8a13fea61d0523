import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { BoxWarehouse } from './box-warehouse.ts';
import { type Looks, lookDuring, rowCount } from './mart-readers.ts';
import { MemoryLake } from './memory-lake.ts';
import { aFollowedDataset, aModelOf, type Happening, ModelsWorld } from './models-world.ts';

/** Every so many refreshes the model is built whole, as it is when its definition has changed. */
const refreshesOfABuild = 5;
const output = { n: 'integer', state: 'integer', changed_at: 'timestamp with time zone', is_deleted: 'boolean' };
const isDeleted = `b._op IN ('delete', 'expire')`;

/** A model that follows the changes of brackets, and where its current rows are. */
const followed = {
  incremental: {
    rows: 'mart.watched',
    sql: 'SELECT b.payload.n::INT AS n, b.payload.state::INT AS state, b._at AS changed_at, FALSE AS is_deleted FROM latest.brackets AS b',
    over: {},
  },
  history: {
    rows: 'mart.watched WHERE is_current',
    sql: `SELECT b.payload.n::INT AS n, b.payload.state::INT AS state, b._at AS changed_at, ${isDeleted} AS is_deleted FROM "raw".brackets AS b`,
    over: { materialization: 'history', validFrom: 'changed_at', deleted: 'is_deleted' },
  },
} as const satisfies Record<string, { rows: string; sql: string; over: Partial<CompiledModel> }>;

/** Each state is a load that writes all keys anew. */
function happenings(state: number): Happening[] {
  const at = new Date(Date.UTC(2026, 10, 20, 12, 0, state)).toISOString().replace('Z', '000Z');
  return Array.from({ length: rowCount }, (_, n) => ({
    _id: `${state}-${n}`,
    _op: 'update',
    _key: JSON.stringify({ n }),
    _position: String(state).padStart(8, '0'),
    _at: at,
    payload: JSON.stringify({ n, state }),
  }));
}

/** Loads change after change and refreshes a model that follows them, while readers query it in a loop. */
export async function readFollowed(refreshes: number, kind: keyof typeof followed): Promise<Looks> {
  const { rows, sql, over } = followed[kind];
  const model = aModelOf(sql, {
    table: 'watched',
    key: ['n'],
    output: Object.entries(output).map(([name, type]) => ({ name, type })),
    ...over,
  });
  const warehouse = new BoxWarehouse(new MemoryLake());
  const world = new ModelsWorld(warehouse, [aFollowedDataset('brackets', true)], [model]);
  try {
    await world.prepare();
    await world.begin();
    return await lookDuring(await warehouse.redshift, { refreshes, rows }, async (state) => {
      await world.load('brackets', happenings(state));
      const isWhole = state % refreshesOfABuild === 0;
      const outcome = await world.refresh(model.name, isWhole);
      if (!isWhole && !world.steps.includes('merge')) throw new Error(`it does not follow: ${world.steps.join(', ')}`);
      return outcome;
    });
  } finally {
    await warehouse.close();
  }
}
