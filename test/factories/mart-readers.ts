import { Client } from 'pg';
import type { CompiledModel, Materialization } from '../../lib/pipeline/models/model.ts';
import type { Outcome } from '../../lib/pipeline/work.ts';
import type { Redshift } from '../../local/redshift/types.ts';
import { serveWire } from '../../local/redshift/wire/server.ts';
import { ModelWorld } from './model-world.ts';
import { aModel } from './pipeline.ts';

/** Of the model that is watched: keys `n`, all of them with the same `state`. */
export const rowCount = 50;
const readerCount = 2;
/** Every so many refreshes a model's definition is another one, with another column. */
const refreshesOfADefinition = 3;

/** What readers saw while a model was refreshed again and again. */
export interface Looks {
  readonly looks: number;
  /** How many of the states that were published somebody saw. */
  readonly statesSeen: number;
  readonly troubles: readonly string[];
}

/** Each state of the source: some rows, all with its number. */
const fillSource = (state: number): string[] => [
  'BEGIN',
  'DELETE FROM "latest".source',
  `INSERT INTO "latest".source SELECT n, ${state} FROM "latest".numbers`,
  'COMMIT',
];

function aMart(materialization: Materialization, refresh: number): CompiledModel {
  const version = Math.floor(refresh / refreshesOfADefinition) % 5;
  const sql = `SELECT s.n, s.state, s.n + ${version} AS extra_${version} FROM "latest".source AS s`;
  const output = ['n', 'state', `extra_${version}`].map((name) => ({ name, type: 'integer' }));
  const over = { sql, output, materialization, key: ['n'], columns: [], reads: [], checks: [] };
  return aModel({ table: 'watched', definition: `version ${version} of a ${materialization}`, ...over });
}

/**
 * Refreshes a model so many times, each as the refresh machine does it, and lets readers query it in a loop over the Postgres
 * protocol all the while. The kinds take turns: with more than one, each refresh makes another kind of it.
 */
export async function readDuring(refreshes: number, kinds: readonly Materialization[]): Promise<Looks> {
  const world = await ModelWorld.open();
  try {
    await world.rows(
      `CREATE TABLE "latest".numbers AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${rowCount}) SELECT n FROM c`,
    );
    await world.rows('CREATE TABLE "latest".source (n INT, state INT)');
    return await lookDuring(world.redshift, { refreshes, rows: 'mart.watched' }, async (state) => {
      for (const sql of fillSource(state)) await world.rows(sql);
      return world.refresh(aMart(kinds[state % kinds.length] as Materialization, state));
    });
  } finally {
    await world.close();
  }
}

/**
 * Has readers look at rows all the while a model is refreshed from one state to the next.
 * @param watched.rows what follows FROM: all of them are of one state, and none is missing.
 */
export async function lookDuring(
  redshift: Redshift,
  watched: { readonly refreshes: number; readonly rows: string },
  refreshTo: (state: number) => Promise<Outcome>,
): Promise<Looks> {
  const server = await serveWire(redshift, { port: 0 });
  const refresh = async (state: number): Promise<void> => {
    const outcome = await refreshTo(state);
    if (outcome.kind !== 'published') throw new Error(JSON.stringify(outcome));
  };
  try {
    await refresh(0);
    let isOver = false;
    const watching = Array.from({ length: readerCount }, () => watch(server.port, watched.rows, () => isOver));
    try {
      for (let state = 1; state <= watched.refreshes; state += 1) await refresh(state);
    } finally {
      isOver = true;
    }
    const seen = await Promise.all(watching);
    const troubles = seen.flatMap((one) => one.troubles);
    const statesSeen = new Set(seen.flatMap((one) => [...one.states])).size;
    return { looks: seen.reduce((sum, { looks }) => sum + looks, 0), statesSeen, troubles };
  } finally {
    await server.close();
  }
}

async function watch(port: number, rows: string, isOver: () => boolean) {
  const client = new Client({ host: '127.0.0.1', port, database: 'prod', user: 'admin', password: 'admin' });
  await client.connect();
  const [states, troubles] = [new Set<number>(), [] as string[]];
  let looks = 0;
  let newest = 0;
  while (!isOver()) {
    looks += 1;
    try {
      const answer = await client.query(
        `SELECT COUNT(*)::INT AS count, COUNT(DISTINCT n)::INT AS keys, MIN(state) AS first, MAX(state) AS last FROM ${rows}`,
      );
      const { count, keys, first, last } = answer.rows[0];
      if (count !== rowCount || keys !== rowCount || first !== last || last < newest)
        troubles.push(JSON.stringify(answer.rows[0]));
      newest = last;
      states.add(last);
    } catch (error) {
      troubles.push((error as Error).message);
    }
  }
  await client.end();
  return { looks, states, troubles };
}
