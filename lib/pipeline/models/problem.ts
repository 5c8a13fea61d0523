import { MillraceError } from '../error.ts';
import { nearest } from '../nearest.ts';
import { placeOf } from './sql-tokens.ts';

/** A file of the project, as read; its path says what it is, and is in messages. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What is wrong with a file, where. Lines and columns count from 1. */
export interface ModelProblem {
  readonly path: string;
  readonly line: number;
  readonly column?: number;
  readonly message: string;
}

/** The project cannot be compiled; the message has a line for each problem, with file and line. */
export class ModelsError extends MillraceError {
  readonly problems: readonly ModelProblem[];

  constructor(problems: readonly ModelProblem[]) {
    super('BAD_MODELS', problems.map(problemLine).join('\n'));
    this.problems = problems;
  }
}

function problemLine({ path, line, column, message }: ModelProblem): string {
  return `${path}:${line}${column === undefined ? '' : `:${column}`}: ${message}`;
}

/** Says what is wrong in a line of a file. */
export type Report = (line: number, message: string) => void;

/** A problem at an offset of a file's text. */
export function problemAt({ path, text }: SourceFile, offset: number, message: string): ModelProblem {
  return { path, ...placeOf(text, offset), message };
}

/** `there is no check uniqe; did you mean unique?` */
export function unknownWord(what: string, word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return `there is no ${what} ${word}; ${meant ? `did you mean ${meant}?` : `there are: ${known.join(', ')}`}`;
}
