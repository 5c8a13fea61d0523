import { numberFormat } from './number-patterns.ts';
import { type Digits, printDigits, readDigits } from './numbers.ts';
import type { RuntimeFunction } from './runtime.ts';

const invalid = (text: string, format: string): Error =>
  new Error(`[22P02] invalid input syntax for type numeric: "${text}" does not have the format "${format}"`);

/** TO_NUMBER: takes a text's digits by the places of a format. What the format leaves over is an error, never dropped. */
function parseNumber(text: string, given: string): string {
  const format = numberFormat(given);
  const reader = new NumberReader(text, format.hasPoint);
  for (const element of format.elements) {
    if (element.kind === 'digit' || element.kind === 'zero' || element.kind === 'point') reader.place();
    else if (element.kind === 'group') reader.skip(',');
    else if (element.kind === 'currency') reader.skip('$');
    else if (element.kind === 'text') for (const character of element.text) reader.skip(character);
    else if (element.kind === 'roman' || element.kind === 'ordinal')
      throw new Error('[0A000] "RN" and "TH" are not supported for input');
    else reader.sign();
  }
  reader.sign();
  const number = reader.end(format.brackets);
  if (number === undefined) throw invalid(text, given);
  const { units, scale } = readDigits(number) as Digits;
  return printDigits(units, scale + format.shift);
}

class NumberReader {
  private readonly text: string;
  private readonly takesPoint: boolean;
  private at = 0;
  private digits = '';
  private negative = false;
  private signed = false;
  private pointed = false;

  constructor(text: string, takesPoint: boolean) {
    this.text = text;
    this.takesPoint = takesPoint;
  }

  private blanks(): void {
    while (this.text[this.at] === ' ') this.at += 1;
  }

  sign(): void {
    this.blanks();
    const mark = this.text[this.at];
    if (this.signed || mark === undefined || !'+-<'.includes(mark)) return;
    this.signed = true;
    this.negative = mark !== '+';
    this.at += 1;
  }

  skip(character: string): void {
    if (character !== ' ') this.blanks();
    if (this.text[this.at] === character) this.at += 1;
  }

  /** One place of the format: a digit, or the point where the text has it. */
  place(): void {
    if (this.digits === '') this.sign();
    const character = this.text[this.at] ?? '';
    if (/^\d$/.test(character)) {
      this.digits += character;
      this.at += 1;
    } else if (character === '.' && this.takesPoint && !this.pointed) {
      this.digits += '.';
      this.pointed = true;
      this.at += 1;
    }
  }

  /** The number, unless there is none or something is left. */
  end(brackets: boolean): string | undefined {
    if (brackets) this.skip('>');
    this.blanks();
    if (this.at < this.text.length || !/\d/.test(this.digits)) return undefined;
    return `${this.negative ? '-' : ''}${this.digits}`;
  }
}

export const PARSE_NUMBER_RUNTIME: readonly RuntimeFunction[] = [
  {
    name: 'mr_to_number',
    parameters: 2,
    body: (text, format) => (text == null || format == null ? null : parseNumber(text, format)),
  },
];
