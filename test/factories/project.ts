import { boxAnalyst } from '../../lib/analyst.ts';
import type { DatasetPlan } from '../../lib/pipeline/environment.ts';
import {
  type CompiledProject,
  type CompileOptions,
  compileProject,
  ModelsError,
  type ProjectFiles,
  type SourceFile,
} from '../../lib/pipeline/models/compile.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { datasets } from './pipeline.ts';

/** The least that a header says: two lines. */
export const aHeader = '-- owner: me\n-- description: one\n';

/** `sql/models/mart/<name>.sql`, or the schema's that the name begins with. */
export function aModelFile(name: string, sql: string, header = ''): SourceFile {
  const path = name.includes('.') ? name.replace('.', '/') : `mart/${name}`;
  return { path: `sql/models/${path}.sql`, text: aHeader + header + sql };
}

export const aCheckFile = (name: string, sql: string, header = ''): SourceFile => ({
  path: `sql/checks/${name}.sql`,
  text: aHeader + header + sql,
});

export const aFunctionFile = (name: string, statement: string): SourceFile => ({
  path: `sql/functions/${name}.sql`,
  text: aHeader + statement,
});

/** Models alone, compiled; of columns and types nothing is known without an analyst. */
export const compileModels = (
  models: readonly SourceFile[],
  plans: readonly DatasetPlan[],
  options?: CompileOptions,
): CompiledModel[] => compileProject({ models }, plans, options).models;

/** A project, compiled and analysed. */
export const analysed = (files: ProjectFiles): CompiledProject =>
  compileProject(files, datasets, { analyst: boxAnalyst() });

/** Every problem, a line each, without the folder. */
export function problemsOf(files: ProjectFiles, compile: (files: ProjectFiles) => unknown = analysed): string[] {
  try {
    compile(files);
    return [];
  } catch (error) {
    if (error instanceof ModelsError) return error.message.split('\n').map((line) => line.replace('sql/models/', ''));
    throw error;
  }
}

/** The same, of what can be said without an analyst. */
export const problemsUnanalysed = (files: ProjectFiles): string[] =>
  problemsOf(files, (all) => compileProject(all, datasets));
