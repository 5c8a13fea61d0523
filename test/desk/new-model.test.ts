import { attributesOf } from '../../local/desk/new-model/attributes.ts';
import { skeletonOf } from '../../local/desk/new-model/skeleton.ts';
import { caseFiles, findCases } from '../../local/desk/unit-tests/files.ts';
import { runCases } from '../../local/desk/unit-tests/run.ts';
import { ProjectFolder } from '../factories/desk-project.ts';

const payloads = [
  '{"tournamentId":"t-1","prizePool":123456789012345678901234567890.5,"size":4,"open":true,"startsAt":"2026-01-31T12:00:00Z","matches":[],"order":1,"odd name":1}',
  '{"tournamentId":"t-2","prizePool":1,"size":null,"big":12345678901234567890,"mixed":1}',
  '{"mixed":"one"}',
  '7',
];

test('attributes have the type that all of their values have', () => {
  expect(Object.fromEntries(attributesOf(payloads).map(({ name, type }) => [name, type]))).toEqual({
    tournamentId: 'VARCHAR(64)',
    prizePool: 'DECIMAL(38, 1)',
    size: 'BIGINT',
    open: 'BOOLEAN',
    startsAt: 'TIMESTAMPTZ',
    matches: undefined,
    order: 'BIGINT',
    'odd name': 'BIGINT',
    big: 'DECIMAL(38, 0)',
    mixed: undefined,
  });
});

test('a new model compiles, and its case passes, whatever it reads', async () => {
  const attributes = attributesOf(payloads);
  const made = {
    'mart.known': { kind: 'payload', table: 'latest.brackets', attributes, key: ['tournamentId'] },
    'mart.unknown': { kind: 'payload', table: 'raw.app_logs', attributes: [], key: [] },
    'mart.alone': { kind: 'none' },
    'mart.behind': { kind: 'columns', table: 'mart.alone', columns: [{ name: 'answer', type: 'integer' }] },
  } as const;
  const folder = new ProjectFolder({});
  try {
    for (const [name, from] of Object.entries(made)) {
      const { sql, cases } = skeletonOf({ name, owner: 'tournament-team', source: from });
      const path = `sql/models/${name.replace('.', '/')}`;
      folder.write(`${path}.sql`, sql);
      folder.write(`${path}.test.yaml`, cases);
    }
    const project = await folder.project();
    const found = findCases(caseFiles(folder.directory), project.models, project.models);
    expect(found.problems).toEqual([]);
    const results = await runCases(project, found.cases);
    expect(results.map(({ model, kind }) => [model.name, kind]).toSorted()).toEqual(
      Object.keys(made)
        .toSorted()
        .map((name) => [name, 'passed']),
    );
    expect(project.models.find(({ name }) => name === 'mart.known')?.key).toEqual(['tournament_id']);
  } finally {
    folder.remove();
  }
});
