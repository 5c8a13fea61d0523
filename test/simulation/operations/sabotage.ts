import type { StoredObject } from '../../../lambdas/aws/object-store.ts';
import type { MemoryStateTable } from '../../factories/memory-state-table.ts';
import type { Sabotage } from '../simulate.ts';

/** The same port, some of its methods replaced. */
function replacing<T extends object>(port: T, methods: Partial<T>): T {
  return new Proxy(port, { get: (target, name) => Reflect.get(methods, name) ?? Reflect.get(target, name) });
}

const rewriting = (what: RegExp, by: string, more: Omit<Sabotage, 'statements'>): Sabotage => ({
  statements: (statements) => statements.map((statement) => statement.replace(what, by)),
  ...more,
});

/** The table of a reload's functions, with one of its methods changed. */
const reloadTableWith = (methods: Partial<MemoryStateTable>, more: Omit<Sabotage, 'reloadTableOf'>): Sabotage => ({
  reloadTableOf: (_name, table) => replacing(table, methods),
  ...more,
});

/** Ways to break what people do while the pipeline runs; the simulation must notice each. */
export const operationSabotages: Readonly<Record<string, Sabotage>> = {
  'a swap leaves out what only the live table has': rewriting(
    /^(DELETE FROM "raw"\."\w+")\nWHERE "_id" IN \(SELECT "rebuilt"[^)]+\)/,
    '$1',
    { needs: 'reload', among: ['objectMissing'] },
  ),
  'a swap takes over what latest had': rewriting(/^DELETE FROM "latest"(.+)\nWHERE EXISTS .+$/, 'SELECT 1', {
    needs: 'reload',
    among: ['killedBefore'],
  }),
  'a backfill takes for loaded what it has only listed': {
    needs: ['reload', 'spoilt'],
    among: ['killedBefore'],
    statements: (statements) =>
      statements.map((one) => (/^COPY[\s\S]+manifests\/[^\n]*backfill/.test(one) ? 'SELECT 1' : one)),
  },
  'a reload does not tell the models': reloadTableWith(
    { touch: async () => undefined },
    { needs: ['reload', 'spoilt', 'models'], among: ['killedBefore'] },
  ),
  'a replay rewrites the quarantine before it lands': {
    needs: 'replay',
    among: ['killedBefore', 'runPaused'],
    replayLakeOf: (lake) => {
      const waiting: StoredObject[] = [];
      const afterwards = async (outcome: Promise<'done' | 'changed'>) => {
        const done = await outcome;
        for (const object of waiting.splice(0)) await lake.put(object);
        return done;
      };
      return replacing(lake, {
        put: async (object) => {
          waiting.push(object);
          return { eTag: 'none' };
        },
        replace: (object, eTag) => afterwards(lake.replace(object, eTag)),
        remove: (key, eTag) => afterwards(lake.remove(key, eTag)),
      });
    },
  },
  'a repair takes a position that loses': {
    needs: 'repair',
    among: ['killedBefore'],
    repairWarehouseOf: (warehouse) => ({
      query: async (statement) => {
        const rows = await warehouse.query(statement);
        return rows.map((row) => row.map((value, column) => (column === 1 ? '-' : value)));
      },
    }),
  },
};
