/**
 * Regular expressions in Redshift's two dialects as JavaScript reads them (flag u): POSIX with some of Perl's classes, and with the
 * parameter `p` what PCRE knows. What JavaScript has no form for is an error that names it.
 */
export interface Dialect {
  readonly perl: boolean;
  /** Only whether there is a match is asked: then lazy or greedy is all one. */
  readonly matchOnly: boolean;
}

export class PatternError extends Error {}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t-\\r',
  punct: '!-\\/:-@\\[-`\\{-~',
  blank: ' \\t',
  xdigit: '0-9A-Fa-f',
  word: '\\w',
  cntrl: '\\x00-\\x1f\\x7f',
  print: '\\x20-\\x7e',
  graph: '\\x21-\\x7e',
};

/** Escapes outside of brackets that JavaScript writes otherwise. */
const ESCAPES: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: '(?=\\n?(?![\\s\\S]))',
  '<': '\\b(?=\\w)',
  '>': '\\b(?<=\\w)',
  s: '[ \\t-\\r]',
  S: '[^ \\t-\\r]',
  h: '[ \\t]',
  R: '(?:\\r\\n|[\\n-\\r])',
  e: '\\x1b',
  a: '\\x07',
};
const SAME_ESCAPES = 'dDwWbBnrtfv';
const CLASS_ESCAPES: Readonly<Record<string, string>> = { s: ' \\t-\\r', h: ' \\t', e: '\\x1b', a: '\\x07' };

export function toJavaScriptSource(pattern: string, dialect: Dialect): string {
  return new Translator(pattern, dialect).source();
}

const unsupported = (part: string): PatternError =>
  new PatternError(`[0A000] "${part}" in a regular expression is not supported`);

class Translator {
  private readonly pattern: string;
  private readonly dialect: Dialect;
  private at = 0;
  private out = '';
  /** For each open parenthesis, the flags set inside of it: `(?i)` opens one more group. */
  private readonly open: string[][] = [[]];

  constructor(pattern: string, dialect: Dialect) {
    this.pattern = pattern;
    this.dialect = dialect;
  }

  source(): string {
    while (this.at < this.pattern.length) this.step();
    return this.out + ')'.repeat((this.open[0] as string[]).length);
  }

  /** Takes what a pattern matches right here. */
  private take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.at;
    const match = expression.exec(this.pattern);
    if (match) this.at += match[0].length;
    return match;
  }

  private step(): void {
    const character = String.fromCodePoint(this.pattern.codePointAt(this.at) as number);
    if (character === '\\') this.escape();
    else if (character === '[') this.brackets();
    else if (character === '(') this.group();
    else if ('*+?{'.includes(character)) this.quantifier();
    else {
      this.at += character.length;
      if (character === ')')
        this.out += ')'.repeat(1 + (this.open.length > 1 ? (this.open.pop() as string[]).length : 0));
      else if (character === '|') this.alternative();
      else if (character === '$' && this.dialect.perl && !/\(\?[a-z]*m/.test(this.pattern)) this.out += ESCAPES.Z;
      else this.out += character === ']' || character === '}' ? `\\${character}` : character;
    }
  }

  /** Flags hold for the alternatives behind them as well. */
  private alternative(): void {
    const flags = this.open.at(-1) as string[];
    this.out += `${')'.repeat(flags.length)}|${flags.map((flag) => `(?${flag}:`).join('')}`;
  }

  private escape(): void {
    const quoted = this.take(/\\Q([\s\S]*?)(?:\\E|$)/y);
    const coded = quoted ? null : this.take(/\\x(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2}))|\\([1-9]\d*|[pP]\{\w+\})/y);
    if (quoted) this.out += (quoted[1] as string).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    else if (coded) this.out += coded[3] === undefined ? `\\u{${coded[1] ?? coded[2]}}` : `\\${coded[3]}`;
    else {
      const character = this.escaped();
      if (SAME_ESCAPES.includes(character)) this.out += `\\${character}`;
      else if (Object.hasOwn(ESCAPES, character)) this.out += ESCAPES[character];
      else this.out += literalCharacter(character);
    }
  }

  private escaped(): string {
    const match = this.take(/\\([\s\S])/uy);
    if (!match) throw new PatternError('[2201B] invalid regular expression: trailing backslash');
    return match[1] as string;
  }

  /** `[…]`: what is special to JavaScript there loses its meaning, POSIX classes are written out. */
  private brackets(): void {
    this.out += (this.take(/\[\^?/y) as RegExpExecArray)[0];
    if (this.take(/\]/y)) this.out += '\\]';
    while (!this.take(/\]/y)) {
      if (this.at >= this.pattern.length)
        throw new PatternError('[2201B] invalid regular expression: unmatched [ in the expression');
      this.classMember();
    }
    this.out += ']';
  }

  private classMember(): void {
    const named = this.take(/\[:(\^?)(\w+):\]/y);
    const collating = named ? null : this.take(/\[([.=])(.)\1\]/uy);
    if (named) {
      const members = CLASSES[named[2] as string];
      if (members === undefined || named[1] === '^')
        throw new PatternError(
          `[2201B] invalid regular expression: unknown character class [:${named[1]}${named[2]}:]`,
        );
      this.out += members;
      if (this.take(/-/y)) this.out += '\\-';
    } else if (collating) this.out += literalCharacter(collating[2] as string);
    else if (this.pattern[this.at] === '\\') this.classEscape();
    else if (this.take(/-(?=\])/y)) this.out += '\\-';
    else {
      const character = (this.take(/[\s\S]/uy) as RegExpExecArray)[0];
      this.out += character === '[' || character === '^' ? `\\${character}` : character;
    }
  }

  private classEscape(): void {
    const character = this.escaped();
    const isSet = 'dDwWsSh'.includes(character);
    if ('dDwWSbnrtfv'.includes(character)) this.out += `\\${character}`;
    else if (Object.hasOwn(CLASS_ESCAPES, character)) this.out += CLASS_ESCAPES[character];
    else this.out += literalCharacter(character);
    if (isSet && this.take(/-/y)) this.out += '\\-';
  }

  private group(): void {
    if (this.take(/\((?!\?)/y)) {
      this.open.push([]);
      this.out += '(';
      return;
    }
    if (!this.dialect.perl)
      throw new PatternError(
        "[2201B] Invalid preceding regular expression prior to repetition operator: '(?' needs the parameter 'p'",
      );
    if (this.take(/\(\?#[^)]*\)/y)) return;
    const back = this.take(/\(\?P=(\w+)\)/y);
    const opened = back ? null : this.take(/\(\?(?::|=|!|<=|<!|P?<(?=[A-Za-z_])|'(?=\w+'))/y);
    const flags = back || opened ? null : this.take(/\(\?([ims]*(?:-[ims]+)?)([:)])/y);
    if (back) this.out += `\\k<${back[1]}>`;
    else if (opened) {
      if (opened[0].endsWith("'")) throw unsupported(opened[0]);
      this.open.push([]);
      this.out += opened[0].replace('P', '');
    } else if (flags) this.flags(flags[1] as string, flags[2] === ':');
    else throw unsupported(this.pattern.slice(this.at, this.at + 3));
  }

  /** `(?i:…)` is a group, `(?i)` holds until the group around it ends. */
  private flags(flags: string, isGroup: boolean): void {
    this.out += `(?${flags}:`;
    if (isGroup) this.open.push([]);
    else (this.open.at(-1) as string[]).push(flags);
  }

  private quantifier(): void {
    const match = this.take(/[*+?]|\{\d+(?:,\d*)?\}/y);
    if (!match) {
      this.at += 1;
      this.out += '\\{';
      return;
    }
    this.out += match[0];
    if (this.take(/\+/y)) throw unsupported(`${match[0]}+`);
    if (!this.take(/\?/y)) return;
    if (!this.dialect.perl && !this.dialect.matchOnly)
      throw new PatternError(`[0A000] "${match[0]}?" in a regular expression needs the parameter 'p'`);
    this.out += '?';
  }
}

/** A character that stands for itself. */
function literalCharacter(character: string): string {
  if (/[A-Za-z0-9]/.test(character)) {
    if (/[A-Za-z]/.test(character)) throw unsupported(`\\${character}`);
    return `\\x0${character}`;
  }
  return /[\^$\\.*+?()[\]{}|/-]/.test(character) ? escapeSymbol(character) : character;
}

/** Flag u takes a backslash before syntax characters only; the hyphen is none outside of brackets. */
const escapeSymbol = (character: string): string => (character === '-' ? '\\x2d' : `\\${character}`);
