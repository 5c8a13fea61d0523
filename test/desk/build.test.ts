import { buildModels } from '../../local/desk/build-models.ts';
import { builtText } from '../../local/desk/build-text.ts';
import { checkPublished, isSound } from '../../local/desk/check-published.ts';
import { dryRun } from '../../local/desk/dry-run.ts';
import type { DeskProject } from '../../local/desk/project.ts';
import { Rebuilder } from '../../local/desk/rebuilder.ts';
import { prepareDatabase, surroundingsOf } from '../../local/desk/warehouse.ts';
import { BoxBatches } from '../factories/box-batches.ts';
import { modelText, ProjectFolder } from '../factories/desk-project.ts';

const file = (name: string): string => `sql/models/mart/${name}.sql`;
const source = modelText(
  'SELECT b._key AS id, b.payload.size::INTEGER AS size FROM latest.brackets AS b',
  '-- key: id\n',
);

let box: BoxBatches;
let folder: ProjectFolder;
let generation = 1_000;

const files = () => ({
  [file('sizes')]: source,
  [file('small')]: modelText(
    'SELECT id FROM mart.sizes WHERE size < 8',
    "-- checks:\n--   expression (warn): id > 'x'\n",
  ),
  [file('count')]: modelText('SELECT COUNT(*) AS brackets FROM mart.small'),
  [file('other')]: modelText('SELECT b._key AS id FROM latest.brackets AS b'),
});
let preparedHash: string;

beforeAll(async () => {
  box = await BoxBatches.open();
  const made = new ProjectFolder(files());
  const surroundings = surroundingsOf(await made.project());
  made.remove();
  preparedHash = await prepareDatabase(surroundings, { batches: box }, 'desk-1', undefined);
  for (const [key, size] of [
    ['a', 4],
    ['b', 8],
  ] as const) {
    await box.rows(
      `INSERT INTO latest.brackets VALUES ('${key}', '${key}', 'insert', '1', SYSDATE, JSON_PARSE('{"size":${size}}'), 'load', SYSDATE)`,
    );
  }
});
afterAll(() => box.close());

beforeEach(async () => {
  folder = new ProjectFolder(files());
  for (const sql of ['DROP SCHEMA mart CASCADE', 'CREATE SCHEMA mart', 'DELETE FROM ops.model_runs'])
    await box.rows(sql);
  box.before = () => undefined;
  box.sent.length = 0;
});
afterEach(() => folder.remove());

async function build(project: DeskProject, events = {}) {
  generation += 1;
  const plan = { models: project.models, surroundings: surroundingsOf(project), generation };
  return buildModels(plan, box, events);
}
const kinds = (all: readonly { kind: string; model: { name: string } }[]) =>
  Object.fromEntries(all.map(({ kind, model }) => [model.name, kind]));

describe('a build at the desk', () => {
  test('publishes every model after what it is built from, and says what their checks warn of', async () => {
    const all = await build(await folder.project());
    expect(kinds(all)).toEqual({
      'mart.sizes': 'published',
      'mart.small': 'published',
      'mart.count': 'published',
      'mart.other': 'published',
    });
    expect(await box.rows('SELECT brackets FROM mart.count')).toEqual([['1']]);
    const [small] = all.filter(({ model }) => model.name === 'mart.small');
    expect(small && builtText(small)).toMatch(
      /✓ mart.small published: 1 row in .*\n {4}warning: expression: id > 'x' \(1/,
    );
  });

  test('waits for nothing but what a model is built from', async () => {
    const ended: string[] = [];
    let isOtherDone = (): void => undefined;
    const other = new Promise<void>((resolve) => {
      isOtherDone = resolve;
    });
    // mart.sizes is held back until mart.other has ended: that it ends shows that it waits for nobody.
    box.before = async ({ statementName }) => {
      if (statementName.endsWith('build mart.sizes')) await other;
    };
    await build(await folder.project(), {
      ended: ({ model }: { model: { name: string } }) => {
        ended.push(model.name);
        if (model.name === 'mart.other') isOtherDone();
      },
    });
    expect(ended).toEqual(['mart.other', 'mart.sizes', 'mart.small', 'mart.count']);
  });

  test('leaves alone what is behind a model that fails, and nothing else', async () => {
    await build(await folder.project());
    folder.write(file('small'), modelText('SELECT id, 1 / (size - size) AS one FROM mart.sizes'));
    const all = await build(await folder.project());
    expect(kinds(all)).toEqual({
      'mart.sizes': 'published',
      'mart.small': 'failed',
      'mart.count': 'skipped',
      'mart.other': 'published',
    });
    const said = all.map(builtText).join('\n');
    expect(said).toMatch(/✗ mart.small failed, and stays as it was\n.*division by zero/s);
    expect(said).toContain('mart.count was not built: mart.small');
    expect(await box.rows('SELECT id FROM mart.small')).toEqual([['a']]);
  });

  test('is out of date where a later one has written', async () => {
    const project = await folder.project();
    await build(project);
    generation -= 2;
    expect(kinds(await build(project))).toMatchObject({ 'mart.sizes': 'fenced' });
    generation += 2;
  });

  test('shows the statements it would send, dry, and sends none', async () => {
    const project = await folder.project();
    const [model] = project.models.filter(({ name }) => name === 'mart.small');
    const piece = { kind: 'model' as const, execution: 'desk-9', model: '' };
    const steps = model ? dryRun(model, surroundingsOf(project), piece) : [];
    expect(steps.map(({ step }) => step)).toEqual(['build', 'check', 'swap']);
    expect(steps[0]?.statements.join()).toContain('SELECT id FROM mart.sizes WHERE size < 8');
    expect(box.sent).toEqual([]);
  });
});

describe('checks of what is published', () => {
  test('count and show rows that break them, without what says something about a person', async () => {
    const personal = modelText(
      'SELECT b._key AS id, b.payload.size::INTEGER AS size FROM latest.brackets AS b',
      '-- checks:\n--   expression: size < 8\n--   not_null: size\n',
    );
    folder.write(file('sizes'), source);
    await build(await folder.project());
    folder.write(file('sizes'), personal);
    const { models } = await folder.project();
    const [sizes] = models.filter(({ name }) => name === 'mart.sizes');
    if (!sizes) throw new Error('no mart.sizes');
    const secret = { ...sizes, columns: [{ name: 'id', description: 'Who', personalData: 'personal' as const }] };
    const checked = await checkPublished(secret, box);
    expect(checked).toMatchObject({ kind: 'checked', rows: 2 });
    const failing = checked.kind === 'checked' ? checked.checks.filter(({ failures }) => failures > 0) : [];
    expect(failing).toMatchObject([{ name: 'expression: size < 8', severity: 'error', failures: 1 }]);
    expect(failing[0]?.sample.map((row) => JSON.parse(row))).toEqual([{ id: '***', size: 8 }]);
    expect(isSound(checked)).toBe(false);
  });

  test('of a model that nobody has built say so', async () => {
    const { models } = await folder.project();
    const checked = await checkPublished(models[0] as never, box);
    expect(checked).toMatchObject({ kind: 'unanswered', reason: expect.stringContaining('does not exist') });
    expect(isSound(checked)).toBe(false);
  });
});

describe('what is saved while the pipeline runs', () => {
  let told: string[];
  let deployed: string[][];
  let rebuilder: Rebuilder;

  beforeEach(async () => {
    told = [];
    deployed = [];
    const project = await folder.project();
    await build(project);
    box.sent.length = 0;
    rebuilder = new Rebuilder(project, {
      warehouse: { batches: box, preparedHash: async () => preparedHash },
      load: () => folder.project(),
      deploy: ({ models }) => deployed.push(models.map(({ name }) => name)),
      tell: (text) => told.push(text),
      nowMilliseconds: () => generation + 10,
    });
  });
  const built = () => [...new Set(box.sent.flatMap((name) => / build (mart\.\w+)$/.exec(name)?.[1] ?? []))];

  test('is built with what is built from it, and nothing else is', async () => {
    folder.write(file('small'), modelText('SELECT id FROM mart.sizes WHERE size < 9'));
    await rebuilder.changed();
    expect(built()).toEqual(['mart.small', 'mart.count']);
    expect(told).toEqual([expect.stringMatching(/^mart\.small \(2 rows\) rebuilt in \d+\.\d s, 1 descendant$/)]);
    expect(await box.rows('SELECT brackets FROM mart.count')).toEqual([['2']]);
  });

  test('is given to the functions before it is built', async () => {
    box.before = () => void expect(deployed).toHaveLength(1);
    folder.write(file('new'), modelText('SELECT id FROM mart.sizes'));
    await rebuilder.changed();
    expect(deployed[0]).toContain('mart.new');
    expect(await box.rows('SELECT COUNT(*) FROM mart.new')).toEqual([['2']]);
  });

  test('is not built where it does not compile: the place is told, once, and what mends it is built', async () => {
    folder.write(file('small'), modelText('SELECT idd FROM mart.sizes'));
    await rebuilder.changed();
    await rebuilder.changed();
    expect(told).toEqual([expect.stringMatching(/^sql\/models\/mart\/small\.sql:3:8: .*idd/)]);
    expect([box.sent, deployed]).toEqual([[], []]);
    folder.write(file('small'), modelText('SELECT id FROM mart.sizes'));
    await rebuilder.changed();
    expect(told.slice(1)).toEqual(['sql/ compiles again', expect.stringContaining('mart.small (2 rows) rebuilt')]);
  });

  test('of checks alone builds the one model again, because its readers read the same', async () => {
    folder.write(file('sizes'), source.replace('-- key', '-- checks:\n--   expression: size > 4\n-- key'));
    await rebuilder.changed();
    expect(built()).toEqual(['mart.sizes']);
    expect(told[0]).toMatch(
      /✗ mart.sizes was built, and stays as it was: its checks failed\n {4}expression: size > 4 \(1/,
    );
  });

  test('keeps the table of a model whose file is gone', async () => {
    const text = folder.read(file('other'));
    const { rmSync } = await import('node:fs');
    rmSync(`${folder.directory}/${file('other')}`);
    folder.write(file('another'), text);
    await rebuilder.changed();
    expect(told).toEqual([
      expect.stringContaining('mart.other: its file is gone'),
      expect.stringMatching(/^mart\.another \(2 rows\) rebuilt/),
    ]);
    expect(await box.rows('SELECT COUNT(*) FROM mart.other')).toEqual([['2']]);
  });
});
