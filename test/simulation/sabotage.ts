import type { ObjectStore } from '../../lambdas/aws/object-store.ts';
import { type StateTable, settledNow } from '../../lib/pipeline/state-items.ts';
import type { Sabotage } from './simulate.ts';

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
const rewriting = (what: RegExp, by: string): Sabotage => ({
  statements: (statements) => statements.map((statement) => statement.replace(what, by)),
});

/** Ways to break the pipeline; the simulation must notice each. */
export const sabotages: Readonly<Record<string, Sabotage>> = {
  'loads of a dataset do not wait for one another': rewriting(/^LOCK .+$/, 'SELECT 1'),
  'events that raw has are inserted again': rewriting(/AND "known"\."_id" IS NULL/, ''),
  'an event that is twice in a load is inserted twice': rewriting(/"staged"\."delivery" = 1/, 'TRUE'),
  'an older write replaces the key that is there': rewriting(/AND \(\n {2}"present"[\s\S]*?\n\)/, ''),
  'an older write brings a deleted key back': rewriting(/AND \(\n {2}"deleted"[\s\S]*?\n\)/, ''),
  'register ignores what writers confirm': { listens: ({ kind }) => kind !== 'landed' },
  'mend forgets to write the rest': mendingWith((lake) => ({
    put: (object) => (object.key.startsWith('raw/') ? Promise.resolve({ eTag: 'none' }) : lake.put(object)),
  })),
  'mend forgets to write the quarantine': mendingWith((lake) => ({
    put: (object) => (object.key.startsWith('quarantine/') ? Promise.resolve({ eTag: 'none' }) : lake.put(object)),
  })),
  'objects are settled before they are loaded': tableWith('RefreshPlan', (table) => ({
    pending: (lane, dataset, limit) => listedIsSettled(table, lane, dataset, limit),
  })),
  'deleted keys stay in latest': rewriting(
    /^DELETE FROM "latest"\."brackets"$/m,
    'DELETE FROM "latest"."brackets__tombstones"',
  ),
};
