import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type OrganizersApi, serveOrganizers } from '../../local/demo/organizers-api.ts';

interface Page {
  data: { id: string; updatedAt: string }[];
  nextCursor: string | null;
}

describe("the demo's REST API", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-organizers-'));
  let api: OrganizersApi;

  const open = () => serveOrganizers(path.join(folder, 'organizers.json'), 'secret');
  const get = async (query: string, token = 'secret') =>
    fetch(`${api.url}?${query}`, { headers: { authorization: `Bearer ${token}` } });
  async function pull(since: string): Promise<Page[]> {
    const pages: Page[] = [];
    for (let cursor: string | null = '0'; cursor !== null; cursor = pages.at(-1)?.nextCursor ?? null) {
      const answer = await get(`updatedSince=${encodeURIComponent(since)}&cursor=${cursor}`);
      pages.push((await answer.json()) as Page);
    }
    return pages;
  }

  beforeEach(async () => {
    api = await open();
  });
  afterEach(() => api.close());
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  test('pages overlap by a row, and together hold every row', async () => {
    const ids = (await pull('')).flatMap((page) => page.data.map((row) => row.id));
    expect(new Set(ids).size).toBe(12);
    expect(ids.length).toBeGreaterThan(12);
    expect(api.servedCount()).toBe(12);
  });

  test('without the token it hands out nothing', async () => {
    expect((await get('', 'guess')).status).toBe(401);
  });

  test('a row put in is served from then on, also after a restart, and what was served stays counted', async () => {
    const body = JSON.stringify({ id: 'org-new', name: 'New', updatedAt: '2999-01-01T00:00:00.000Z' });
    const answer = await fetch(api.url, { method: 'POST', headers: { authorization: 'Bearer secret' }, body });
    expect(answer.status).toBe(201);
    await api.close();
    api = await open();
    const rows = (await pull('2998-01-01')).flatMap((page) => page.data);
    expect(rows).toEqual([{ id: 'org-new', name: 'New', updatedAt: '2999-01-01T00:00:00.000Z' }]);
    expect(api.servedCount()).toBe(13);
  });

  test('a row without an id is refused with the reason', async () => {
    const answer = await fetch(api.url, {
      method: 'POST',
      headers: { authorization: 'Bearer secret' },
      body: '{"name":1}',
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('an organizer needs an \\"id\\"');
  });
});
