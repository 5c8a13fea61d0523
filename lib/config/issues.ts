import * as z from 'zod';
import { nearest } from '../pipeline/nearest.ts';

function mendUnknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  if (meant) return `write ${meant}`;
  return known.length > 0 ? `take it out; the keys here are ${known.join(', ')}` : 'take it out; nothing goes here';
}

/** An object that takes no keys but these; the error of other keys says, a line each, which one was meant. */
export function section<T extends z.core.$ZodLooseShape>(shape: T, mend: string) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => mendUnknownKey(key, known)).join('\n') : mend,
  });
}

/** One of several sections, told apart by their `kind`; the error of another kind says which one was meant. */
export function kinds<const T extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]]>(
  names: readonly string[],
  options: T,
) {
  return z.discriminatedUnion('kind', options, {
    error: (issue) => {
      const kind = (issue.input as { kind?: unknown } | undefined)?.kind;
      const meant = typeof kind === 'string' ? nearest(kind, names) : undefined;
      return `write kind: ${(meant ? [meant] : names).map((name) => `'${name}'`).join(' or ')}`;
    },
  });
}

/** What is wrong with one place of a configuration, and what to write there instead. */
export interface Problem {
  /** Where: `datasets.brackets.source.kind`. */
  readonly path: string;
  /** What was found there, as JSON; `nothing` where it is missing. */
  readonly found: string;
  /** What to write instead. */
  readonly mend: string;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** The issues of the alternative that the value comes nearest to, as if it had been the only one. */
function ofNearestAlternative(issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] {
  const fewest = issue.errors.toSorted((one, other) => one.length - other.length)[0] ?? [];
  return fewest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

interface Finding {
  readonly path: readonly PropertyKey[];
  readonly mend: string;
}

function findings(issue: z.core.$ZodIssue): Finding[] {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const mends = issue.message.split('\n');
      return issue.keys.map((key, index) => ({ path: [...issue.path, key], mend: mends[index] ?? '' }));
    }
    case 'invalid_key':
      return [{ path: issue.path, mend: issue.issues[0]?.message ?? issue.message }];
    case 'invalid_union':
      if (issue.errors.length > 0) return ofNearestAlternative(issue).flatMap(findings);
  }
  return [{ path: issue.path, mend: issue.message }];
}

/** The problems of a configuration, in the order of the schema. */
export function problemsOf(value: unknown, issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap(findings).map(({ path, mend }) => ({
    path: path.map(String).join('.') || '(the whole)',
    found: show(valueAt(value, path)),
    mend,
  }));
}
