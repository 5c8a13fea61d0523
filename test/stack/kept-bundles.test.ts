import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BundledFile, sourcesFingerprint, writeKeptBundles } from '../../lib/stages/kept-bundles.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bundles-'));
  folders.push(folder);
  return folder;
}

/** A checkout with one source of each kind, and what npm writes down of what it installed. */
function checkout(): string {
  const root = emptyFolder();
  for (const folder of ['lib/pipeline', 'lambdas/register', 'node_modules'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'tsconfig.json'), '{}');
  writeFileSync(join(root, 'lib/pipeline/envelope.ts'), 'export const one = 1;\n');
  writeFileSync(join(root, 'lambdas/register/handler.ts'), 'export const handler = 1;\n');
  writeFileSync(join(root, 'node_modules/.package-lock.json'), '{"packages":{"node_modules/esbuild":"0.1"}}');
  return root;
}

/** A bundler that counts how often it was asked. */
function bundler() {
  const asked = { times: 0 };
  const make = (): BundledFile[] => {
    asked.times += 1;
    const text = `// made ${asked.times}\n`;
    return ['register/index.mjs', 'replay/index.mjs'].map((path) => ({ path, contents: Buffer.from(text) }));
  };
  return { asked, make };
}

/** What a synthesis finds written, by path. */
function written(root: string, keptIn: string, make: () => BundledFile[]): Record<string, string> {
  const into = emptyFolder();
  writeKeptBundles(into, { root, keptIn, make });
  const paths = ['register/index.mjs', 'replay/index.mjs'];
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(into, path), 'utf8')]));
}

describe('bundles that are kept from one synthesis to the next', () => {
  it('are made once for the same sources, wherever the checkout lies', () => {
    const [root, folder, { asked, make }] = [checkout(), emptyFolder(), bundler()];
    const made = written(root, folder, make);
    const elsewhere = emptyFolder();
    cpSync(root, elsewhere, { recursive: true });
    expect(written(root, folder, make)).toEqual(made);
    expect(written(elsewhere, folder, make)).toEqual(made);
    expect(asked.times).toBe(1);
  });

  it.each([
    ['a source of the core', 'lib/pipeline/envelope.ts', 'export const one = 2;\n'],
    ['a handler', 'lambdas/register/handler.ts', 'export const handler = 2;\n'],
    ['a new file', 'lambdas/register/more.ts', ''],
    ['how TypeScript is read', 'tsconfig.json', '{"compilerOptions":{}}'],
    ['what npm has installed', 'node_modules/.package-lock.json', '{"packages":{"node_modules/esbuild":"0.2"}}'],
  ])('are made again when there is another state of %s', (_, path, text) => {
    const [root, folder, { make }] = [checkout(), emptyFolder(), bundler()];
    written(root, folder, make);
    writeFileSync(join(root, path), text);
    expect(written(root, folder, make)).toMatchObject({ 'register/index.mjs': '// made 2\n' });
  });

  it('are not kept where nothing says what is installed, nor where nothing can be written', () => {
    const [root, { asked, make }] = [checkout(), bundler()];
    const file = join(emptyFolder(), 'a-file');
    writeFileSync(file, '');
    written(root, join(file, 'below'), make);
    rmSync(join(root, 'node_modules/.package-lock.json'));
    expect(sourcesFingerprint(root)).toBeUndefined();
    const folder = emptyFolder();
    written(root, folder, make);
    expect(asked.times).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are kept of the last three states', () => {
    const [root, folder, { make }] = [checkout(), emptyFolder(), bundler()];
    for (const state of [1, 2, 3, 4, 5]) {
      writeFileSync(join(root, 'lib/pipeline/envelope.ts'), `export const one = ${state};\n`);
      written(root, folder, make);
    }
    expect(readdirSync(folder)).toHaveLength(3);
    expect(existsSync(join(folder, sourcesFingerprint(root) as string))).toBe(true);
  });
});
