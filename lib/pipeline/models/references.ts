import { ast, Dialect, parse } from '@polyglot-sql/sdk';

/** A table that a query reads. Line and column count from 1. */
export interface TableReference {
  readonly schema: string | undefined;
  readonly name: string;
  readonly line: number;
  readonly column: number;
  /** Where the whole name stands: UTF-16 offsets in the text, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** Whether the query gives it an alias. */
  readonly aliased: boolean;
}

/** What a query reads, or why it cannot be said. */
export type References =
  | { readonly kind: 'references'; readonly tables: TableReference[] }
  | { readonly kind: 'invalid'; readonly line: number; readonly column: number; readonly message: string };

type Node = Parameters<typeof ast.findByType>[0];

interface Identifier {
  readonly name: string;
  readonly quoted: boolean;
  readonly span?: { readonly start: number; readonly end: number; readonly line: number; readonly column: number };
}
interface TableNode {
  readonly name: Identifier;
  readonly schema: Identifier | null;
  readonly catalog: Identifier | null;
  readonly alias: Identifier | null;
}

const queries = new Set(['select', 'union', 'intersect', 'except']);

/**
 * The tables of one SELECT: not its common table expressions, and not what it unnests (`t.payload.matches AS m` looks like
 * a table to a parser, but begins with the name of another table of the query).
 */
export function tableReferences(sql: string): References {
  const parsed = parse(sql, Dialect.Redshift);
  if (!parsed.success) {
    return {
      kind: 'invalid',
      line: parsed.errorLine ?? 1,
      column: parsed.errorColumn ?? 1,
      message: parsed.error ?? '',
    };
  }
  const statements = (Array.isArray(parsed.ast) ? parsed.ast : [parsed.ast]) as Node[];
  const [root] = statements;
  if (!root || statements.length > 1 || !queries.has(Object.keys(root)[0] ?? '')) {
    return { kind: 'invalid', line: 1, column: 1, message: 'a model is one SELECT and nothing else' };
  }
  const tables = ast.findByType(root, 'table').map((node) => (node as unknown as { table: TableNode }).table);
  const scope = namesInScope(root, tables);
  const read = tables.filter((table) => !isFromScope(table, scope));
  const offsetOf = utf16Offsets(sql);
  const references = read.map((table) => reference(table, offsetOf));
  return { kind: 'references', tables: references.toSorted((one, other) => one.start - other.start) };
}

/** Every value of the tree that stands under a name; the parser's own search knows expressions, and a CTE is none. */
function valuesUnder(tree: unknown, name: string): unknown[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) => [
    ...(key === name ? [value] : []),
    ...valuesUnder(value, name),
  ]);
}

interface Scope {
  readonly expressions: ReadonlySet<string>;
  readonly variables: ReadonlySet<string>;
}

const folded = (identifier: Identifier): string => identifier.name.toLowerCase();

function namesInScope(root: Node, tables: readonly TableNode[]): Scope {
  const derived = valuesUnder(root, 'subquery') as { alias?: Identifier | null }[];
  const expressions = valuesUnder(root, 'ctes').flat() as { alias: Identifier }[];
  return {
    expressions: new Set(expressions.map(({ alias }) => folded(alias))),
    variables: new Set([
      ...tables.map(({ alias, name }) => folded(alias ?? name)),
      ...derived.flatMap(({ alias }) => (alias ? [folded(alias)] : [])),
    ]),
  };
}

function isFromScope({ catalog, schema, name }: TableNode, scope: Scope): boolean {
  const first = catalog ?? schema;
  return first ? scope.variables.has(folded(first)) : scope.expressions.has(folded(name));
}

/** The parser counts code points. */
function utf16Offsets(text: string): (codePoints: number) => number {
  if (!/[\ud800-\udbff]/.test(text)) return (codePoints) => codePoints;
  const offsets: number[] = [];
  for (let offset = 0; offset < text.length; offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1) {
    offsets.push(offset);
  }
  return (codePoints) => offsets[codePoints] ?? text.length;
}

function reference({ schema, name, alias }: TableNode, offsetOf: (codePoints: number) => number): TableReference {
  const first = schema ?? name;
  const { line = 1, column = 1, start = 0, end = 0 } = first.span ?? {};
  // The parser's column is the one after the word.
  return {
    schema: schema ? folded(schema) : undefined,
    name: folded(name),
    line,
    column: Math.max(1, column - (end - start)),
    start: offsetOf(start),
    end: offsetOf(name.span?.end ?? end),
    aliased: alias !== null,
  };
}
