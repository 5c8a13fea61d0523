import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions } from '../../lib/stages/function-code.ts';

const repository = join(import.meta.dirname, '..', '..');
const texts = {
  datasets: '[{"name":"brackets"}]',
  lanes: '["main"]',
  models: '[{"name":"mart.daily_kpi"}]',
  functions: '[]',
  lineage: '{}',
  sources: '{}',
  catalogClient: '{}',
};
let here: string;
let there: string;

/** Everything in a folder, by path. */
function contentsOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
  return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

beforeAll(() => {
  here = mkdtempSync(join(tmpdir(), 'millrace-here-'));
  there = mkdtempSync(join(tmpdir(), 'millrace-there-'));
  bundleFunctions({ into: join(here, 'functions'), texts });
  const checkout = join(there, 'a-checkout');
  for (const folder of ['lib', 'lambdas'])
    cpSync(join(repository, folder), join(checkout, folder), { recursive: true });
  symlinkSync(join(repository, 'node_modules'), join(checkout, 'node_modules'));
  bundleFunctions({ into: join(there, 'somewhere', 'else'), texts, root: checkout });
});
afterAll(() => {
  for (const folder of [here, there]) rmSync(folder, { recursive: true, force: true });
});

describe('the code of the functions', () => {
  it('is a folder each, with a source map, and with the datasets and models where they are needed', () => {
    const files = [...contentsOf(join(here, 'functions')).keys()];
    expect(files.filter((path) => path.endsWith('index.mjs')).map((path) => path.split('/')[0])).toEqual([
      'catalog',
      'extract',
      'fill-begin',
      'fill-close',
      'fill-convert',
      'fill-list',
      'ingest-dynamodb',
      'ingest-kinesis',
      'mend',
      'reconcile-compare',
      'reconcile-count',
      'reconcile-report',
      'refresh-advance',
      'refresh-lease',
      'refresh-next',
      'refresh-plan',
      'refresh-settle',
      'register',
      'reload-close',
      'reload-note',
      'reload-open',
      'reload-page',
      'repair-end',
      'repair-step',
      'replay',
    ]);
    for (const path of files.filter((one) => one.endsWith('index.mjs'))) expect(files).toContain(`${path}.map`);
    expect(files.filter((path) => path.endsWith('models.json'))).toHaveLength(6);
    expect(files.filter((path) => path.endsWith('functions.json'))).toHaveLength(5);
    expect(files.filter((path) => path.endsWith('datasets.json'))).toHaveLength(8);
    expect(files.filter((path) => path.endsWith('lanes.json'))).toEqual(['register/lanes.json']);
  });

  it('is the same, byte for byte, wherever the checkout and the folder lie, so that only changes are deployed', () => {
    const [ours, theirs] = [contentsOf(join(here, 'functions')), contentsOf(join(there, 'somewhere', 'else'))];
    expect([...ours.keys()]).toEqual([...theirs.keys()]);
    const different = [...ours].filter(([path, text]) => theirs.get(path) !== text).map(([path]) => path);
    expect(different).toEqual([]);
  });

  it('names no place of the machine it was made on, and carries no sources', () => {
    for (const [path, text] of contentsOf(join(here, 'functions'))) {
      for (const place of [repository, here])
        expect({ path, names: text.includes(place) }).toEqual({ path, names: false });
      if (!path.endsWith('.map')) continue;
      const { sources, sourcesContent } = JSON.parse(text) as { sources: string[]; sourcesContent?: unknown };
      expect(sourcesContent).toBeUndefined();
      expect(sources.filter((source) => source.startsWith('/') || /(?:^|\/)local\//.test(source))).toEqual([]);
    }
  });
});
