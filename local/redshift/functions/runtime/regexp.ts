import type { RuntimeFunction } from './runtime.ts';

type Scalar = string | null;
const cache = new Map<string, RegExp>();

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  punct: '!-\\/:-@\\[-`{-~',
  blank: ' \\t',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
  cntrl: '\\x00-\\x1f',
  print: '\\x20-\\x7e',
  graph: '\\x21-\\x7e',
};

/** A POSIX or Perl pattern as JavaScript reads it. */
export function compilePattern(pattern: string, options: string): RegExp {
  const key = `${options}\u0000${pattern}`;
  let compiled = cache.get(key);
  if (!compiled) {
    const source = pattern.replace(/\[:(\w+):\]/g, (match, name: string) => CLASSES[name] ?? match);
    try {
      compiled = new RegExp(
        source,
        `g${options.includes('i') ? 'i' : ''}${options.includes('s') ? 's' : ''}${options.includes('m') ? 'm' : ''}`,
      );
    } catch (error) {
      throw new Error(`[2201B] invalid regular expression: ${(error as Error).message}`);
    }
    if (cache.size > 500) cache.clear();
    cache.set(key, compiled);
  }
  compiled.lastIndex = 0;
  return compiled;
}

function matches(text: string, pattern: string, options: string, from: number): RegExpExecArray[] {
  const compiled = compilePattern(pattern, options);
  const found: RegExpExecArray[] = [];
  compiled.lastIndex = Math.max(0, from - 1);
  for (let match = compiled.exec(text); match; match = compiled.exec(text)) {
    found.push(match);
    if (match[0] === '') compiled.lastIndex += 1;
  }
  return found;
}

const strict =
  (body: (...args: string[]) => Scalar): ((...args: Scalar[]) => Scalar) =>
  (...args) =>
    args.some((arg) => arg === null) ? null : body(...(args as string[]));

function substring(text: string, pattern: string, from: string, occurrence: string, options: string): string {
  const match = matches(text, pattern, options, Number(from))[Number(occurrence) - 1];
  if (!match) return '';
  return options.includes('e') ? (match[1] ?? match[0]) : match[0];
}

function position(
  text: string,
  pattern: string,
  from: string,
  occurrence: string,
  option: string,
  options: string,
): string {
  const match = matches(text, pattern, options, Number(from))[Number(occurrence) - 1];
  if (!match) return '0';
  return String(match.index + 1 + (option === '1' ? match[0].length : 0));
}

/** `$1` and `\\1` in the replacement stand for groups. */
function replace(text: string, pattern: string, replacement: string, from: string, options: string): string {
  const start = Math.max(0, Number(from) - 1);
  const compiled = compilePattern(pattern, options);
  const head = text.slice(0, start);
  return (
    head +
    text.slice(start).replace(compiled, (...parts: unknown[]) => {
      const groups = parts.slice(
        0,
        parts.findIndex((part) => typeof part === 'number'),
      ) as (string | undefined)[];
      return replacement.replace(/(?:\\|\$)(\d)/g, (_match, digit: string) => groups[Number(digit)] ?? '');
    })
  );
}

const PATTERN_FUNCTIONS: readonly RuntimeFunction[] = [
  {
    name: 'mr_regexp_match',
    parameters: 3,
    body: strict((text, pattern, options) =>
      String(compilePattern(pattern as string, options as string).test(text as string)),
    ),
  },
  {
    name: 'mr_regexp_count',
    parameters: 4,
    body: strict((text, pattern, from, options) =>
      String(matches(text as string, pattern as string, options as string, Number(from)).length),
    ),
  },
  { name: 'mr_regexp_substr', parameters: 5, body: strict(substring as (...args: string[]) => string) },
  { name: 'mr_regexp_instr', parameters: 6, body: strict(position as (...args: string[]) => string) },
  { name: 'mr_regexp_replace', parameters: 5, body: strict(replace as (...args: string[]) => string) },
];

/** Some patterns go back over a text again and again: `(a+)+$`. */
export const REGEXP_RUNTIME: readonly RuntimeFunction[] = PATTERN_FUNCTIONS.map((runtime) => ({
  ...runtime,
  mayTakeForever: true,
}));
