import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { readsOf, select } from '../../lib/pipeline/models/selection.ts';
import { checkName } from '../../lib/pipeline/statements/model/check-name.ts';
import { loadProject } from '../../lib/project.ts';
import { loadConfig } from '../load-config.ts';
import { renderTable } from './rows.ts';

export interface LsOptions {
  readonly exclude?: readonly string[];
  readonly json?: boolean;
}

/** `millrace ls`: the models that are meant, in the order in which they are built, from the files alone. */
export async function ls(selectors: readonly string[], { exclude = [], json = false }: LsOptions): Promise<void> {
  const { models } = await loadProject(await loadConfig(process.cwd()), process.cwd());
  const chosen = select(models, selectors, exclude);
  process.stdout.write(`${json ? JSON.stringify(chosen.map(modelJson), null, 2) : modelsTable(chosen)}\n`);
}

const headings = ['model', 'kind', 'owner', 'lane', 'columns', 'checks', 'reads'];

function modelsTable(models: readonly CompiledModel[]): string {
  if (models.length === 0) return 'No model is left.';
  const rows = models.map((model) => {
    const { name, materialization, owner, lane, output, checks } = model;
    return [
      name,
      materialization,
      owner,
      lane,
      String(output.length),
      String(checks.length),
      readsOf(model).join(', '),
    ];
  });
  return renderTable({ columns: headings, rows });
}

function modelJson(model: CompiledModel): object {
  const { name, path, materialization, key, owner, lane, description, output, columns, checks } = model;
  const notes = new Map(columns.map(({ name: column, ...note }) => [column, note]));
  return {
    ...{ name, path, materialization, key, owner, lane, description },
    reads: readsOf(model),
    columns: output.map((column) => ({ ...notes.get(column.name), ...column })),
    checks: checks.map((check) => ({ name: checkName(check), severity: check.severity })),
  };
}
