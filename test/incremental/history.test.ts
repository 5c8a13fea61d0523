import { BoxWarehouse } from '../factories/box-warehouse.ts';
import { MemoryLake } from '../factories/memory-lake.ts';
import { type Happening, ModelsWorld } from '../factories/models-world.ts';
import { models } from './shapes.ts';

const versions = models.filter(({ table }) => table === 'versions');
const plan = (name: string, keyed: boolean) => ({ name, owner: 'team', freshnessSeconds: 60, keyed });
const datasets = [plan('brackets', true), plan('organizers', true), plan('app_logs', false)];

const version = (hour: number, status: string | undefined, id = 't1'): Happening => ({
  _id: `${id}-${hour}-${status}`,
  _op: status === undefined ? 'delete' : 'update',
  _key: JSON.stringify({ id }),
  _position: String(hour).padStart(4, '0'),
  _at: `2026-11-20T${String(hour).padStart(2, '0')}:00:00.000000Z`,
  payload: status === undefined ? '{}' : JSON.stringify({ id, status }),
});

describe('given a history of the status of tournaments', () => {
  const warehouse = new BoxWarehouse(new MemoryLake());
  const world = new ModelsWorld(warehouse, datasets, versions);
  beforeAll(() => world.prepare());
  beforeEach(() => world.begin());
  afterAll(() => warehouse.close());

  /** `planned 8-10`: what holds from when to when; open at the end where it is current. */
  const told = async (): Promise<string[]> => {
    expect(await world.refresh('mart.versions')).toMatchObject({ kind: 'published' });
    const rows =
      await warehouse.answer(`SELECT status, EXTRACT(hour FROM changed_at), EXTRACT(hour FROM valid_to), is_current
FROM mart.versions ORDER BY changed_at`);
    return rows.map(([status, since, until, isCurrent]) => {
      expect(isCurrent).toBe(until === null ? 't' : 'f');
      return `${status} ${since}-${until ?? ''}`;
    });
  };

  test('when versions come in turn, then each holds until the next', async () => {
    await world.load('brackets', [version(8, 'planned'), version(10, 'running')]);
    expect(await told()).toEqual(['planned 8-10', 'running 10-']);
    await world.load('brackets', [version(12, 'finished')]);
    expect(await told()).toEqual(['planned 8-10', 'running 10-12', 'finished 12-']);
    expect(world.steps).toEqual(['changes', 'keys', 'rows', 'check', 'merge']);
  });

  test('when a version comes late, then it finds its place, even between two that were one', async () => {
    await world.load('brackets', [version(8, 'planned'), version(12, 'planned')]);
    expect(await told()).toEqual(['planned 8-']);
    await world.load('brackets', [version(10, 'running')]);
    expect(await told()).toEqual(['planned 8-10', 'running 10-12', 'planned 12-']);
  });

  test('when a key is deleted, then its last version ends; when it comes back, then there is a gap', async () => {
    await world.load('brackets', [version(8, 'planned'), version(9, undefined)]);
    expect(await told()).toEqual(['planned 8-9']);
    await world.load('brackets', [version(11, 'planned')]);
    expect(await told()).toEqual(['planned 8-9', 'planned 11-']);
  });

  test('when versions are since the same instant, then the last of them counts, and a deletion most', async () => {
    await world.load('brackets', [version(8, 'running'), version(8, 'planned')]);
    expect(await told()).toEqual(['running 8-']);
    await world.load('brackets', [version(8, undefined)]);
    expect(await told()).toEqual([]);
  });
});
