import { createHash } from 'node:crypto';
import type { SiteStore } from '../../lambdas/aws/site-store.ts';
import { writeCatalog } from '../../lambdas/catalog/write.ts';
import type { Statement } from '../../lib/pipeline/statements/drift.ts';
import { aPlatform, aRunRow, noonSeconds } from '../factories/catalog.ts';

/** A bucket in memory, and what was put into it. */
class MemorySite implements SiteStore {
  readonly files = new Map<string, string>();
  written: string[] = [];
  get = async (key: string) => (this.files.has(key) ? Buffer.from(this.files.get(key) ?? '') : undefined);
  list = async () =>
    [...this.files].map(([key, body]) => ({
      key,
      sizeBytes: body.length,
      eTag: createHash('md5').update(body).digest('hex'),
    }));
  put: SiteStore['put'] = async ({ path, body }) => {
    this.written.push(path);
    this.files.set(path, body);
  };
  remove = async (path: string) => void this.files.delete(path);
}

describe('writing the catalog after a refresh', () => {
  const ended = noonSeconds * 1000;
  function aWriter() {
    const site = new MemorySite();
    const asked: string[] = [];
    let runs = [aRunRow('mart.tournaments')];
    const query = async ({ sql }: Statement) => {
      asked.push(sql);
      return sql.includes('model_runs') ? runs : [];
    };
    const client = { script: 'script', style: 'style' };
    const ports = { site, warehouse: { query }, client, project: aPlatform() };
    return {
      site,
      asked,
      publishes: (row: ReturnType<typeof aRunRow>) => {
        runs = [row];
      },
      write: (over: { seconds?: number; project?: ReturnType<typeof aPlatform> } = {}) => {
        site.written = [];
        const nowMilliseconds = () => ended + (over.seconds ?? 2) * 1000;
        return writeCatalog(ended, { ...ports, ...(over.project && { project: over.project }), nowMilliseconds });
      },
    };
  }

  it('writes all of it the first time, and nothing the second', async () => {
    const writer = aWriter();
    expect(await writer.write()).toEqual({ kind: 'written', files: 16, removed: 0 });
    expect([...writer.site.files.keys()]).toEqual(
      expect.arrayContaining(['index.html', 'data/index.js', 'data/relations/mart.daily_kpi.js']),
    );
    expect(await writer.write()).toEqual({ kind: 'written', files: 0, removed: 0 });
  });

  it('asks only for what is new, and writes only the files that changed; what it remembers last', async () => {
    const writer = aWriter();
    await writer.write();
    writer.publishes(aRunRow('mart.tournaments', { atSeconds: noonSeconds + 60, rows: 6 }));
    await writer.write();
    expect(writer.asked[0]).not.toContain('WHERE "finished_at"');
    expect(writer.asked[3]).toContain(`WHERE "finished_at" >= TIMESTAMPTZ '2026-11-20T11:00:00.000Z'`);
    expect(writer.site.written).toEqual(['data/status.js', 'data/observed-0.js', 'data/observations.json']);
  });

  it('takes away the pages of models that are no more, and leaves what is not its own', async () => {
    const writer = aWriter();
    await writer.write();
    writer.site.files.set('robots.txt', 'somebody else put it there');
    const platform = aPlatform();
    const fewer = { ...platform, models: platform.models.slice(0, 2) };
    expect(await writer.write({ project: fewer })).toMatchObject({ removed: 1 });
    expect(writer.site.files.has('data/relations/mart.daily_kpi.js')).toBe(false);
    expect(writer.site.files.has('robots.txt')).toBe(true);
  });

  it('wakes no warehouse for an event that comes late', async () => {
    const writer = aWriter();
    expect(await writer.write({ seconds: 61 })).toEqual({ kind: 'tooLate' });
    expect(writer.asked).toEqual([]);
  });

  it('reads all once more where what it remembers is of another shape', async () => {
    const writer = aWriter();
    await writer.write();
    writer.site.files.set('data/observations.json', '{"models": 1}');
    await writer.write();
    expect(writer.site.written).toEqual(['data/observations.json']);
    expect(writer.asked[3]).not.toContain('WHERE "finished_at"');
  });
});
