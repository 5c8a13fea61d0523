import { type Bound, combine } from '../binder/bound.ts';
import type { PrivilegeCensus, PrivilegeObject } from '../binder/context.ts';
import { BOOL } from '../binder/types.ts';
import { quoteText, raise } from '../rewriter/sql.ts';
import { RedshiftError } from '../types.ts';
import {
  convertArgument,
  type FunctionCall,
  type FunctionEntry,
  literalText,
  requireCount,
  special,
} from './define.ts';

/** The privileges that may be asked for on each kind of object. */
const ASKED: Readonly<Record<PrivilegeObject, readonly string[]>> = {
  table: ['select', 'insert', 'update', 'delete', 'references', 'truncate', 'alter', 'drop', 'rule', 'trigger'],
  schema: ['create', 'usage', 'alter', 'drop'],
  database: ['create', 'temp', 'temporary', 'usage', 'alter'],
};

const text = (value: Bound): string => convertArgument(value, 'text').sql;

/** `CASE value WHEN … END` over what may come; a constant leaves one branch of it. */
function each(value: Bound, known: readonly string[], then: (one: string) => string, otherwise: string): string {
  const literal = literalText(value);
  if (literal !== undefined && known.includes(literal)) return then(literal);
  const branches = known.map((one) => `WHEN ${quoteText(one)} THEN ${then(one)}`);
  return `CASE ${text(value)} ${branches.join(' ')} ELSE ${otherwise} END`;
}

const complain = (sqlState: string, what: string, value: Bound): string =>
  raise(sqlState, `${quoteText(what)} || coalesce('"' || ${text(value)} || '"', 'NULL')`, 'BOOLEAN');

/** Names as the census writes them: without quotes, in lower case. Tables and schemas may also be told by their id. */
function keyOf(object: Bound, literal: string | undefined): string {
  if (literal === undefined && /^int|^decimal/.test(object.type.kind)) return `CAST(${object.sql} AS VARCHAR)`;
  return `lower(replace(${text(object)}, '"', ''))`;
}

interface Asked {
  readonly privilege: string;
  readonly withGrantOption: boolean;
}

const shortName = (privilege: string): string => (privilege === 'temporary' ? 'temp' : privilege);

/** `SELECT`, `SELECT WITH GRANT OPTION`; several, with commas: any of them. */
function asked(kind: PrivilegeObject, literal: string): Asked[] {
  return literal.split(',').map((part) => {
    const [, name = '', option] = /^\s*(\w+)\s*(with\s+grant\s+option)?\s*$/i.exec(part) ?? [];
    const privilege = name.toLowerCase();
    if (!ASKED[kind].includes(privilege))
      throw new RedshiftError('22023', `unrecognized privilege type: "${part.trim()}"`);
    return { privilege: shortName(privilege), withGrantOption: option !== undefined };
  });
}

/** Tables of the system's own are in no census: everybody may read them. */
const isOfSystem = (key: string): string =>
  `(starts_with(${key}, 'pg_') OR starts_with(${key}, 'information_schema.') OR starts_with(${key}, 'svv_') OR starts_with(${key}, 'sys_') OR starts_with(${key}, 'stl_') OR starts_with(${key}, 'stv_'))`;

function question(kind: PrivilegeObject): FunctionEntry {
  return special((call) => {
    requireCount(call, 2, 3);
    const census = censusOf(call);
    const [object, privilege] = call.arguments.slice(-2) as [Bound, Bound];
    const name = literalText(object);
    if (name !== undefined) census.requireObject(kind, name);
    const key = keyOf(object, name);
    const literal = literalText(privilege);
    const answer = (user: string): string =>
      literal === undefined
        ? eachPrivilege(kind, privilege, (one) => held(user, [{ privilege: one, withGrantOption: false }]))
        : held(user, asked(kind, literal));
    const held = (user: string, wanted: readonly Asked[]): string => {
      const names = wanted.flatMap((one) => census.held(kind, user, one.privilege, one.withGrantOption));
      const list = `list_contains([${[...new Set(names.map(String))].map(quoteText).join(', ')}]::VARCHAR[], ${key})`;
      const readsOnly = wanted.some((one) => one.privilege === 'select' && !one.withGrantOption);
      return kind === 'table' && readsOnly ? `(${list} OR ${isOfSystem(key)})` : list;
    };
    const sql = call.arguments.length === 2 ? answer(call.environment.user) : ofUser(call, census, answer);
    return combine(sql, BOOL, call.arguments, { name: call.name });
  });
}

/** A privilege that is computed: one branch for each that there is. */
function eachPrivilege(kind: PrivilegeObject, value: Bound, then: (privilege: string) => string): string {
  const branches = ASKED[kind].map((one) => `WHEN ${quoteText(one)} THEN ${then(shortName(one))}`);
  return `(CASE lower(${text(value)}) ${branches.join(' ')} ELSE ${complain('22023', 'unrecognized privilege type: ', value)} END)`;
}

function ofUser(call: FunctionCall, census: PrivilegeCensus, answer: (user: string) => string): string {
  const user = call.arguments[0] as Bound;
  const literal = literalText(user);
  if (literal !== undefined && !census.users.includes(literal))
    throw new RedshiftError('42704', `user "${literal}" does not exist`);
  return each(user, census.users, answer, complain('42704', 'no such user: ', user));
}

function censusOf(call: FunctionCall): PrivilegeCensus {
  const { census } = call.environment;
  if (!census) throw new RedshiftError('0A000', `${call.name} cannot be asked here`);
  return census;
}

/** USER_IS_MEMBER_OF needs its names as constants. */
const membership: FunctionEntry = special((call) => {
  requireCount(call, 2);
  const [member, name] = call.arguments.map((value) => literalText(value));
  if (member === undefined || name === undefined) throw new RedshiftError('0A000', `${call.name} takes constants`);
  return combine(String(censusOf(call).isMember(member, name)).toUpperCase(), BOOL, call.arguments, {
    name: call.name,
  });
});

/** Who may do what. */
export const PRIVILEGE_QUESTIONS: Readonly<Record<string, FunctionEntry>> = {
  has_table_privilege: question('table'),
  has_schema_privilege: question('schema'),
  has_database_privilege: question('database'),
  user_is_member_of: membership,
};
