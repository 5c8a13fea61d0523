import type { ObjectStore, StoredObject } from '../../lambdas/aws/object-store.ts';
import { type StateTable, settledNow } from '../../lib/pipeline/state-items.ts';
import { operationSabotages } from './operations/sabotage.ts';
import type { Sabotage, SimulationGround } from './simulate.ts';

/** One method of mend's lake is another. */
const mendingWith = (change: (lake: ObjectStore) => Partial<ObjectStore>): Sabotage => ({
  among: ['lineGarbled', 'findingsLost', 'objectTruncated'],
  lakeOf: (name, lake) => (name === 'Mend' ? { put: lake.put, get: lake.get, find: lake.find, ...change(lake) } : lake),
});

/** Objects leave the inbox as soon as they are listed. */
async function listedIsSettled(table: StateTable, lane: string, dataset: string, limit: number) {
  const objects = await table.pending(lane, dataset, limit);
  for (const object of objects) {
    await table.settle(lane, object, settledNow({ eTag: object.eTag, outcome: 'loaded', loadId: 'none' }, 0));
  }
  return objects;
}

/** The table of one function with one of its methods changed. */
const tableWith = (functionName: string, change: (table: StateTable) => Partial<StateTable>): Sabotage => ({
  tableOf: (name, table) => {
    if (name !== functionName) return table;
    const changed = change(table);
    return new Proxy(table, {
      get: (target, method) => Reflect.get({ ...changed }, method) ?? Reflect.get(target, method),
    });
  },
});

/** Rewrites statements on their way to the warehouse. */
const rewriting = (what: RegExp, by: string, more: Omit<Sabotage, 'statements'> = {}): Sabotage => ({
  statements: (statements) => statements.map((statement) => statement.replace(what, by)),
  ...more,
});

/** The same port, some of its methods replaced. */
function replacing<T extends object>(port: T, methods: Partial<T>): T {
  return new Proxy(port, {
    get(target, name) {
      const value = Reflect.get(methods, name) ?? Reflect.get(target, name);
      return typeof value === 'function' && !(name in methods) ? value.bind(target) : value;
    },
  });
}

/** A lake that does something else with some of what is put into it. */
const puttingOtherwise = (isMeant: (object: StoredObject) => boolean): Sabotage => ({
  parts: (parts) => {
    const put = async (object: StoredObject) => (isMeant(object) ? { eTag: 'none' } : parts.lake.put(object));
    return { ...parts, lake: replacing(parts.lake, { put }) };
  },
});

/** What ends a load before it is done. */
const cutShort = ['runAborted', 'killedBefore', 'connectionReset', 'conflict'] as const;
const staleRuns = ['runPaused', 'falseDeath'] as const;

/** Ways to break the pipeline; the simulation must notice each. */
export const sabotages: Readonly<Record<string, Sabotage>> = {
  'loads of a dataset do not wait for one another': rewriting(/^LOCK .+$/, 'SELECT 1'),
  'events that raw has are inserted again': rewriting(/AND "known"\."_id" IS NULL/, ''),
  'an event that is twice in a load is inserted twice': rewriting(/"staged"\."delivery" = 1/, 'TRUE', {
    among: ['redelivered', 'killedAfter', 'answerLost'],
  }),
  'an older write replaces the key that is there': rewriting(/AND "present"\."_key" IS NULL/, ''),
  'register ignores what writers confirm': { among: ['eventLost'], listens: ({ kind }) => kind !== 'landed' },
  'mend forgets to write the rest': mendingWith((lake) => ({
    put: (object) => (object.key.startsWith('raw/') ? Promise.resolve({ eTag: 'none' }) : lake.put(object)),
  })),
  'mend forgets to write the quarantine': mendingWith((lake) => ({
    put: (object) => (object.key.startsWith('quarantine/') ? Promise.resolve({ eTag: 'none' }) : lake.put(object)),
  })),
  'objects are settled before they are loaded': tableWith('RefreshPlan', (table) => ({
    pending: (lane, dataset, limit) => listedIsSettled(table, lane, dataset, limit),
  })),
  'an older write brings a deleted key back': rewriting(/AND "deleted"\."_key" IS NULL/, '', {
    among: ['shardSplit'],
  }),
  'the last of a load wins by arrival, not by position': rewriting(
    /ORDER BY "_position" DESC, "_id" DESC/,
    'ORDER BY "_position" ASC, "_id" DESC',
  ),
  'deleted keys stay in latest': rewriting(
    /^DELETE FROM "latest"\."brackets"$/m,
    'DELETE FROM "latest"."brackets__tombstones"',
  ),
  'the fence of loads is dropped': rewriting(/\n +OR \("dataset" = .+"generation" > \d+\)/g, '', { among: staleRuns }),
  'the fence of models is dropped': rewriting(/^CALL "ops"\."require_generation".+$/, 'SELECT 1', {
    among: staleRuns,
    needs: 'models',
  }),
  'a model is published whatever its checks find': rewriting(/WHERE NOT \(round/, 'WHERE FALSE AND (round', {
    needs: 'models',
  }),
  'a mart is emptied, and filled a little later': {
    needs: 'models',
    statements: (statements) =>
      statements.flatMap((one) => (one.startsWith('DELETE FROM "mart"') ? [one, 'COMMIT', 'BEGIN'] : [one])),
  },
  'other lanes are not told what has changed': {
    ...tableWith('RefreshSettle', () => ({ touchAll: async () => undefined })),
    needs: 'models',
  },
  'objects leave the inbox when they are planned': {
    among: cutShort,
    parts: (parts) => {
      const put = async (object: StoredObject) => {
        const written = await parts.lake.put(object);
        if (object.key.startsWith('manifests/')) parts.table.objects.clear();
        return written;
      };
      return { ...parts, lake: replacing(parts.lake, { put }) };
    },
  },
  'a load has no manifest': puttingOtherwise(({ key }) => /^manifests\/.+[0-9a-f]\.json$/.test(key)),
  'what is set aside goes nowhere': puttingOtherwise(({ key }) => key.startsWith('quarantine/')),
  'register notes an object and starts no run': {
    parts: (parts) => ({ ...parts, start: async () => 'started' as const }),
  },
  'a run that settles keeps the lane where it is': {
    parts: (parts) => ({ ...parts, table: replacing(parts.table, { advanceLane: async () => true }) }),
  },
  ...operationSabotages,
  'the watermark moves before its records are safe': {
    needs: 'extract',
    among: ['killedAfter'],
    extract: ({ lake, watermarks }) => {
      const waiting: StoredObject[] = [];
      return {
        lake: {
          put: async (object) => {
            waiting.push(object);
            return { eTag: 'none' };
          },
        },
        watermarks: replacing(watermarks, {
          write: async (...parameters) => {
            const outcome = await watermarks.write(...parameters);
            for (const object of waiting.splice(0)) await lake.put(object);
            return outcome;
          },
        }),
      };
    },
  },
};

/** After how many seeds a sabotage is noticed, and by what; undefined where so many do not. */
export async function noticed(
  ground: SimulationGround,
  sabotage: Sabotage,
  seedsAtMost: number,
): Promise<{ readonly seeds: number; readonly violation: string } | undefined> {
  for (let seed = 1; seed <= seedsAtMost; seed += 1) {
    const [violation] = (await ground.simulate(seed, sabotage, sabotage.among)).violations;
    if (violation !== undefined) return { seeds: seed, violation };
  }
  return undefined;
}
