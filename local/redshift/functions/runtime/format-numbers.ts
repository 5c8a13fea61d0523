import { type NumberElement, type NumberFormat, numberFormat } from './number-patterns.ts';
import { power, printDigits, readDigits } from './numbers.ts';
import { ROMAN_WIDTH, roman } from './roman.ts';
import type { RuntimeFunction } from './runtime.ts';

/** A number rounded (half away from zero) to a format's places, as digits and a sign. */
function roundedTo(text: string, format: NumberFormat): { whole: string; fraction: string; negative: boolean } {
  const digits = readDigits(text);
  if (!digits) throw new Error(`[22P02] invalid number ${text}`);
  const units = digits.units * power(format.shift);
  const drop = digits.scale - format.fraction;
  const half = drop > 0 ? power(drop) / 2n : 0n;
  const kept = drop > 0 ? (units < 0n ? units - half : units + half) / power(drop) : units * power(-drop);
  const [whole = '', fraction = ''] = printDigits(kept < 0n ? -kept : kept, format.fraction).split('.');
  return { whole, fraction, negative: kept < 0n };
}

/** TO_CHAR of a number, element by element. */
function formatNumber(text: string, given: string): string {
  const format = numberFormat(given);
  const numeral = format.elements.find((element) => element.kind === 'roman');
  if (numeral?.kind === 'roman') {
    const out = roman(text);
    const cased = numeral.upper ? out : out.toLowerCase();
    return format.fill ? cased : cased.padStart(ROMAN_WIDTH);
  }
  return new NumberWriter(text, format).write();
}

/** Puts a number's digits into the places of a format. */
class NumberWriter {
  private readonly format: NumberFormat;
  private readonly negative: boolean;
  private readonly whole: string;
  private readonly fraction: string;
  private readonly blanks: number;
  /** Places of the fraction that are shown: FM drops zeros at the end that no `0` asks for. */
  private readonly shownFraction: number;
  private out = '';
  private place = 0;
  private started = false;
  private signed: boolean;

  constructor(text: string, format: NumberFormat) {
    this.format = format;
    const rounded = roundedTo(text, format);
    const width = format.whole + format.shift;
    const isOverflow = rounded.whole.length > width && !(width === 0 && rounded.whole === '0');
    this.negative = rounded.negative;
    this.whole = isOverflow ? '#'.repeat(width) : width === 0 ? '' : rounded.whole;
    this.fraction = isOverflow ? '#'.repeat(format.fraction) : rounded.fraction;
    this.blanks = width - this.whole.length;
    const significant = this.fraction.replace(/0+$/, '').length;
    const asked = Math.max(0, format.zeroEnd - width);
    this.shownFraction = format.fill ? Math.max(significant, asked) : format.fraction;
    const own = format.hasMinus && format.hasPlus;
    const needless = !this.negative && (format.fill || format.hasMinus) && format.anchored === undefined;
    this.signed = own || (this.negative && format.hasMinus) || needless || (!this.negative && format.hasPlus);
  }

  write(): string {
    for (const element of this.format.elements) this.writeElement(element);
    const { anchored, brackets, fill } = this.format;
    if (anchored === 'back') this.insertBehindNumber(this.negative ? '-' : '+');
    else if (brackets && !(fill && !this.negative)) this.insertBehindNumber(this.negative ? '>' : ' ');
    return this.out;
  }

  private numberEnd = 0;

  private insertBehindNumber(mark: string): void {
    this.out = this.out.slice(0, this.numberEnd) + mark + this.out.slice(this.numberEnd);
  }

  private writeElement(element: NumberElement): void {
    const { fill } = this.format;
    switch (element.kind) {
      case 'digit':
      case 'zero':
      case 'point':
        this.writePlace(element.kind);
        this.numberEnd = this.out.length;
        break;
      case 'group':
        this.out += this.started ? ',' : fill ? '' : ' ';
        break;
      case 'currency':
        this.out += '$';
        break;
      case 'minus':
        this.out += this.negative ? '-' : fill ? '' : ' ';
        break;
      case 'plus':
        this.out += this.negative ? (fill ? '' : ' ') : '+';
        break;
      case 'sign':
        this.out += this.negative ? '-' : '+';
        break;
      case 'ordinal':
        this.out += this.ordinal(element.upper);
        break;
      case 'text':
        this.out += element.text;
        break;
    }
  }

  private writePlace(kind: 'digit' | 'zero' | 'point'): void {
    const { format } = this;
    const width = format.whole + format.shift;
    const hidden = this.whole === '0' && format.zeroFrom === undefined && format.fraction > 0 && format.hasPoint;
    if (kind === 'point') {
      this.writeSign();
      this.out += '.';
    } else if (this.place >= width) {
      this.writeSign();
      const at = this.place - width;
      if (at < this.shownFraction) this.out += this.fraction[at] ?? '';
      this.place += 1;
    } else {
      this.writeWholePlace(hidden);
      this.place += 1;
    }
  }

  private writeWholePlace(hidden: boolean): void {
    const { fill, zeroFrom } = this.format;
    const isZeroed = zeroFrom !== undefined && this.place >= zeroFrom;
    if (this.place < this.blanks && !isZeroed) {
      this.out += fill ? '' : ' ';
    } else if (hidden && !(fill && this.shownFraction === 0)) {
      this.out += fill ? '' : ' ';
    } else {
      this.writeSign();
      this.out += this.place < this.blanks ? '0' : this.whole[this.place - this.blanks];
      this.started = true;
    }
  }

  /** The sign stands right before the first digit or the point. */
  private writeSign(): void {
    const { anchored, brackets, fill } = this.format;
    if (this.signed || anchored === 'back') return;
    this.signed = true;
    if (anchored === 'front') this.out += this.negative ? '-' : '+';
    else if (this.negative) this.out += brackets ? '<' : '-';
    else if (!fill) this.out += ' ';
  }

  /** Neither fractions nor negative numbers have one. */
  private ordinal(upper: boolean): string {
    if (this.negative || this.format.hasPoint || this.whole.includes('#')) return '';
    const suffix = ordinalSuffix(Number(this.whole.slice(-2)));
    return upper ? suffix.toUpperCase() : suffix;
  }
}

/** `st`, `nd`, `rd` or `th` for a whole number. */
export function ordinalSuffix(number: number): string {
  if (Math.floor((number % 100) / 10) === 1) return 'th';
  return ['th', 'st', 'nd', 'rd'][number % 10] ?? 'th';
}

export const FORMAT_NUMBER_RUNTIME: readonly RuntimeFunction[] = [
  {
    name: 'mr_to_char_number',
    parameters: 2,
    body: (text, format) => (text == null || format == null ? null : formatNumber(text, format)),
  },
];
