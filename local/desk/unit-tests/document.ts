import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
} from 'yaml';

/** Where something stands in a file; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A problem of a file, as a person looks for it. */
export interface FileProblem extends Place {
  readonly path: string;
  readonly message: string;
}

export const problemLine = ({ path, line, column, message }: FileProblem): string =>
  `${path}:${line}:${column}: ${message}`;

/** A value of a document. Numbers are their digits: none of them was ever a JavaScript number. */
export type Written =
  | { readonly kind: 'null'; readonly place: Place }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly text: string; readonly place: Place }
  /** `digits` is a number in JSON's grammar, `text` what stands in the file (`007`). */
  | { readonly kind: 'number'; readonly digits: string; readonly text: string; readonly place: Place }
  | { readonly kind: 'text'; readonly text: string; readonly place: Place }
  | { readonly kind: 'list'; readonly items: readonly Written[]; readonly place: Place }
  | WrittenMap;
export interface WrittenMap {
  readonly kind: 'map';
  readonly members: readonly Member[];
  readonly place: Place;
}
export interface Member {
  readonly name: string;
  readonly place: Place;
  readonly value: Written;
}

export type ReadDocument = { readonly value: Written | undefined; readonly problems: FileProblem[] };

/** Reads YAML 1.2, anchors and merge keys included. What cannot be read is told with its place. */
export function readDocument(path: string, text: string): ReadDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { intAsBigInt: true, merge: true, lineCounter: lines, stringKeys: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems = document.errors.map(({ message, pos }) => ({
    path,
    ...placeAt(pos[0]),
    message: message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'this is not YAML',
  }));
  if (problems.length > 0 || !document.contents) return { value: undefined, problems };
  const reader = new Reader(path, document, placeAt);
  return { value: reader.read(document.contents, 0), problems: reader.problems };
}

/** An anchor may hold an alias of itself. */
const deepest = 200;

class Reader {
  readonly problems: FileProblem[] = [];
  readonly #path: string;
  readonly #document: Document;
  readonly #placeAt: (offset: number) => Place;

  constructor(path: string, document: Document, placeAt: (offset: number) => Place) {
    this.#path = path;
    this.#document = document;
    this.#placeAt = placeAt;
  }

  read(node: unknown, depth: number): Written {
    const place = this.#placeOf(node);
    if (depth > deepest) return this.#refuse(place, `this is nested deeper than ${deepest}`);
    if (isAlias(node)) {
      const meant = node.resolve(this.#document);
      return meant
        ? this.read(meant, depth + 1)
        : this.#refuse(place, `there is no anchor &${node.source} before this`);
    }
    if (isScalar(node)) return this.#scalar(node, place);
    if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => this.read(item, depth + 1)), place };
    if (isMap(node)) return { kind: 'map', members: this.#members(node.items, depth), place };
    return { kind: 'null', place };
  }

  /** What is merged in (`<<`) comes first, and gives way to what the map says itself. */
  #members(pairs: readonly { readonly key: unknown; readonly value: unknown }[], depth: number): Member[] {
    const members = new Map<string, Member>();
    for (const { key, value } of pairs) {
      if (!isMergeKey(key)) continue;
      const merged = this.read(value, depth + 1);
      for (const one of merged.kind === 'list' ? merged.items : [merged]) {
        if (one.kind !== 'map') this.#refuse(one.place, '<< takes a map, or a list of maps');
        else for (const member of one.members) if (!members.has(member.name)) members.set(member.name, member);
      }
    }
    for (const { key, value } of pairs) {
      if (isMergeKey(key)) continue;
      const name = this.read(key, depth + 1);
      if (name.kind === 'list' || name.kind === 'map') this.#refuse(name.place, 'a name is text');
      else members.set(nameOf(name), { name: nameOf(name), place: name.place, value: this.read(value, depth + 1) });
    }
    return [...members.values()];
  }

  #scalar(node: Scalar, place: Place): Written {
    const { value, source } = node;
    const text = source ?? String(value);
    if (value === null || value === undefined) return { kind: 'null', place };
    if (typeof value === 'boolean') return { kind: 'boolean', value, text, place };
    if (typeof value === 'bigint') return { kind: 'number', digits: jsonNumber(text) ?? String(value), text, place };
    if (typeof value !== 'number') return { kind: 'text', text: String(value), place };
    const digits = jsonNumber(text);
    return digits === undefined ? { kind: 'text', text, place } : { kind: 'number', digits, text, place };
  }

  #placeOf(node: unknown): Place {
    return this.#placeAt((node as Node | null)?.range?.[0] ?? 0);
  }

  #refuse(place: Place, message: string): Written {
    this.problems.push({ path: this.#path, ...place, message });
    return { kind: 'null', place };
  }
}

const isMergeKey = (key: unknown): boolean => isScalar(key) && typeof key.value === 'symbol';

const nameOf = (name: Exclude<Written, { kind: 'list' | 'map' }>): string => (name.kind === 'null' ? '' : name.text);

/** `+.5` → `0.5`: YAML writes numbers that JSON does not take. Undefined for `.inf` and `.nan`. */
function jsonNumber(text: string): string | undefined {
  const [, sign, whole = '', fraction = '', exponent = ''] =
    /^([-+]?)(\d*)(?:\.(\d*))?([eE][-+]?\d+)?$/.exec(text) ?? [];
  if (sign === undefined || (whole === '' && fraction === '')) return undefined;
  const integer = whole.replace(/^0+(?=\d)/, '') || '0';
  return `${sign === '-' ? '-' : ''}${integer}${fraction === '' ? '' : `.${fraction}`}${exponent}`;
}

/** The value as JSON text, its numbers digit by digit. */
export function jsonText(value: Written): string {
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(value.value);
    case 'number':
      return value.digits;
    case 'text':
      return JSON.stringify(value.text);
    case 'list':
      return `[${value.items.map(jsonText).join(',')}]`;
    case 'map':
      return `{${value.members.map(({ name, value: inner }) => `${JSON.stringify(name)}:${jsonText(inner)}`).join(',')}}`;
  }
}
