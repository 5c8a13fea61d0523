/** One element of a number's format. `digit` is `9` or `0`; what is no pattern stands for itself. */
export type NumberElement =
  | { readonly kind: 'digit' | 'zero' | 'point' | 'group' | 'currency' }
  | { readonly kind: 'minus' | 'plus' | 'sign' }
  | { readonly kind: 'ordinal' | 'roman'; readonly upper: boolean }
  | { readonly kind: 'text'; readonly text: string };

/** What the elements of a format say together. */
export interface NumberFormat {
  readonly elements: readonly NumberElement[];
  /** Places before and behind the point. */
  readonly whole: number;
  readonly fraction: number;
  /** Places that V moves the point. */
  readonly shift: number;
  /** The place of the first and behind the last `0`; undefined without one. */
  readonly zeroFrom?: number;
  readonly zeroEnd: number;
  readonly hasPoint: boolean;
  /** FM: no blanks, no zeros at the end. */
  readonly fill: boolean;
  /** S: the sign right before the number or right behind it. */
  readonly anchored?: 'front' | 'back';
  /** PR: negative numbers stand in angle brackets. */
  readonly brackets: boolean;
  readonly hasMinus: boolean;
  readonly hasPlus: boolean;
}

const PATTERNS = ['FM', 'MI', 'PL', 'SG', 'PR', 'RN', 'TH', '9', '0', '.', 'D', ',', 'G', 'L', 'S', 'V'] as const;
type Pattern = (typeof PATTERNS)[number];

const invalid = (reason: string): Error => new Error(`[42601] ${reason}`);
const cache = new Map<string, NumberFormat>();

type Draft = { -readonly [Key in keyof NumberFormat]: NumberFormat[Key] } & {
  elements: NumberElement[];
  moved: boolean;
  anchorPlace?: number;
};

/** Reads a format as TO_CHAR and TO_NUMBER take it; throws where its elements contradict each other. */
export function numberFormat(format: string): NumberFormat {
  let known = cache.get(format);
  if (!known) {
    known = readFormat(format);
    if (cache.size > 500) cache.clear();
    cache.set(format, known);
  }
  return known;
}

function readFormat(format: string): NumberFormat {
  const draft: Draft = {
    elements: [],
    whole: 0,
    fraction: 0,
    shift: 0,
    zeroEnd: 0,
    hasPoint: false,
    fill: false,
    brackets: false,
    hasMinus: false,
    hasPlus: false,
    moved: false,
  };
  for (let at = 0; at < format.length; ) {
    const quoted = format[at] === '"' ? /^"([^"]*)"?/.exec(format.slice(at)) : null;
    const upper = format.slice(at, at + 2).toUpperCase();
    const pattern = quoted ? undefined : PATTERNS.find((candidate) => upper.startsWith(candidate));
    if (quoted) draft.elements.push({ kind: 'text', text: quoted[1] as string });
    else if (pattern) addPattern(draft, pattern, format[at] as string);
    else if (format.slice(at, at + 4).toUpperCase() === 'EEEE')
      throw new Error('[0A000] the pattern EEEE is not supported');
    else draft.elements.push({ kind: 'text', text: format[at] as string });
    at += quoted ? quoted[0].length : (pattern?.length ?? 1);
  }
  // An S behind all digits of a number without a point belongs behind it.
  if (draft.anchored === 'front' && draft.anchorPlace === draft.whole) draft.anchored = 'back';
  return draft;
}

function addPattern(draft: Draft, pattern: Pattern, first: string): void {
  const simple = { '.': 'point', D: 'point', ',': 'group', G: 'group', L: 'currency' }[pattern as string];
  if (pattern === '9' || pattern === '0') addDigit(draft, pattern);
  else if (pattern === 'FM') draft.fill = true;
  else if (pattern === 'V') {
    if (draft.hasPoint) throw invalid('cannot use "V" and decimal point together');
    draft.moved = true;
  } else if (simple === 'point') {
    if (draft.hasPoint) throw invalid('multiple decimal points');
    if (draft.moved) throw invalid('cannot use "V" and decimal point together');
    draft.hasPoint = true;
    draft.elements.push({ kind: 'point' });
  } else if (simple !== undefined) draft.elements.push({ kind: simple as 'group' | 'currency' });
  else if (pattern === 'RN' || pattern === 'TH')
    draft.elements.push({ kind: pattern === 'RN' ? 'roman' : 'ordinal', upper: first === first.toUpperCase() });
  else addSign(draft, pattern);
}

function addDigit(draft: Draft, pattern: '9' | '0'): void {
  if (draft.brackets) throw invalid('"9" must be ahead of "PR"');
  if (pattern === '0' && !draft.hasPoint) draft.zeroFrom ??= draft.whole;
  if (draft.hasPoint) draft.fraction += 1;
  else if (draft.moved) draft.shift += 1;
  else draft.whole += 1;
  if (pattern === '0') draft.zeroEnd = draft.whole + draft.fraction + draft.shift;
  draft.elements.push({ kind: pattern === '9' ? 'digit' : 'zero' });
}

function addSign(draft: Draft, pattern: Pattern): void {
  const other = draft.anchored !== undefined || (pattern === 'S' && (draft.hasMinus || draft.hasPlus));
  if (other || draft.brackets || (pattern === 'PR' && (draft.hasMinus || draft.hasPlus)))
    throw invalid('cannot use "S", "PL", "MI", "SG" and "PR" together');
  if (pattern === 'S') {
    draft.anchored = draft.hasPoint ? 'back' : 'front';
    draft.anchorPlace = draft.whole;
  } else if (pattern === 'PR') draft.brackets = true;
  else {
    draft.hasMinus ||= pattern !== 'PL';
    draft.hasPlus ||= pattern !== 'MI';
    draft.elements.push({ kind: pattern === 'SG' ? 'sign' : pattern === 'MI' ? 'minus' : 'plus' });
  }
}
