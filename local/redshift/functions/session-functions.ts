import { type Bound, constant } from '../binder/bound.ts';
import { INT4, varchar } from '../binder/types.ts';
import { quoteText } from '../rewriter/sql.ts';
import { RedshiftError } from '../types.ts';
import { type FunctionCall, type FunctionEntry, literalText, requireCount, special } from './define.ts';

/** A query that reads no table of anybody's runs on the leader node, which says this of itself. */
const LEADER_SLICE = 10000;

/** The box is one slice: 0. */
function sliceNumber(call: FunctionCall): Bound {
  requireCount(call, 0);
  return constant(`CAST(${call.overTables ? 0 : LEADER_SLICE} AS INTEGER)`, INT4, { name: 'slice_num' });
}

/** SET_CONFIG(name, value, is_local) sets when its query runs, and answers the value. */
function setConfig(call: FunctionCall): Bound {
  requireCount(call, 3);
  const { settingChanges } = call.environment;
  if (!settingChanges || !call.standsAlone)
    throw new RedshiftError('0A000', 'set_config is supported in a query of its own without FROM only');
  const [name, value] = call.arguments.map((argument) => literalText(argument));
  const isLocal = call.arguments[2]?.sql;
  if (name === undefined || value === undefined || (isLocal !== 'TRUE' && isLocal !== 'FALSE'))
    throw new RedshiftError('0A000', 'set_config takes constants only');
  settingChanges.push({ name: name.toLowerCase(), value, local: isLocal === 'TRUE' });
  return constant(quoteText(value), varchar(256), { name: 'set_config' });
}

const fixedText = (name: string, value: string): FunctionEntry =>
  special((call) => {
    requireCount(call, 0);
    return constant(quoteText(value), varchar(value.length), { name });
  });

/** Functions of the manual that a box has no answer to: they act on a cluster, on other sessions, or ask IAM or about roles of roles. */
const WITHOUT_ANSWER = [
  'change_query_priority',
  'change_session_priority',
  'change_user_priority',
  'default_iam_role',
  'has_assumerole_privilege',
  'pg_cancel_backend',
  'pg_get_grantee_by_iam_role',
  'pg_get_iam_role_by_user',
  'pg_get_session_roles',
  'pg_terminate_backend',
  'reboot_cluster',
  'role_is_member_of',
];

const refused = special((call) => {
  throw new RedshiftError('0A000', `function ${call.name} is not supported`);
});

export const SESSION_FUNCTIONS: Readonly<Record<string, FunctionEntry>> = {
  slice_num: special(sliceNumber),
  set_config: special(setConfig),
  pg_last_query_id: special((call) => {
    requireCount(call, 0);
    return constant(`CAST(${call.environment.lastQueryId} AS INTEGER)`, INT4, { name: 'pg_last_query_id' });
  }),
  current_aws_account: fixedText('current_aws_account', '000000000000'),
  current_namespace: fixedText('current_namespace', '00000000-0000-0000-0000-000000000000'),
  ...Object.fromEntries(WITHOUT_ANSWER.map((name) => [name, refused])),
};
