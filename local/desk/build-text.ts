import type { CompiledModel } from '../../lib/pipeline/models/model.ts';
import { renderTable } from '../commands/rows.ts';
import type { Built } from './build-models.ts';

/** What a step of a model's work is to people. */
export function phaseOf(step: string): string {
  if (/^(check|probe|sample)/.test(step)) return 'checking';
  if (/^(describe|swap|replace|remake|merge|tidy)/.test(step)) return 'publishing';
  return /^(discard|reject|forget)/.test(step) ? 'keeping the old' : 'building';
}

const seconds = (value: number): string => `${value.toFixed(1)} s`;
const count = (rows: number): string => `${rows} ${rows === 1 ? 'row' : 'rows'}`;

/** How the build of a model ended, in a line and those under it that say why. */
export function builtText(built: Built): string {
  const { model } = built;
  switch (built.kind) {
    case 'published':
      return lines(
        `✓ ${model.name} published: ${count(built.rows)} in ${seconds(built.seconds)}`,
        built.warnings.map((one) => `warning: ${one}`),
      );
    case 'checkFailed':
      return lines(`✗ ${model.name} was built, and stays as it was: its checks failed`, [
        ...built.failures,
        ownerOf(model),
      ]);
    case 'failed':
      return lines(`✗ ${model.name} failed, and stays as it was`, [...built.reason.split('\n'), ownerOf(model)]);
    case 'fenced':
      return `- ${model.name} was written by a later build`;
    case 'skipped':
      return `- ${model.name} was not built: ${built.because}, which it is built from, was not`;
  }
}

const ownerOf = ({ owner, path }: CompiledModel): string => `${path}, whose owner is ${owner}`;
const lines = (first: string, others: readonly string[]): string =>
  [first, ...others.map((one) => `    ${one}`)].join('\n');

const outcomes: Record<Built['kind'], string> = {
  published: 'published',
  checkFailed: 'checks failed',
  failed: 'failed',
  fenced: 'a later build',
  skipped: 'not built',
};

/** All models with how they ended. */
export function summaryTable(all: readonly Built[]): string {
  const rows = all.map((built) => [
    built.model.name,
    outcomes[built.kind],
    built.kind === 'published' ? String(built.rows) : '',
    built.kind === 'skipped' ? '' : built.seconds.toFixed(1),
    built.kind === 'published' && built.warnings.length > 0 ? String(built.warnings.length) : '',
  ]);
  return renderTable({ columns: ['model', 'outcome', 'rows', 'seconds', 'warnings'], rows });
}

/** How a build ended, for programs. */
export function builtJson({ model, seconds: took, ...ending }: Built) {
  return { model: model.name, owner: model.owner, seconds: Number(took.toFixed(3)), ...ending };
}

/** Whether what was asked for is there now; what a later build has written is as good. */
export const isBuilt = ({ kind }: Built): boolean => kind === 'published' || kind === 'fenced';
