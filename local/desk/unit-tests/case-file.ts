import { nearest } from '../../../lib/pipeline/nearest.ts';
import { type FileProblem, type Member, type Place, readDocument, type Written, type WrittenMap } from './document.ts';

/** Rows of a relation that a case gives. */
export interface GivenRelation {
  /** `schema.table`. */
  readonly name: string;
  readonly place: Place;
  readonly rows: readonly WrittenMap[];
}

/** A case of a model: from these rows come those, or this error. */
export interface Case {
  readonly path: string;
  readonly place: Place;
  readonly name: string;
  readonly given: readonly GivenRelation[];
  readonly expect: Expectation;
}

export type Expectation =
  | { readonly kind: 'rows'; readonly rows: readonly WrittenMap[]; readonly ordered: boolean }
  /** A part of the message. */
  | { readonly kind: 'error'; readonly message: string };

/** The file of a model's cases: where it is and whose it is. */
export interface CaseFile {
  readonly path: string;
  /** `schema.table`. */
  readonly model: string;
  readonly text: string;
}

const caseKeys = ['given', 'expect', 'expect_error', 'ordered'];

/** Reads the cases of a file; what is wrong with it is added to the problems, so that all is told at once. */
export function readCases({ path, text }: CaseFile, problems: FileProblem[]): Case[] {
  const { value, problems: unreadable } = readDocument(path, text);
  problems.push(...unreadable);
  if (unreadable.length > 0) return [];
  const report = (place: Place, message: string) => problems.push({ path, ...place, message });
  if (value?.kind !== 'map' || value.members.length === 0) {
    report(
      value?.place ?? { line: 1, column: 1 },
      'a test file names its cases: `a name:` with `given:` and `expect:` under it',
    );
    return [];
  }
  return value.members.flatMap((member) => new CaseReader(path, member, report).read() ?? []);
}

type Report = (place: Place, message: string) => void;

class CaseReader {
  readonly #path: string;
  readonly #member: Member;
  readonly #report: Report;

  constructor(path: string, member: Member, report: Report) {
    this.#path = path;
    this.#member = member;
    this.#report = report;
  }

  read(): Case | undefined {
    const { name, place, value } = this.#member;
    if (value.kind !== 'map') {
      this.#report(place, `the case ${JSON.stringify(name)} has no \`given:\` and \`expect:\` under it`);
      return undefined;
    }
    for (const member of value.members) {
      if (!caseKeys.includes(member.name)) this.#report(member.place, unknownKey(member.name));
    }
    const member = (key: string) => value.members.find((one) => one.name === key);
    const expect = this.#expectation(member);
    return expect && { path: this.#path, place, name, given: this.#given(member('given')), expect };
  }

  #given(member: Member | undefined): GivenRelation[] {
    if (!member || member.value.kind === 'null') return [];
    if (member.value.kind !== 'map') {
      this.#report(member.value.place, '`given:` names tables and lists the rows of each under its name');
      return [];
    }
    return member.value.members.map(({ name, place, value }) => ({ name, place, rows: this.#rows(value, name) }));
  }

  #expectation(member: (key: string) => Member | undefined): Expectation | undefined {
    const [rows, error] = [member('expect'), member('expect_error')];
    if (Boolean(rows) === Boolean(error)) {
      const what = rows
        ? 'says both `expect:` and `expect_error:`: keep one'
        : 'says nothing of what to `expect:`; `expect: []` means no row';
      this.#report((error ?? this.#member).place, `the case ${JSON.stringify(this.#member.name)} ${what}`);
      return undefined;
    }
    const ordered = member('ordered')?.value;
    if (ordered && ordered.kind !== 'boolean') this.#report(ordered.place, '`ordered:` is true or false');
    if (rows)
      return {
        kind: 'rows',
        rows: this.#rows(rows.value, 'expect'),
        ordered: ordered?.kind === 'boolean' && ordered.value,
      };
    if (error?.value.kind === 'text' && error.value.text !== '') return { kind: 'error', message: error.value.text };
    this.#report((error ?? this.#member).place, '`expect_error:` takes a part of the message, as text');
    return undefined;
  }

  #rows(value: Written, of: string): WrittenMap[] {
    if (value.kind === 'null') return [];
    if (value.kind !== 'list') {
      this.#report(value.place, `${of} takes a list of rows, each \`- column: value\``);
      return [];
    }
    return value.items.flatMap((row) => {
      if (row.kind === 'map') return [row];
      this.#report(row.place, `a row of ${of} is \`column: value\` for each column that matters`);
      return [];
    });
  }
}

function unknownKey(name: string): string {
  const meant = nearest(name, caseKeys);
  return `a case has no ${name}; ${meant ? `did you mean ${meant}?` : `it has: ${caseKeys.join(', ')}`}`;
}
