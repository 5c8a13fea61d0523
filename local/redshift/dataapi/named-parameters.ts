import { tokenize } from '../statements/tokens.ts';
import type { SqlParameter } from './statement-record.ts';

/** A statement with `:name` rewritten to `$1`, `$2` …, and the values in that order. */
export interface PositionalStatement {
  readonly text: string;
  readonly values: readonly string[];
  readonly usedNames: ReadonlySet<string>;
  readonly missingNames: readonly string[];
}

/** Finds `:name` outside strings, names and comments; `::` is a cast. Names are case-sensitive. */
export function positionalStatement(text: string, parameters: readonly SqlParameter[]): PositionalStatement {
  const valueByName = new Map(parameters.map((parameter) => [parameter.name, parameter.value]));
  const names: string[] = [];
  const missingNames: string[] = [];
  let rewritten = '';
  let copied = 0;
  for (const { name, start, end } of markersIn(text)) {
    if (!valueByName.has(name)) {
      missingNames.push(name);
      continue;
    }
    if (!names.includes(name)) names.push(name);
    rewritten += `${text.slice(copied, start)}$${names.indexOf(name) + 1}`;
    copied = end;
  }
  return {
    text: rewritten + text.slice(copied),
    values: names.map((name) => valueByName.get(name) ?? ''),
    usedNames: new Set(names),
    missingNames,
  };
}

function markersIn(text: string): { name: string; start: number; end: number }[] {
  const tokens = tokenize(text);
  return tokens.flatMap((token, index) => {
    const next = tokens[index + 1];
    if (token.kind !== 'symbol' || token.text !== ':' || next?.kind !== 'word' || next.start !== token.end) return [];
    return [{ name: text.slice(next.start, next.end), start: token.start, end: next.end }];
  });
}

/** True when text holds more than one statement: the Data API takes one at a time. */
export function holdsSeveralStatements(text: string): boolean {
  const tokens = tokenize(text);
  const first = tokens.findIndex((token) => token.kind === 'symbol' && token.text === ';');
  return first >= 0 && tokens.slice(first).some((token) => token.kind !== 'end' && token.text !== ';');
}
