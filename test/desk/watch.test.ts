import fs from 'node:fs';
import path from 'node:path';
import { type FolderWatch, watchTexts } from '../../local/desk/watch.ts';
import { ProjectFolder } from '../factories/desk-project.ts';

/** A watched folder; `next` resolves when the next change has been told. */
function watching(folder: ProjectFolder) {
  let changed = (): void => undefined;
  let count = 0;
  const troubles: Error[] = [];
  const watch: FolderWatch = watchTexts(
    folder.directory,
    async () => {
      count += 1;
      changed();
    },
    (error) => troubles.push(error),
  );
  const next = (act: () => void) =>
    new Promise<void>((resolve) => {
      changed = resolve;
      act();
    });
  return { watch, next, troubles, told: () => count };
}

test('what is saved, by whatever way editors save, is told', async () => {
  const folder = new ProjectFolder({ 'models/mart/a.sql': 'select 1' });
  const { watch, next, troubles } = watching(folder);
  const at = (name: string) => path.join(folder.directory, name);
  try {
    await next(() => folder.write('models/mart/a.sql', 'select 2'));
    await next(() => {
      folder.write('models/mart/a.sql~', 'select 3');
      fs.renameSync(at('models/mart/a.sql~'), at('models/mart/a.sql'));
    });
    await next(() => folder.write('models/new/deep.sql', 'select 4'));
    await next(() => folder.write('models/new/deep.sql', 'select 5'));
    await next(() => fs.renameSync(at('models/new/deep.sql'), at('models/mart/deep.sql')));
    await next(() => fs.rmSync(at('models/mart/deep.sql')));
    await next(() => {
      fs.rmSync(at('models/mart'), { recursive: true });
      folder.write('models/mart/a.sql', 'select 6');
    });
    expect(troubles).toEqual([]);
  } finally {
    await watch.close();
    folder.remove();
  }
});

test('a save that changes nothing, and files that are no SQL, are not told', async () => {
  const folder = new ProjectFolder({ 'a.sql': 'select 1' });
  const { watch, next, told } = watching(folder);
  folder.write('a.sql', 'select 1');
  folder.write('.a.sql.swp', 'x');
  await next(() => folder.write('b.sql', 'select 2'));
  await watch.close();
  folder.remove();
  expect(told()).toBe(1);
});
