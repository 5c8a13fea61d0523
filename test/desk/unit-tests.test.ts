import fc from 'fast-check';
import type { DeskProject } from '../../local/desk/project.ts';
import { compareCell } from '../../local/desk/unit-tests/cells.ts';
import { jsonText, problemLine, readDocument } from '../../local/desk/unit-tests/document.ts';
import { caseFiles, findCases } from '../../local/desk/unit-tests/files.ts';
import { runCases } from '../../local/desk/unit-tests/run.ts';
import { resultText } from '../../local/desk/unit-tests/text.ts';
import { modelText, ProjectFolder } from '../factories/desk-project.ts';

const sizes = 'sql/models/mart/sizes.test.yaml';

/** What the cases of mart.sizes come to: a text for each, and the problems of the file. */
async function outcomeOf(project: DeskProject, text: string) {
  const { models } = project;
  const found = findCases([{ path: sizes, model: 'mart.sizes', text }], models, models);
  const results = await runCases(project, found.cases);
  return {
    kinds: results.map(({ kind }) => kind),
    texts: results.map(resultText),
    problems: found.problems.map(problemLine),
  };
}

describe('cases of a model', () => {
  let folder: ProjectFolder;
  let project: DeskProject;

  beforeAll(async () => {
    folder = new ProjectFolder({
      'sql/models/mart/brackets.sql': modelText(
        'SELECT b._key AS id, b.payload.size::INTEGER AS size, b.payload.prize::DECIMAL(38, 2) AS prize, b.payload FROM latest.brackets AS b',
      ),
      'sql/models/mart/sizes.sql': modelText(
        'SELECT b.size, SUM(b.prize)::DECIMAL(38, 2) AS prize, MAX(b.id) AS last_id, 100 / b.size AS share FROM mart.brackets AS b LEFT JOIN latest.organizers AS o ON o._key = b.id GROUP BY b.size',
        '-- key: size\n',
      ),
    });
    project = await folder.project();
  });
  afterAll(() => folder.remove());

  test('pass where the model makes of the rows what is expected, to the last of 38 digits', async () => {
    const { kinds } = await outcomeOf(
      project,
      `prizes of a size are added up:
  given:
    mart.brackets:
      - {id: a, size: 4, prize: 123456789012345678901234567890123456.01}
      - {id: b, size: 4, prize: 0.01}
      - {id: c, size: 8}
  expect:
    - {size: 8, prize: null}
    - {size: 4, prize: 123456789012345678901234567890123456.02, last_id: b}
one digit makes the difference:
  given:
    mart.brackets: [{size: 4, prize: 123456789012345678901234567890123456.01}]
  expect: [{prize: 123456789012345678901234567890123456.02}]
an error may be what is expected:
  given:
    mart.brackets: [{size: 0}]
  expect_error: division by zero`,
    );
    expect(kinds).toEqual(['passed', 'differs', 'passed']);
  });

  test('see no row of the case before', async () => {
    const rows = 'given: {mart.brackets: [{size: 1}]}, expect: [{size: 1}]';
    expect((await outcomeOf(project, `one: {${rows}}\ntwo: {${rows}}\nnone: {expect: []}`)).kinds).toEqual([
      'passed',
      'passed',
      'passed',
    ]);
  });

  test('show expected and actual rows above one another, and mark what differs', async () => {
    const { texts } = await outcomeOf(
      project,
      `of three rows one differs, one is missing and one too many:
  given:
    mart.brackets: [{id: a, size: 2, prize: 1}, {id: b, size: 4, prize: 2}, {id: c, size: 8}]
  expect: [{size: 2, prize: 1}, {size: 4, prize: 3}, {size: 16, prize: 9}]`,
    );
    const cells = texts[0]?.split('\n').map((line) =>
      line
        .split('│')
        .map((cell) => cell.trim())
        .filter(Boolean),
    );
    expect(texts[0]).toContain('3 rows came; as expected: 1, otherwise: 2');
    expect(cells).toContainEqual(['expected', '4', '3']);
    expect(cells).toContainEqual(['actual', '4', '≠ 2.00']);
    expect(cells).toContainEqual(['expected', '16', '9']);
    expect(cells).toContainEqual(['actual', '≠ 8', '≠ null']);
  });

  test('say with line and column what they name that is not there', async () => {
    const { kinds, texts } = await outcomeOf(
      project,
      `a table that is not read:
  given:
    mart.bracket: []
  expect: []
a column:
  given:
    mart.brackets:
      - siz: 4
  expect: []
a column of the result:
  expect:
    - seize: 4
a value:
  given:
    mart.brackets: [{size: four}]
  expect: []`,
    );
    expect(kinds).toEqual(['bad', 'bad', 'bad', 'bad']);
    expect(texts[0]).toContain(`${sizes}:3:5: mart.sizes does not read mart.bracket; did you mean mart.brackets?`);
    expect(texts[1]).toContain(`${sizes}:8:9: mart.brackets has no column siz; did you mean size?`);
    expect(texts[2]).toContain(`${sizes}:12:7: mart.sizes has no column seize; did you mean size?`);
    expect(texts[3]).toContain(`${sizes}:15:28: mart.brackets.size (integer): invalid input syntax`);
  });

  test('are refused as a whole where the file cannot be read', async () => {
    expect(await outcomeOf(project, 'a:\n  given: {\n')).toMatchObject({
      kinds: [],
      problems: [expect.stringContaining(`${sizes}:`)],
    });
    const { problems } = await outcomeOf(project, 'a: {expected: []}\nb: {expect: [], expect_error: x}\nc: 3');
    expect(problems).toEqual([
      expect.stringContaining(`${sizes}:1:5: a case has no expected; did you mean expect?`),
      expect.stringContaining(`${sizes}:1:1: the case "a" says nothing of what to`),
      expect.stringContaining(`${sizes}:2:17: the case "b" says both`),
      expect.stringContaining(`${sizes}:3:1: the case "c" has no`),
    ]);
  });

  test('of a model that is gone are told', () => {
    folder.write('sql/models/mart/seizes.test.yaml', 'a: {expect: []}');
    const { problems } = findCases(caseFiles(folder.directory), project.models, project.models);
    expect(problems.map(problemLine)).toEqual([
      'sql/models/mart/seizes.test.yaml:1:1: there is no model mart.seizes; did you mean mart.sizes?',
    ]);
  });

  test('match rows that leave columns out, whichever comes first', async () => {
    const { kinds } = await outcomeOf(
      project,
      `the first expected row would fit both:
  given:
    mart.brackets: [{id: a, size: 2, prize: 1}, {id: b, size: 4, prize: 1}]
  expect: [{prize: 1}, {prize: 1, size: 2}]
in an order that is asked for:
  given:
    mart.brackets: [{size: 2}]
  ordered: true
  expect: [{size: 2}]`,
    );
    expect(kinds).toEqual(['passed', 'passed']);
  });
});

describe('values of a case', () => {
  const read = (text: string) =>
    readDocument('x', text).value ?? { kind: 'null' as const, place: { line: 1, column: 1 } };

  test('numbers of any length keep their digits', () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,37})(\.\d{1,20})?$/);
    fc.assert(fc.property(digits, (text) => expect(jsonText(read(`a: [${text}]`))).toBe(`{"a":[${text}]}`)));
  });

  test('what JSON holds is read as JSON holds it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(compareCell(read(`{"a": ${text}}`), `{"a":${text}}`, { kind: 'super' })).toBe('same');
      }),
    );
  });

  test('an instant is one in any zone, and a text is not a number', () => {
    const same = (expected: string, actual: string, kind: 'timestamptz' | 'varchar' | 'decimal' | 'bool') =>
      compareCell(read(expected), actual, { kind });
    expect(same('2026-01-31T13:00:00.5+01:00', '2026-01-31 12:00:00.5+00', 'timestamptz')).toBe('same');
    expect(same('2026-01-31T12:00:01Z', '2026-01-31 12:00:00+00', 'timestamptz')).toBe('different');
    expect(same('007', '7', 'varchar')).toBe('different');
    expect(same('1.50', '1.5', 'decimal')).toBe('same');
    expect(same('true', 't', 'bool')).toBe('same');
    expect(same('soon', 't', 'bool')).toMatchObject({ kind: 'unreadable' });
  });

  test('anchors are what they name, and an anchor in itself is refused', () => {
    expect(jsonText(read('a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}'))).toBe('{"a":{"b":1,"c":2},"d":{"b":1,"c":3}}');
    expect(readDocument('x', 'a: &x [*x]').problems.map(problemLine).join()).toMatch(/nested deeper|anchor/);
  });
});
