import { readDigits, rescale } from './numbers.ts';

const LETTERS: readonly (readonly [number, string])[] = [
  [1000, 'M'],
  [900, 'CM'],
  [500, 'D'],
  [400, 'CD'],
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
];

/** TO_CHAR pads numerals to the longest there is: MMMDCCCLXXXVIII. */
export const ROMAN_WIDTH = 15;

/** A number rounded to a whole one, in Roman numerals; those have 1 to 3999 only, and the rest is `#`. */
export function roman(text: string): string {
  const digits = readDigits(text);
  let rest = digits ? Number(rescale({ units: digits.units * 2n, scale: digits.scale }, 0) + 1n) >> 1 : 0;
  if (rest < 1 || rest > 3999) return '#'.repeat(ROMAN_WIDTH);
  let out = '';
  for (const [value, letters] of LETTERS) {
    while (rest >= value) {
      out += letters;
      rest -= value;
    }
  }
  return out;
}

/** The number that Roman numerals at a text's beginning say, and how many letters that takes. */
export function readRoman(text: string): { value: number; length: number } {
  const letters = /^[MDCLXVI]+/i.exec(text)?.[0].toUpperCase() ?? '';
  const values: Readonly<Record<string, number>> = { M: 1000, D: 500, C: 100, L: 50, X: 10, V: 5, I: 1 };
  const numbers = [...letters].map((letter) => values[letter] as number);
  const value = numbers.reduce((sum, number, i) => sum + (number < (numbers[i + 1] ?? 0) ? -number : number), 0);
  return { value, length: letters.length };
}
