import type { Browser, Page } from 'playwright-core';
import { catalogOf } from '../../lib/catalog/catalog.ts';
import { renderCatalog } from '../../lib/catalog/render.ts';
import { bundleCatalogClient } from '../../lib/stages/catalog-client.ts';
import { openBrowser, siteOnDisk } from '../factories/browser.ts';
import { aLoadRow, aPlatform, aRunRow, noonSeconds, observationsOf } from '../factories/catalog.ts';

const hostile = '<img src=x onerror="window.broken = 1">';

/** The site as a reader has it who copied it to a folder: opened as a file, without a server. */
describe('the catalog in a browser', () => {
  let browser: Browser;
  let site: ReturnType<typeof siteOnDisk>;
  let page: Page;
  const troubles: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    const runs = [
      aRunRow('mart.tournaments'),
      aRunRow('mart.daily_kpi', { atSeconds: noonSeconds - 900 }),
      aRunRow('mart.players', { outcome: 'failed', reason: hostile }),
    ];
    const checks = [['mart.tournaments', String(noonSeconds), "expression: starts_at > '2020-01-01'", 'warn', '3']];
    const platform = aPlatform();
    const models = platform.models.map((one) => (one.table === 'players' ? { ...one, description: hostile } : one));
    const data = catalogOf({ ...platform, models }, observationsOf({ runs, checks, loads: [aLoadRow('brackets')] }));
    site = siteOnDisk(renderCatalog(data, bundleCatalogClient()));
    browser = await openBrowser();
  });
  beforeEach(async () => {
    const context = await browser.newContext();
    page = await context.newPage();
    page.on('pageerror', (error) => troubles.push(String(error)));
    page.on('console', (message) => void (message.type() === 'error' && troubles.push(message.text())));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(site.address);
  });
  afterEach(() => page.context().close());
  afterAll(async () => {
    await browser?.close();
    site?.remove();
  });

  const heading = () => page.locator('h1').textContent();

  test('says first what needs somebody', async () => {
    const needs = await page.locator('.attention li').allTextContents();
    expect(needs).toEqual([
      expect.stringMatching(/^failedmart\.playersThe last run failed: there is nothing to read yet/),
      expect.stringMatching(/^latemart\.daily_kpiNewer data has been loaded/),
      expect.stringMatching(/^warningsmart\.tournaments/),
    ]);
  });

  test('is walked through along the lineage: from a mart to its source', async () => {
    await page.goto(`${site.address}#/model/mart.daily_kpi`);
    await page.getByRole('link', { name: /^mart\.tournaments, table/ }).click();
    await page.getByRole('link', { name: /^latest\.brackets, dataset/ }).click();
    await page.locator('h1', { hasText: 'latest.brackets' }).waitFor();
    expect(page.url()).toContain('#/table/latest.brackets');
  });

  test('shows where a column comes from and who uses it, and keeps that in the address', async () => {
    await page.goto(`${site.address}#/model/mart.tournaments`);
    await page.locator('.columns').getByRole('link', { name: 'starts_at' }).click();
    await page.locator('.lines .way').first().waitFor({ state: 'attached' });
    expect(await page.locator('.box text.column').allTextContents()).toEqual(
      expect.arrayContaining(['payload', 'starts_at', 'day', 'tournaments_started']),
    );
    expect(await page.locator('.lines .way').count()).toBe(3);
    expect(page.url()).toMatch(/#\/model\/mart\.tournaments\/column\/starts_at$/);
  });

  test('finds a column by a label of any language, by the keyboard alone', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('大会');
    await page.locator('#found a').first().waitFor();
    await page.keyboard.press('Enter');
    await page.locator('tr.selected', { hasText: 'tournament_name' }).waitFor();
    expect(await heading()).toContain('tournaments');
  });

  test('finds a table in spite of a slip', async () => {
    await page.getByRole('searchbox').fill('turnamets');
    expect(await page.locator('#found a b').first().textContent()).toBe('mart.tournaments');
  });

  test('puts a query on the clipboard', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${site.address}#/model/mart.tournaments`);
    await page.getByRole('button', { name: 'Copy Count by day of starts_at' }).click();
    await page
      .getByRole('button', { name: 'Copy Count by day of starts_at', exact: false })
      .getByText('Copied')
      .waitFor();
    const copied = await page.evaluate(() =>
      (
        globalThis as unknown as { navigator: { clipboard: { readText(): Promise<string> } } }
      ).navigator.clipboard.readText(),
    );
    expect(copied).toBe(
      'SELECT "starts_at"::DATE AS "day", COUNT(*) AS "rows"\nFROM "mart"."tournaments"\nGROUP BY 1\nORDER BY 1 DESC',
    );
  });

  test('shows what users wrote as text, whatever it is', async () => {
    await page.goto(`${site.address}#/model/mart.players`);
    await page.locator('.runs code', { hasText: hostile }).waitFor();
    expect(await page.locator('.description').textContent()).toBe(hostile);
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.evaluate(() => 'broken' in globalThis)).toBe(false);
  });

  test('says of an address that leads nowhere that it does', async () => {
    await page.goto(`${site.address}#/model/mart.nothing`);
    await page.getByText('There is no such table in this catalog').waitFor();
  });

  test('fits a phone: nothing is wider than the screen', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const hash of ['', '#/model/mart.tournaments', '#/table/latest.brackets']) {
      await page.goto(`${site.address}${hash}`);
      await page.locator('main section').last().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    }
  });

  test('asked for nothing but its own files, and nothing went wrong meanwhile', () => {
    expect(requests.filter((url) => !url.startsWith(`file://${site.folder}/`) && !url.startsWith('data:'))).toEqual([]);
    expect(troubles).toEqual([]);
  });
});
