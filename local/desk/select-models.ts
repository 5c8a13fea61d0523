import { MillraceError } from '../../lib/pipeline/error.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { nearest } from '../../lib/pipeline/nearest.ts';

/** The models that selectors mean, in dependency order; all of them where there is none. */
export function selectModels(models: readonly CompiledModel[], selectors: readonly string[]): CompiledModel[] {
  if (selectors.length === 0) return [...models];
  const wanted = new Set(selectors.map((selector) => modelOf(models, selector).name));
  return models.filter(({ name }) => wanted.has(name));
}

function modelOf(models: readonly CompiledModel[], selector: string): CompiledModel {
  const found = models.find(({ name, path }) => name === selector || path === selector);
  if (found) return found;
  const names = models.map(({ name }) => name);
  const meant = nearest(selector, names);
  const mend = meant ? `did you mean ${meant}?` : `there are: ${names.join(', ')}`;
  throw new MillraceError('UNKNOWN_MODEL', `there is no model ${selector}; ${mend}`);
}
