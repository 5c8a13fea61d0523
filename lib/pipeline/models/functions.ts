import { nearest } from '../nearest.ts';
import { functionSchema } from '../tables.ts';
import type { Analyst } from './analysis.ts';
import { normalisedType, typeNames } from './column-types.ts';
import type { CompiledFunction } from './compiled-function.ts';
import { hashOf } from './definition.ts';
import { headerEntries, prose } from './header-entries.ts';
import { functionKeys } from './header-keys.ts';
import { headerEnd, reportTo } from './parse-model.ts';
import { type ModelProblem, problemAt, type SourceFile } from './problem.ts';
import { folded, isName, isSymbol } from './query-scopes.ts';
import { type FunctionCall, functionCalls } from './references.ts';
import { sqlTokens, type Token } from './sql-tokens.ts';

interface ParsedFunction extends Omit<CompiledFunction, 'calls' | 'definition'> {
  readonly file: SourceFile;
  readonly found: readonly FunctionCall[];
}

/** What there is to call. */
export interface Functions {
  /** In an order in which they can be created. */
  readonly compiled: CompiledFunction[];
  /** Of all that have a file, whatever is wrong in it. */
  readonly names: readonly string[];
  /** Those in which, or in what they call, something is wrong: what calls them cannot be judged. */
  readonly broken: ReadonlySet<string>;
}

/** Reads the functions of a project, and makes them known to the analyst. */
export function compileFunctions(
  files: readonly SourceFile[],
  problems: ModelProblem[],
  analyst: Analyst | undefined,
): Functions {
  const names = files.flatMap(({ path }) => functionPath.exec(path)?.[1] ?? []);
  const parsed = files.flatMap((file) => parseFunction(file, problems) ?? []).toSorted(byName);
  const compiled = new Map<string, CompiledFunction>();
  for (const { file, found } of parsed) unknownFunctions(file, found, names, problems);
  for (const one of parsed) compileOne(one, { parsed, compiled, path: [], problems });
  const isWrong = (name: string) => problems.some(({ path }) => functionPath.exec(path)?.[1] === name);
  const broken = new Set(names.filter(isWrong));
  for (const { name, calls } of compiled.values()) {
    const file = parsed.find((one) => one.name === name)?.file;
    if (calls.some((called) => broken.has(called))) broken.add(name);
    if (analyst && file && !broken.has(name) && !isKnown(analyst, file, problems)) broken.add(name);
  }
  return { compiled: [...compiled.values()], names, broken };
}

function isKnown(analyst: Analyst, file: SourceFile, problems: ModelProblem[]): boolean {
  const start = headerEnd(file.text);
  const answer = analyst.knowFunction(file.text.slice(start));
  if (answer.kind === 'invalid') problems.push(problemAt(file, start + answer.offset, answer.message));
  return answer.kind === 'known';
}

const byName = (one: ParsedFunction, other: ParsedFunction) => (one.name < other.name ? -1 : 1);

/** Says which calls find no function. */
export function unknownFunctions(
  file: SourceFile,
  calls: readonly FunctionCall[],
  names: readonly string[],
  problems: ModelProblem[],
): void {
  for (const { name, start } of calls) {
    if (names.includes(name)) continue;
    const meant = nearest(name, names);
    const mend = meant ? `did you mean ${functionSchema}.${meant}?` : `write it in functions/${name}.sql`;
    problems.push(problemAt(file, start, `there is no function ${functionSchema}.${name}; ${mend}`));
  }
}

interface Compilation {
  readonly parsed: readonly ParsedFunction[];
  readonly compiled: Map<string, CompiledFunction>;
  readonly path: readonly string[];
  readonly problems: ModelProblem[];
}

/** Those that it calls come first. */
function compileOne(one: ParsedFunction, compilation: Compilation): void {
  const { parsed, compiled, problems } = compilation;
  if (compiled.has(one.name)) return;
  const path = [...compilation.path, one.name];
  const { file, found, ...facts } = one;
  const calls = [...new Set(found.map(({ name }) => name))].toSorted();
  for (const called of parsed.filter(({ name }) => calls.includes(name))) {
    if (!path.includes(called.name)) compileOne(called, { ...compilation, path });
    else {
      const start = found.find(({ name }) => name === called.name)?.start ?? 0;
      const circle = [...path.slice(path.indexOf(called.name)), called.name].join(' → ');
      problems.push(problemAt(file, start, `a circle: ${circle}`));
    }
  }
  const below = calls.map((name) => compiled.get(name)?.definition);
  compiled.set(one.name, { ...facts, calls, definition: hashOf([one.statement, below]) });
}

const functionPath = /(?:^|\/)functions\/([a-z][a-z0-9_]{0,99})\.sql$/;

function parseFunction(file: SourceFile, problems: ModelProblem[]): ParsedFunction | undefined {
  const report = reportTo(file.path, problems);
  const expected = functionPath.exec(file.path)?.[1];
  if (!expected) {
    report(1, 'a function is a file functions/<name>.sql, in lower case');
    return undefined;
  }
  const entries = headerEntries(file.text, functionKeys, report);
  const read = sqlTokens(file.text);
  const statement = read.kind === 'invalid' ? read : readStatement(read.tokens, expected);
  if ('message' in statement) {
    problems.push(problemAt(file, statement.offset, statement.message));
    return undefined;
  }
  const owner = prose(entries.get('owner'));
  const { argumentTypes, returnType, body, end } = statement;
  return {
    name: expected,
    path: file.path,
    owner,
    description: prose(entries.get('description')),
    statement: file.text.slice(headerEnd(file.text), end),
    argumentTypes,
    returnType,
    file,
    found: callsOf(body),
  };
}

interface Wrong {
  readonly offset: number;
  readonly message: string;
}
interface Statement {
  readonly argumentTypes: string[];
  readonly returnType: string;
  readonly body: Token;
  readonly end: number;
}

/** CREATE OR REPLACE FUNCTION functions.name(types) RETURNS type volatility AS $$ … $$ LANGUAGE sql. */
function readStatement(tokens: readonly Token[], expected: string): Statement | Wrong {
  const wrong = (token: Token | undefined, message: string): Wrong => ({
    offset: token?.start ?? tokens.at(-1)?.end ?? 0,
    message,
  });
  const words = tokens.slice(0, 4).map(({ text }) => text);
  if (words.join(' ') !== 'create or replace function')
    return wrong(tokens[0], `it begins with CREATE OR REPLACE FUNCTION ${functionSchema}.${expected}(…)`);
  const [schema, dot, name, open] = tokens.slice(4, 8);
  const isNamed = isName(schema) && isSymbol(dot, '.') && isName(name) && isSymbol(open, '(');
  if (!isNamed || folded(schema) !== functionSchema || folded(name) !== expected)
    return wrong(
      schema,
      `a function has its file's name, in the schema ${functionSchema}: ${functionSchema}.${expected}(…)`,
    );
  const close = closeOf(tokens, 7);
  const as = tokens.findIndex((token, index) => index > close && token.kind === 'word' && token.text === 'as');
  const body = tokens[as + 1];
  if (close < 0 || as < 0 || body?.kind !== 'text')
    return wrong(
      tokens[close + 1],
      'after its arguments come RETURNS type, IMMUTABLE (or STABLE), AS $$ SELECT … $$ LANGUAGE sql',
    );
  const language = tokens.slice(as + 2).map(({ text }) => text);
  if (!/^language sql ?;?$/.test(language.join(' ')))
    return wrong(tokens[as + 2], 'it ends with LANGUAGE sql, and is one statement');
  const argumentTypes = splitTypes(tokens.slice(8, close));
  const returned = returnedType(tokens.slice(close + 1, as));
  const types = [...argumentTypes, returned];
  const bad = types.find((type) => type === undefined || !normalisedType(textOf(type)));
  if (types.includes(bad)) return wrong(bad?.[0] ?? tokens[close + 1], badType(bad));
  const end = tokens.findLast((token) => !isSymbol(token, ';'))?.end ?? 0;
  return { argumentTypes: argumentTypes.map(bareType), returnType: bareType(returned ?? []), body, end };
}

function badType(type: readonly Token[] | undefined): string {
  if (!type || type.length === 0)
    return 'it does not say what it RETURNS, or not that it is VOLATILE, STABLE or IMMUTABLE';
  const written = textOf(type);
  const meant = nearest(written.replace(/\(.*/, ''), typeNames);
  const mend = meant
    ? `did you mean ${meant.toUpperCase()}?`
    : 'arguments are types without names, and the body calls them $1, $2, …';
  return `${written} is not a type of Redshift; ${mend}`;
}

function closeOf(tokens: readonly Token[], open: number): number {
  let depth = 0;
  return tokens.findIndex((token, index) => {
    if (index >= open) depth += isSymbol(token, '(') ? 1 : isSymbol(token, ')') ? -1 : 0;
    return index > open && depth === 0;
  });
}

function splitTypes(tokens: readonly Token[]): Token[][] {
  if (tokens.length === 0) return [];
  const types: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    depth += isSymbol(token, '(') ? 1 : isSymbol(token, ')') ? -1 : 0;
    if (depth === 0 && isSymbol(token, ',')) types.push([]);
    else types.at(-1)?.push(token);
  }
  return types;
}

const volatilities = ['volatile', 'stable', 'immutable'];

function returnedType([returns, ...rest]: readonly Token[]): Token[] | undefined {
  const type = rest.slice(0, -1);
  return returns?.text === 'returns' && volatilities.includes(rest.at(-1)?.text ?? '') ? type : undefined;
}

const textOf = (type: readonly Token[]): string =>
  type
    .map(({ text }) => text)
    .join(' ')
    .replaceAll(/ ?([(),]) ?/g, '$1');

/** Without its length, which does not tell functions apart. */
const bareType = (type: readonly Token[]): string => (normalisedType(textOf(type)) ?? '').replace(/\(.*\)/, '');

function callsOf(body: Token): FunctionCall[] {
  const read = sqlTokens(body.text);
  // Calls are told by where the body begins: a function is short.
  return read.kind === 'tokens' ? functionCalls(read.tokens).map(({ name }) => ({ name, start: body.start })) : [];
}
