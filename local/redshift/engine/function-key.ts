import type { SqlFunction } from '../catalog/model.ts';
import { signatureOf } from '../catalog/state.ts';

/** How grants name a function among those of the same name. */
export const functionKey = (fn: Pick<SqlFunction, 'name' | 'argumentTypes'>): string =>
  `${fn.name}(${signatureOf(fn).replaceAll(',', ', ')})`;
