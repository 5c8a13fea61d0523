import fc from 'fast-check';
import { catalogOf } from '../../lib/catalog/catalog.ts';
import { neighbourhood, waysThrough } from '../../lib/catalog/graph.ts';
import { nothingObserved, type Observations, observed } from '../../lib/catalog/observations.ts';
import { renderCatalog } from '../../lib/catalog/render.ts';
import type { IndexData, SearchData, StatusData } from '../../lib/catalog/site-data.ts';
import { standingOf } from '../../lib/catalog/state.ts';
import {
  aCatalogProject,
  aLoadRow,
  aPlatform,
  aRunRow,
  aSource,
  aTracedModel,
  noonSeconds,
  observationsOf,
} from '../factories/catalog.ts';

const client = { script: '', style: '' };

/** What a browser would be given by a data file. */
function dataOf<T>(files: readonly { path: string; body: string }[], path: string): T {
  const body = files.find((file) => file.path === path)?.body ?? '';
  let given: unknown;
  new Function('millraceCatalog', body)((_path: string, data: unknown) => {
    given = data;
  });
  return given as T;
}

describe('the catalog of a project', () => {
  const project = aPlatform();

  it('has the datasets, then the models, with what they read and who reads them', () => {
    const { relations } = catalogOf(project, nothingObserved);
    expect(relations.map(({ name, reads, readBy, readers }) => [name, reads, readBy, readers])).toEqual([
      ['raw.brackets', [], [], []],
      ['latest.brackets', [], ['mart.tournaments', 'mart.players'], []],
      ['latest.brackets__tombstones', [], [], []],
      ['raw.app_logs', [], ['mart.daily_kpi'], []],
      ['mart.tournaments', ['latest.brackets'], ['mart.daily_kpi'], ['analysts']],
      ['mart.players', ['latest.brackets'], [], ['analysts']],
      ['mart.daily_kpi', ['mart.tournaments', 'raw.app_logs'], [], ['analysts']],
    ]);
  });

  it('shows a column with its type from the query, and its label and meaning from the header', () => {
    const found = catalogOf(project, nothingObserved).relations.find(({ name }) => name === 'mart.tournaments');
    expect(found?.columns[1]).toEqual({
      name: 'tournament_name',
      type: 'character varying(512)',
      label: '大会名',
      description: 'As the organizer wrote it',
    });
    const mentioned = found?.model?.mentions.map(([start, end, name]) => [found.model?.sql.slice(start, end), name]);
    expect(mentioned).toEqual([['latest.brackets', 'latest.brackets']]);
  });

  it('knows the paths into a payload that models read, and through which columns they go', () => {
    const { relations, columnEdges } = catalogOf(project, nothingObserved);
    expect(relations[1]?.paths).toEqual([
      'payload.matches[*].participants[*].email',
      'payload.matches[*].participants[*].playerId',
      'payload.name',
      'payload.startsAt',
      'payload.tournamentId',
    ]);
    const edges = columnEdges.map(({ from, to }) => ({ from: from.join('.'), to: to.join('.') }));
    const ways = [...waysThrough(edges, 'mart.tournaments.starts_at')].map(({ from, to }) => `${from} → ${to}`);
    expect(ways).toEqual([
      'latest.brackets.payload → mart.tournaments.starts_at',
      'mart.tournaments.starts_at → mart.daily_kpi.day',
      'mart.tournaments.starts_at → mart.daily_kpi.tournaments_started',
    ]);
  });

  it('lets a column without a source of its own come from what decides which rows there are', () => {
    const { model } = aTracedModel('counts', { total: [aSource('latest.brackets', '_key')] });
    const rows = [aSource('latest.brackets', '_key')];
    const traced = { model, lineage: { columns: [{ name: 'total', sources: [] }], rows } };
    expect(catalogOf(aCatalogProject([traced]), nothingObserved).columnEdges).toEqual([
      { from: ['latest.brackets', '_key'], to: ['mart.counts', 'total'], direct: false },
    ]);
  });
});

describe('the files of the site', () => {
  const runs = [
    aRunRow('mart.tournaments'),
    aRunRow('mart.players', { outcome: 'check_failed', reason: 'unique (2)' }),
  ];
  const observations = observationsOf({ runs, loads: [aLoadRow('brackets')] });
  const files = renderCatalog(catalogOf(aPlatform(), observations), client);

  it('are an index and a status of all, a file each table, and few with what was observed', () => {
    expect(files.map(({ path }) => path)).toEqual([
      'index.html',
      'catalog.js',
      'catalog.css',
      'data/index.js',
      'data/status.js',
      'data/search.js',
      'data/column-lineage.js',
      'data/relations/raw.brackets.js',
      'data/relations/latest.brackets.js',
      'data/relations/latest.brackets__tombstones.js',
      'data/relations/raw.app_logs.js',
      'data/relations/mart.tournaments.js',
      'data/relations/mart.players.js',
      'data/relations/mart.daily_kpi.js',
      'data/observed-0.js',
    ]);
    expect(dataOf<StatusData>(files, 'data/status.js').relations.slice(4, 6)).toEqual([
      {
        name: 'mart.tournaments',
        kind: 'model',
        isView: false,
        freshnessSeconds: 120,
        publishedAtSeconds: noonSeconds,
        lastOutcome: 'published',
        lastAtSeconds: noonSeconds,
        failedChecks: 0,
        warnedChecks: 0,
        rows: 5,
        history: [5],
        inputsLoadedAtSeconds: noonSeconds - 5,
      },
      expect.objectContaining({ name: 'mart.players', lastOutcome: 'check_failed', history: [] }),
    ]);
  });

  it('change only where something has changed', () => {
    const later = observationsOf(
      { runs: [aRunRow('mart.tournaments', { atSeconds: noonSeconds + 60 })] },
      observations,
    );
    const again = renderCatalog(catalogOf(aPlatform(), later), client);
    const changed = again.filter((file, index) => file.body !== files[index]?.body).map(({ path }) => path);
    expect(changed).toEqual(['data/status.js', 'data/observed-0.js']);
  });

  it('hold any text as it is, and no way out of it', () => {
    const hostile = `</script><script>alert(1)</script> "'\\\u2028\u2029 \${x} __proto__ <img src=x onerror=alert(1)>`;
    const traced = aTracedModel(
      'players',
      { constructor: [], __proto__x: [] },
      { description: hostile, owner: hostile, label: hostile, sql: hostile },
    );
    const columns = [{ name: 'constructor', label: hostile, description: hostile }];
    const evil = { ...traced, model: { ...traced.model, name: '__proto__.<b>', columns } };
    const made = renderCatalog(catalogOf(aCatalogProject([evil], { service: hostile }), nothingObserved), client);

    const index = dataOf<IndexData>(made, 'data/index.js');
    expect(index.relations.at(-1)).toMatchObject({
      name: '__proto__.<b>',
      description: hostile,
      owner: hostile,
      label: hostile,
    });
    expect(dataOf<SearchData>(made, 'data/search.js').at(-2)).toEqual([
      '__proto__.<b>',
      'constructor',
      hostile,
      hostile,
    ]);
    for (const { body } of made) expect(body).not.toMatch(/<script>alert|<img src=x/);
    for (const { path } of made) expect(path).toMatch(/^[a-z0-9_./~-]+$/);
  });
});

describe('what was observed', () => {
  it('is the same whether it was read at once or bit by bit, twice or once', () => {
    const row = fc.record({
      model: fc.constantFrom('mart.a', 'mart.b'),
      atSeconds: fc.integer({ min: noonSeconds - 500_000, max: noonSeconds }),
      outcome: fc.constantFrom('published', 'failed'),
      rows: fc.nat(1000),
    });
    const rows = fc.uniqueArray(row, { selector: ({ model, atSeconds }) => `${model} ${atSeconds}`, maxLength: 60 });
    fc.assert(
      fc.property(rows, fc.nat(60), (all, cut) => {
        const ordered = all
          .toSorted((a, b) => a.atSeconds - b.atSeconds)
          .map(({ model, ...run }) => aRunRow(model, run));
        const read = (before: Observations, some: typeof ordered) =>
          observed(before, { runs: some, checks: [], loads: [] });
        const atOnce = read(nothingObserved, ordered);
        const before = read(nothingObserved, ordered.slice(0, cut));
        expect(read(before, ordered.slice(Math.max(0, cut - 5)))).toEqual(atOnce);
        expect(read(atOnce, ordered)).toEqual(atOnce);
      }),
    );
  });

  it('keeps the checks of the last run alone, and forgets no dataset that had a quiet day', () => {
    const first = observationsOf({
      checks: [['mart.a', '100', 'unique: id', 'error', '2']],
      loads: [aLoadRow('brackets')],
    });
    const second = observationsOf({ checks: [['mart.a', '200', 'unique: id', 'error', '0']] }, first);
    const older = observationsOf({ checks: [['mart.a', '150', 'unique: id', 'error', '7']] }, second);
    expect(older.models[0]?.checked).toEqual({
      atSeconds: 200,
      findings: [{ name: 'unique: id', severity: 'error', failures: 0 }],
    });
    expect(older.datasets[0]).toMatchObject({ name: 'brackets', lagSeconds: 7 });
  });
});

describe('how a model stands', () => {
  const facts = { kind: 'model', isView: false, freshnessSeconds: 120, failedChecks: 0, warnedChecks: 0 } as const;
  const published = { ...facts, publishedAtSeconds: 1000, lastOutcome: 'published' };
  const stateOf = (over: object, now = 2000) => standingOf({ ...facts, ...over }, now).state;

  it.each([
    ['never', {}],
    ['current', { ...published, inputsLoadedAtSeconds: 990 }],
    ['late', { ...published, inputsLoadedAtSeconds: 1010 }],
    ['failed', { ...published, lastOutcome: 'check_failed' }],
    ['warned', { ...published, warnedChecks: 1 }],
    ['current', { ...published, isView: true, inputsLoadedAtSeconds: 1010 }],
  ])('is %s', (state, over) => {
    expect(stateOf(over)).toBe(state);
  });

  it('is not late while its promise still holds, nor for want of anything new', () => {
    expect(stateOf({ ...published, inputsLoadedAtSeconds: 1910 })).toBe('current');
    expect(stateOf({ ...published, inputsLoadedAtSeconds: 990 }, 999_999)).toBe('current');
  });
});

describe('the neighbourhood of a table', () => {
  const chain = Array.from({ length: 200 }, (_, n) => `t${n}`);
  const graph = new Map(
    chain.map((name, n) => [name, { name, reads: n > 0 ? [`t${n - 1}`] : [], readBy: n < 199 ? [`t${n + 1}`] : [] }]),
  );

  it('is as many steps as were asked for, each way', () => {
    const { names, leftOut } = neighbourhood(graph, 't50', { up: 2, down: 1 });
    expect([[...names].toSorted(), leftOut]).toEqual([['t48', 't49', 't50', 't51'], 0]);
  });

  it('leaves out what is furthest, and says how much, before it becomes a hairball', () => {
    const { names, leftOut } = neighbourhood(graph, 't100', { up: 99, down: 99 }, 11);
    expect([...names].toSorted()).toEqual([
      't100',
      't101',
      't102',
      't103',
      't104',
      't105',
      't95',
      't96',
      't97',
      't98',
      't99',
    ]);
    expect(leftOut).toBe(188);
  });
});
