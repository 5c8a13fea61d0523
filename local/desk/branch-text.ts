import type { BranchReason } from '../../lib/pipeline/branch.ts';
import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import type { Branch } from './branch.ts';

/** Why a model is built in an environment. */
export function reasonText(reason: BranchReason | undefined, reasons: Branch['reasons'], production: string): string {
  switch (reason?.kind) {
    case 'new':
      return `new: ${production} has not published it`;
    case 'changed':
      return 'changed';
    case 'downstream':
      return `reads ${reason.of}, which is ${adjective(reasons.get(reason.of))}`;
    case 'selected':
      return `asked for; it is as in ${production}`;
    case 'there':
      return `built here before; it is as in ${production} now`;
    case undefined:
      return '';
  }
}

function adjective(reason: BranchReason | undefined): string {
  if (reason?.kind === 'new') return 'new';
  if (reason?.kind === 'changed') return 'changed';
  return 'built here too';
}

/** What is built, and why: what is said before a build begins. */
export function planText(name: string, { models, reasons, production }: Branch, all: readonly CompiledModel[]): string {
  const width = Math.max(...models.map((model) => model.name.length));
  const lines = models.map(
    (model) => `  ${model.name.padEnd(width)}  ${reasonText(reasons.get(model.name), reasons, production)}`,
  );
  const first = `${name}: ${models.length} of ${all.length} models are built; what it does not have is read from ${production}`;
  return [first, ...lines].join('\n');
}
