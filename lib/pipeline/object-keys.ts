/** Objects with more keys than this get a set; below it, comparing hashes one by one is faster. */
const smallObjectKeys = 16;

/**
 * The keys of the objects that are open while JSON bytes are read, to notice one that comes twice. Two keys are the same when
 * their characters are, however they are escaped.
 */
export class ObjectKeys {
  readonly #bytes: Uint8Array;
  /** Of every open object, its keys one after the other: a hash, and where the key starts and ends. */
  readonly #hashes: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** Per open object: where its keys begin in the lists above, and the set of its keys once it has many. */
  readonly #firsts: number[] = [];
  readonly #sets: (Set<string> | undefined)[] = [];
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  open(): void {
    this.#firsts.push(this.#count);
    this.#sets.push(undefined);
  }

  close(): void {
    this.#count = this.#firsts.pop() as number;
    this.#sets.pop();
  }

  /** Notes a key of the innermost object, its bytes without the quotes; false when that object has it already. */
  add(start: number, end: number, hasEscapes: boolean): boolean {
    const first = this.#firsts[this.#firsts.length - 1] as number;
    const set = this.#sets[this.#sets.length - 1];
    if (set) return this.#addToSet(set, this.#text(start, end, hasEscapes));
    const hash = hasEscapes
      ? hashOf(Buffer.from(this.#text(start, end, true), 'latin1'))
      : hashOf(this.#bytes, start, end);
    for (let index = first; index < this.#count; index += 1) {
      if (this.#hashes[index] === hash && this.#textAt(index) === this.#text(start, end, hasEscapes)) return false;
    }
    this.#hashes[this.#count] = hash;
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = hasEscapes ? -end : end;
    this.#count += 1;
    if (this.#count - first > smallObjectKeys) this.#makeSet(first);
    return true;
  }

  #makeSet(first: number): void {
    const set = new Set<string>();
    for (let index = first; index < this.#count; index += 1) set.add(this.#textAt(index));
    this.#sets[this.#sets.length - 1] = set;
  }

  #addToSet(set: Set<string>, text: string): boolean {
    const before = set.size;
    return set.add(text).size > before;
  }

  /** A key that was noted; the sign of its end says whether it has escapes. */
  #textAt(index: number): string {
    const end = this.#ends[index] as number;
    return this.#text(this.#starts[index] as number, Math.abs(end), end < 0);
  }

  /** The key's UTF-8 bytes as a string of one character a byte: cheap to make, and equal only for equal keys. */
  #text(start: number, end: number, hasEscapes: boolean): string {
    if (!hasEscapes) return latin1(this.#bytes.subarray(start, end));
    const quoted = Buffer.from(this.#bytes.subarray(start - 1, end + 1)).toString('utf8');
    return latin1(Buffer.from(JSON.parse(quoted) as string));
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** FNV-1a in 32 bits. Keys made to collide only slow down the small objects, which are bounded. */
function hashOf(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let hash = 0x811c9dc5;
  for (let index = start; index < end; index += 1) hash = Math.imul(hash ^ (bytes[index] as number), 0x01000193);
  return hash;
}
