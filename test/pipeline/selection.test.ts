import fc from 'fast-check';
import { type Selectable, select } from '../../lib/pipeline/models/selection.ts';
import { aModel } from '../factories/pipeline.ts';

const reading = (...names: string[]) => names.map((name, n) => ({ name, start: n, end: n, aliased: false }));

/** latest.brackets → staging.matches → mart.players → mart.ranking, mart.kpi ← staging.matches, and mart.logs beside them. */
const models = [
  aModel({
    name: 'staging.matches',
    schema: 'staging',
    table: 'matches',
    path: 'sql/models/staging/matches.sql',
    reads: reading('latest.brackets'),
    owner: 'platform-team',
    lane: 'slow',
  }),
  aModel({ table: 'logs', reads: reading('raw.app_logs') }),
  aModel({ table: 'players', reads: reading('staging.matches'), dependsOn: ['staging.matches'] }),
  aModel({
    table: 'kpi',
    reads: reading('staging.matches', 'latest.organizers'),
    dependsOn: ['staging.matches'],
    lane: 'slow',
  }),
  aModel({ table: 'ranking', reads: reading('mart.players'), dependsOn: ['mart.players', 'mart.kpi'] }),
];

const chosen = (selectors: string[], exclude: string[] = []) =>
  select(models, selectors, exclude).map(({ name }) => name);

const selections: [string[], string[], string[]?][] = [
  [[], ['staging.matches', 'mart.logs', 'mart.players', 'mart.kpi', 'mart.ranking']],
  [['mart.players'], ['mart.players']],
  [['players'], ['mart.players']],
  [
    ['mart.players', 'staging.matches'],
    ['staging.matches', 'mart.players'],
  ],
  [['+mart.players'], ['staging.matches', 'mart.players']],
  [['mart.players+'], ['mart.players', 'mart.ranking']],
  [['+mart.players+'], ['staging.matches', 'mart.players', 'mart.ranking']],
  [['1+mart.ranking'], ['mart.players', 'mart.kpi', 'mart.ranking']],
  [['2+mart.ranking'], ['staging.matches', 'mart.players', 'mart.kpi', 'mart.ranking']],
  [['staging.matches+1'], ['staging.matches', 'mart.players', 'mart.kpi']],
  [['latest.brackets+'], ['staging.matches', 'mart.players', 'mart.kpi', 'mart.ranking']],
  [['latest.*+1'], ['staging.matches', 'mart.kpi']],
  [['mart.*'], ['mart.logs', 'mart.players', 'mart.kpi', 'mart.ranking']],
  [['*k*'], ['mart.kpi', 'mart.ranking']],
  [['sql/models/mart/kpi.sql'], ['mart.kpi']],
  [['./sql/models/staging/'], ['staging.matches']],
  [['path:sql/models/staging+1'], ['staging.matches', 'mart.players', 'mart.kpi']],
  [['sql/models/*/k*.sql'], ['mart.kpi']],
  [['owner:platform-team'], ['staging.matches']],
  [['lane:slow'], ['staging.matches', 'mart.kpi']],
  [['schema:mart'], ['mart.logs', 'mart.kpi'], ['+players+']],
  [['lane:slow'], [], ['lane:*']],
];

test.each(selections.map(([selectors, expected, exclude = []]) => ({ selectors, exclude, expected })))(
  '$selectors without $exclude selects $expected',
  ({ selectors, exclude, expected }) => {
    expect(chosen(selectors, exclude)).toEqual(expected);
  },
);

test.each([
  ['mart.plaiers', 'there is no model mart.plaiers; did you mean mart.players?'],
  ['plaiers', 'there is no model plaiers; did you mean players?'],
  ['+mart.zzzzzzzzzzzz', 'there is no model mart.zzzzzzzzzzzz'],
  ['latest.brackets', 'latest.brackets is no model but what models read; latest.brackets+ selects those'],
  ['owner:platform-taem', 'no model has the owner platform-taem; did you mean platform-team?'],
  ['lane:nightly', 'no model has the lane nightly; there are: main, slow'],
  ['onwer:platform-team', 'models are not selected by onwer; did you mean owner?'],
  ['tag:x', 'models are not selected by tag; there are: path, owner, lane, schema'],
  ['sql/models/mart/kpis.sql', 'no model lies at sql/models/mart/kpis.sql; did you mean sql/models/mart/kpi.sql?'],
  ['', 'an empty selection means nothing'],
])('%j means nothing, which is said', (selector, message) => {
  expect(() => chosen([selector])).toThrow(message);
  expect(() => chosen([], [selector])).toThrow(message);
});

/** Any graph: a model reads some of those before it, and maybe a table. */
const graphs = fc
  .array(fc.tuple(fc.array(fc.nat(20), { maxLength: 3 }), fc.boolean()), { minLength: 1, maxLength: 12 })
  .map((rows) =>
    rows.map(([before, readsTable], n) => {
      const dependsOn = [...new Set(before.filter((one) => one < n).map((one) => `mart.m${one}`))];
      const reads = reading(...dependsOn, ...(readsTable ? ['latest.brackets'] : []));
      return aModel({ table: `m${n}`, dependsOn, reads }) as Selectable;
    }),
  );
const graphAndModel = graphs.chain((graph) => fc.tuple(fc.constant(graph), fc.constantFrom(...graph)));
const names = (found: readonly Selectable[]) => found.map(({ name }) => name);

test('what is above a model has it below, and neither more steps nor more selectors lose anything', () => {
  fc.assert(
    fc.property(graphAndModel, fc.nat(5), ([graph, { name }], steps) => {
      const above = names(select(graph, [`+${name}`]));
      for (const one of names(graph)) {
        expect(names(select(graph, [`${one}+`])).includes(name)).toBe(above.includes(one));
      }
      const near = names(select(graph, [`${steps}+${name}`]));
      expect(above).toEqual(expect.arrayContaining(near));
      expect(names(select(graph, [`${steps + 1}+${name}`]))).toEqual(expect.arrayContaining(near));
      expect(names(select(graph, [`${graph.length}+${name}`]))).toEqual(above);
      const both = new Set([...above, ...names(select(graph, [`${name}+`]))]);
      expect(names(select(graph, [`+${name}+`]))).toEqual(names(graph).filter((one) => both.has(one)));
      expect(names(select(graph, [], [`+${name}`]))).toEqual(names(graph).filter((one) => !above.includes(one)));
    }),
    { numRuns: 60 },
  );
});

test('whatever is asked for, models come in the order of the project or a refusal says why', () => {
  const words = fc.string({ unit: fc.constantFrom(...'+*.:/mart1x'), maxLength: 10 });
  fc.assert(
    fc.property(graphs, fc.array(words, { maxLength: 3 }), (graph, selectors) => {
      try {
        const found = select(graph, selectors);
        expect(found).toEqual(graph.filter((model) => found.includes(model)));
      } catch (error) {
        expect(error).toMatchObject({ code: 'UNKNOWN_SELECTION' });
      }
    }),
  );
});
