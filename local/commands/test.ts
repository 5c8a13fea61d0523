import { MillraceError } from '../../lib/pipeline/error.ts';
import { select } from '../../lib/pipeline/models/selection.ts';
import { readProject } from '../desk/project.ts';
import { problemLine } from '../desk/unit-tests/document.ts';
import { caseFiles, findCases } from '../desk/unit-tests/files.ts';
import { type CaseResult, runCases } from '../desk/unit-tests/run.ts';
import { resultJson, resultText, summaryLine } from '../desk/unit-tests/text.ts';
import { loadConfig } from '../load-config.ts';

export interface TestOptions {
  readonly exclude?: readonly string[];
  readonly json?: boolean;
}

/** `millrace test`: runs the cases beside the models, in a warehouse in memory. */
export async function test(
  selectors: readonly string[],
  options: TestOptions,
  directory = process.cwd(),
): Promise<void> {
  const since = performance.now();
  const project = await readProject(await loadConfig(directory), directory);
  const selected = select(project.models, selectors, options.exclude);
  const found = findCases(caseFiles(directory), project.models, selected);
  if (found.cases.length === 0 && found.problems.length === 0) throw nothingToTest(selectors);
  let heading = '';
  const tell = (result: CaseResult): void => {
    if (options.json) return;
    if (result.model.name !== heading) process.stdout.write(`${result.model.name}\n`);
    heading = result.model.name;
    process.stdout.write(`${resultText(result)}\n`);
  };
  const results = await runCases(project, found.cases, tell);
  const problems = found.problems.map(problemLine);
  if (options.json) process.stdout.write(`${JSON.stringify({ cases: results.map(resultJson), problems }, null, 2)}\n`);
  else {
    const seconds = (performance.now() - since) / 1000;
    for (const line of problems) process.stdout.write(`${line}\n`);
    process.stdout.write(`\n${summaryLine(results, found.untested.length, seconds)}\n`);
  }
  if (problems.length > 0 || results.some(({ kind }) => kind !== 'passed')) process.exitCode = 1;
}

function nothingToTest(selectors: readonly string[]): MillraceError {
  const what = selectors.length > 0 ? selectors.join(', ') : 'any model';
  const message = `there is no case of ${what}: write one beside the model, sql/models/<schema>/<name>.test.yaml`;
  return new MillraceError('NO_CASES', message);
}
