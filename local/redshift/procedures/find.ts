import { typeName } from '../binder/types.ts';
import { relationKey, type SqlFunction } from '../catalog/model.ts';
import { signatureOf } from '../catalog/state.ts';
import type { Workspace } from '../engine/workspace.ts';
import type { Identifier } from '../statements/syntax.ts';
import { RedshiftError, type RedshiftType } from '../types.ts';

/** The procedures of a name, in the first schema of the search path that has one. */
export function proceduresNamed(workspace: Workspace, names: readonly Identifier[]): readonly SqlFunction[] {
  const [name = '', schema] = names.map((part) => workspace.fold(part)).reverse();
  if (schema !== undefined) {
    workspace.requireSchema(schema);
    workspace.rights.requireUsage(schema, workspace.database);
  }
  for (const candidate of schema === undefined ? workspace.searchPath() : [schema]) {
    const found = workspace.transaction.catalog.functions.get(relationKey(candidate, name));
    const procedures = found?.filter((fn) => fn.procedure) ?? [];
    if (procedures.length > 0) return procedures;
  }
  return [];
}

/** The one procedure that a name and its types mean; without types the name must be enough. */
export function requireProcedure(
  workspace: Workspace,
  names: readonly Identifier[],
  types: readonly RedshiftType[] | undefined,
): SqlFunction {
  const named = proceduresNamed(workspace, names);
  const signature = types && signatureOf({ argumentTypes: types });
  const found =
    signature === undefined
      ? named
      : named.filter(
          (fn) => signatureOf(fn) === signature || signatureOf({ argumentTypes: allTypes(fn) }) === signature,
        );
  const name = names.map((part) => workspace.fold(part)).join('.');
  if (found.length > 1) throw new RedshiftError('42725', `procedure name "${name}" is not unique`);
  const [procedure] = found;
  if (procedure) return procedure;
  throw new RedshiftError(
    '42883',
    `procedure ${name}(${types?.map((type) => typeName(type)).join(', ') ?? ''}) does not exist`,
  );
}

/** Statements about a procedure may name its OUT arguments as well. */
const allTypes = (fn: SqlFunction): RedshiftType[] => fn.procedure?.arguments.map(({ type }) => type) ?? [];
