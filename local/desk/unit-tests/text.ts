import { renderTable } from '../../commands/rows.ts';
import type { RowDifference } from './compare.ts';
import { jsonText, problemLine, type Written } from './document.ts';
import type { CaseResult } from './run.ts';
import type { Answered } from './test-box.ts';

const marks = { passed: '✓', bad: '✗', differs: '✗', error: '✗' } as const;

/** A case in one line, and under it why it did not pass. */
export function resultText(result: CaseResult): string {
  const line = `  ${marks[result.kind]} ${result.case.name}`;
  if (result.kind === 'passed') return line;
  const { path, place } = result.case;
  return [`${line}   ${path}:${place.line}`, ...indented(whyText(result), '    ')].join('\n');
}

function whyText(result: Exclude<CaseResult, { kind: 'passed' }>): string {
  if (result.kind === 'bad') return result.problems.map(problemLine).join('\n');
  if (result.kind === 'error') return `${result.place ? `${result.place}: ` : ''}${result.message}`;
  return differenceText(result.comparison, result.answer);
}

const indented = (text: string, by: string): string[] => text.split('\n').map((line) => `${by}${line}`);

const shownDifferences = 10;

/** Expected and actual rows above one another; `≠` marks where they differ. */
export function differenceText(
  { agreeing, differences }: { readonly agreeing: number; readonly differences: readonly RowDifference[] },
  { columns, rows }: Answered,
): string {
  const named = new Set(differences.flatMap(({ expected }) => expected?.members.map(({ name }) => name) ?? []));
  const shown = columns.map(({ name }) => name).filter((name) => named.size === 0 || named.has(name));
  const lines = differences.slice(0, shownDifferences).flatMap((difference) => linesOf(difference, shown, columns));
  const left = differences.length - shownDifferences;
  const more = left > 0 ? `\n  and ${left} more rows that differ` : '';
  const counts = `${rows.length} rows came; as expected: ${agreeing}, otherwise: ${differences.length}`;
  return `${counts}\n${renderTable({ columns: ['', ...shown], rows: lines })}${more}`;
}

function linesOf(
  { expected, actual, columns: differing }: RowDifference,
  shown: readonly string[],
  columns: Answered['columns'],
): string[][] {
  const wanted = shown.map((name) => textOf(expected?.members.find((member) => member.name === name)?.value));
  const got = shown.map((name) => actual?.[columns.findIndex((column) => column.name === name)] ?? 'null');
  if (!actual) return [['missing', ...wanted]];
  if (!expected) return [['not expected', ...got]];
  const pairs = shown.map((name, index) =>
    differing.includes(name) ? apart(wanted[index] ?? '', got[index] ?? '') : [wanted[index] ?? '', got[index] ?? ''],
  );
  return [
    ['expected', ...pairs.map(([one = '']) => one)],
    ['actual', ...pairs.map(([, other = '']) => other)],
  ];
}

/** What a case says nothing of is empty. */
function textOf(value: Written | undefined): string {
  if (!value) return '';
  return 'text' in value ? value.text : jsonText(value);
}

const cellCharacters = 36;

/** Two texts that differ, cut so that the difference is seen, the second marked. */
function apart(one: string, other: string): [string, string] {
  let same = 0;
  while (same < one.length && one[same] === other[same]) same += 1;
  const start = one.length > cellCharacters || other.length > cellCharacters ? Math.max(0, same - 12) : 0;
  const cut = (text: string) => `${start > 0 ? '…' : ''}${text.slice(start)}`;
  return [cut(one), `≠ ${cut(other)}`];
}

/** What came of all cases, in one line. */
export function summaryLine(results: readonly CaseResult[], untested: number, seconds: number): string {
  const passed = results.filter(({ kind }) => kind === 'passed').length;
  const models = new Set(results.map(({ model }) => model.name)).size;
  const cases = `${results.length} cases of ${models} models in ${seconds.toFixed(1)} s`;
  const none = untested > 0 ? `; models without a case: ${untested}` : '';
  return `${cases}: ${passed} passed, ${results.length - passed} failed${none}`;
}

/** A result for programs. */
export function resultJson(result: CaseResult) {
  const { path, place, name } = result.case;
  const about = { model: result.model.name, case: name, path, line: place.line, outcome: result.kind };
  return result.kind === 'passed' ? about : { ...about, reason: whyText(result) };
}
