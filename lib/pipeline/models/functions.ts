import { nearest } from '../nearest.ts';
import { functionSchema } from '../tables.ts';
import { normalisedType } from './column-types.ts';
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

/** Functions of the project, in an order in which they can be created, and what is wrong with them. */
export function compileFunctions(files: readonly SourceFile[], problems: ModelProblem[]): CompiledFunction[] {
  const parsed = files.flatMap((file) => parseFunction(file, problems) ?? []).toSorted(byName);
  const names = parsed.map(({ name }) => name);
  for (const { file, found } of parsed) unknownFunctions(file, found, names, problems);
  const compiled = new Map<string, CompiledFunction>();
  for (const one of parsed) compileOne(one, { parsed, compiled, path: [], problems });
  return [...compiled.values()];
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
    return wrong(schema, `its name is the file's, in the schema ${functionSchema}: ${functionSchema}.${expected}(…)`);
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
  const what =
    type && type.length > 0 ? `${textOf(type)} is not a type of Redshift` : 'it does not say what it RETURNS';
  return `${what}; arguments are types without names, and the body calls them $1, $2, …`;
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
