import path from 'node:path';
import { readProject } from '../../local/desk/project.ts';
import { caseFiles, findCases } from '../../local/desk/unit-tests/files.ts';
import { runCases } from '../../local/desk/unit-tests/run.ts';
import { resultText } from '../../local/desk/unit-tests/text.ts';
import { loadConfig } from '../../local/load-config.ts';
import { modelText, ProjectFolder } from '../factories/desk-project.ts';

const repository = path.join(import.meta.dirname, '../..');

test("the cases beside the demo's models pass", async () => {
  const project = await readProject(await loadConfig(repository), repository);
  const { cases, problems } = findCases(caseFiles(repository), project.models, project.models);
  const results = await runCases(project, cases);
  expect(problems).toEqual([]);
  expect(results.filter(({ kind }) => kind !== 'passed').map(resultText)).toEqual([]);
  expect(new Set(results.map(({ model }) => model.name)).size).toBeGreaterThanOrEqual(6);
});

describe('a history among cases', () => {
  const history = [
    'materialization: history',
    'key: id',
    'valid from: changed_at',
    'checks:\n--   not_null: changed_at',
  ];
  const folder = new ProjectFolder({
    'sql/models/mart/versions.sql': modelText(
      'SELECT b._key AS id, b._at AS changed_at, 10 / b.payload.size::INTEGER AS share FROM "raw".brackets AS b',
      history.map((line) => `-- ${line}\n`).join(''),
    ),
    'sql/models/mart/now.sql': modelText('SELECT v.id, v.valid_to FROM mart.versions AS v WHERE v.is_current'),
    'sql/models/mart/now.test.yaml': `what holds now is read:
  given:
    mart.versions:
      - {id: a, is_current: false, valid_to: 2026-01-31T10:00:00Z}
      - {id: b, is_current: true}
  expect: [{id: b, valid_to: null}]
`,
    'sql/models/mart/versions.test.yaml': `what it divides by is nothing:
  given:
    raw.brackets: [{_key: a, payload: {size: 0}}]
  expect: []
`,
  });
  afterAll(() => folder.remove());

  test('is given with the columns that are published, and is run as it is published', async () => {
    const project = await folder.project();
    const { cases } = findCases(caseFiles(folder.directory), project.models, project.models);
    const texts = (await runCases(project, cases)).map(resultText);
    expect(texts.find((text) => text.includes('what holds now'))).toMatch(/✓/);
    expect(texts.find((text) => text.includes('divides'))).toMatch(/✗.*division by zero/is);
  });
});
