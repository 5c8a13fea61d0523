import type { CompiledModel } from '../../models/model.ts';
import { followsChanges, qualifiedName } from '../../tables.ts';
import { fenceStatements, type Holder } from '../fence.ts';
import { caseSensitivePaths } from '../session.ts';
import { asideOf, changedOf } from './place.ts';

/** Builds the model where nobody looks. */
export function buildStatements(model: CompiledModel, holder: Holder): string[] {
  return [caseSensitivePaths, ...fenceStatements(model, holder), ...dropAsides(model), createAs(model, asideOf(model))];
}

export function createAs(model: CompiledModel, target: { schema: string; name: string }): string {
  // On its own line: the model may end in a comment.
  return model.materialization === 'view'
    ? `CREATE VIEW ${qualifiedName(target)} AS\n${model.sql}\nWITH NO SCHEMA BINDING`
    : `CREATE TABLE ${qualifiedName(target)} AS\n${model.sql}`;
}

export function drop(model: CompiledModel, target: { schema: string; name: string }): string {
  return `DROP ${model.materialization === 'view' ? 'VIEW' : 'TABLE'} IF EXISTS ${qualifiedName(target)}`;
}

export const dropAside = (model: CompiledModel): string => drop(model, asideOf(model));

/** All that a model that is being made has aside. */
export const dropAsides = (model: CompiledModel): string[] => [
  dropAside(model),
  ...(followsChanges(model) ? [`DROP TABLE IF EXISTS ${qualifiedName(changedOf(model))}`] : []),
];
