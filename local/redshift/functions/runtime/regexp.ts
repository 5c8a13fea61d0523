import { PatternError, toJavaScriptSource } from './pattern-syntax.ts';
import type { RuntimeFunction } from './runtime.ts';

type Scalar = string | null;
const cache = new Map<string, RegExp>();

/** `c` and `i` say whether case counts, `e` asks for the first group, `p` for Perl's dialect; the box's own `m` only asks whether there is a match. */
export function compilePattern(pattern: string, options: string): RegExp {
  const key = `${options}\u0000${pattern}`;
  let compiled = cache.get(key);
  if (!compiled) {
    compiled = compile(pattern, options);
    if (cache.size > 500) cache.clear();
    cache.set(key, compiled);
  }
  compiled.lastIndex = 0;
  return compiled;
}

function compile(pattern: string, options: string): RegExp {
  if (!/^[ceipm]*$/.test(options)) throw new Error(`[22023] invalid regular expression parameter "${options}"`);
  const perl = options.includes('p');
  const flags = `gu${options.includes('i') ? 'i' : ''}${perl ? '' : 's'}${options.includes('e') ? 'd' : ''}`;
  try {
    return new RegExp(toJavaScriptSource(pattern, { perl, matchOnly: options.includes('m') }), flags);
  } catch (error) {
    if (error instanceof PatternError) throw error;
    throw new Error(`[2201B] invalid regular expression: ${pattern}`);
  }
}

const SURROGATE = /[\ud800-\udbff]/;
const lengthOf = (text: string): number => (SURROGATE.test(text) ? [...text].length : text.length);

/** Where the character at a position (from 1) begins; positions before the text are its beginning. */
function indexOf(text: string, position: number): number {
  if (position <= 1) return 0;
  return SURROGATE.test(text) ? [...text].slice(0, position - 1).join('').length : position - 1;
}

function matches(text: string, pattern: string, options: string, from: number): RegExpExecArray[] {
  const compiled = compilePattern(pattern, options);
  const found: RegExpExecArray[] = [];
  const begin = indexOf(text, from);
  if (begin >= text.length && begin > 0) return found;
  compiled.lastIndex = begin;
  for (let match = compiled.exec(text); match; match = compiled.exec(text)) {
    found.push(match);
    if (match[0] === '') compiled.lastIndex += SURROGATE.test(text[match.index] ?? '') ? 2 : 1;
  }
  return found;
}

const strict =
  (body: (...args: string[]) => Scalar): ((...args: Scalar[]) => Scalar) =>
  (...args) =>
    args.some((arg) => arg === null) ? null : body(...(args as string[]));

/** An occurrence that no text of this length can have is not looked for. */
const isAbsurd = (text: string, occurrence: string): boolean =>
  Number(occurrence) < 1 || Number(occurrence) > lengthOf(text);

function count(text: string, pattern: string, from: string, options: string): string {
  return String(matches(text, pattern, options, Number(from)).length);
}

function substring(text: string, pattern: string, from: string, occurrence: string, options: string): Scalar {
  const found = matches(text, pattern, options, Number(from));
  if (isAbsurd(text, occurrence)) return text === '' && Number(occurrence) > 0 ? '' : null;
  const match = found[Number(occurrence) - 1];
  if (!match) return '';
  return options.includes('e') && match.length > 1 ? (match[1] ?? '') : match[0];
}

function position(
  text: string,
  pattern: string,
  from: string,
  occurrence: string,
  option: string,
  options: string,
): string {
  const found = matches(text, pattern, options, Number(from));
  if (isAbsurd(text, occurrence)) return '0';
  const match = found[Number(occurrence) - 1];
  if (!match) return '0';
  const group = options.includes('e') ? match.indices?.[1] : undefined;
  const [begin, end] = group ?? [match.index, match.index + match[0].length];
  return String(lengthOf(text.slice(0, option === '0' ? begin : end)) + 1);
}

/** `$1` and `\\1` in the replacement stand for groups, `$&` for the match. */
function replace(text: string, pattern: string, replacement: string, from: string, options: string): string {
  let out = '';
  let behind = 0;
  for (const match of matches(text, pattern, options, Number(from))) {
    out += text.slice(behind, match.index);
    out += replacement.replace(/[\\$](\d)|\$&|\\(.)/g, (all, digit?: string, escaped?: string) =>
      digit === undefined ? (escaped ?? (all === '$&' ? match[0] : all)) : (match[Number(digit)] ?? ''),
    );
    behind = match.index + match[0].length;
  }
  return out + text.slice(behind);
}

const PATTERN_FUNCTIONS: readonly RuntimeFunction[] = [
  {
    name: 'mr_regexp_match',
    parameters: 3,
    body: strict((text, pattern, options) =>
      String(compilePattern(pattern as string, `${options}m`).test(text as string)),
    ),
  },
  { name: 'mr_regexp_count', parameters: 4, body: strict(count as (...args: string[]) => string) },
  { name: 'mr_regexp_substr', parameters: 5, body: strict(substring as (...args: string[]) => Scalar) },
  { name: 'mr_regexp_instr', parameters: 6, body: strict(position as (...args: string[]) => string) },
  { name: 'mr_regexp_replace', parameters: 5, body: strict(replace as (...args: string[]) => string) },
];

/** Some patterns go back over a text again and again: `(a+)+$`. */
export const REGEXP_RUNTIME: readonly RuntimeFunction[] = PATTERN_FUNCTIONS.map((runtime) => ({
  ...runtime,
  mayTakeForever: true,
}));
