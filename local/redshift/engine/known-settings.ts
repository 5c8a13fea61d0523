import { RedshiftError } from '../types.ts';
import { sessionZone } from './session-zone.ts';

/** A setting: what a session begins with, and what it takes. */
interface KnownSetting {
  readonly initial: string;
  readonly takes: Reader;
  /** What it must stay, because the box does nothing else: another answer would be wrong in silence. */
  readonly only?: string;
}

type Reader = (name: string, value: string) => string;

const text: Reader = (_name, value) => value;

const flag: Reader = (name, value) => {
  const word = value.toLowerCase();
  if (['on', 'true', 'yes', '1', 't', 'y'].includes(word)) return 'on';
  if (['off', 'false', 'no', '0', 'f', 'n'].includes(word)) return 'off';
  throw new RedshiftError('22023', `parameter "${name}" requires a Boolean value`);
};

const fixed: Reader = (name) => {
  throw new RedshiftError('55P02', `parameter "${name}" cannot be changed`);
};

/** Kept as it is written; what is no zone is refused here, before a statement needs it. */
const zone: Reader = (_name, value) => {
  sessionZone(value);
  return value;
};

const number =
  (least: number, most: number, whole = true): Reader =>
  (name, value) => {
    const found = /^[+-]?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
    if (Number.isNaN(found) || (whole && !Number.isInteger(found)))
      throw new RedshiftError('22023', `parameter "${name}" requires ${whole ? 'an integer' : 'a numeric'} value`);
    if (found >= least && found <= most) return value;
    throw new RedshiftError(
      '22023',
      `${value} is outside the valid range for parameter "${name}" (${least} .. ${most})`,
    );
  };

const oneOf =
  (...words: readonly string[]): Reader =>
  (name, value) => {
    const found = words.find((word) => word.toLowerCase() === value.toLowerCase());
    if (found !== undefined) return found;
    throw new RedshiftError('22023', `invalid value for parameter "${name}": "${value}"`);
  };

const STYLES = new Map([
  ['iso', 'ISO'],
  ['sql', 'SQL'],
  ['postgres', 'Postgres'],
  ['german', 'German'],
]);
const ORDERS = new Map([
  ['mdy', 'MDY'],
  ['us', 'MDY'],
  ['noneuro', 'MDY'],
  ['dmy', 'DMY'],
  ['euro', 'DMY'],
  ['european', 'DMY'],
  ['ymd', 'YMD'],
]);

/** `SQL, DMY`: how dates are shown, and in which order their parts are read. What is left out stays as it is. */
export function dateStyle(name: string, value: string, before: string): string {
  let [style = 'ISO', order = 'MDY'] = before.split(', ');
  for (const part of value.split(',').map((word) => word.trim().toLowerCase())) {
    if (STYLES.has(part)) style = STYLES.get(part) as string;
    else if (ORDERS.has(part)) order = ORDERS.get(part) as string;
    else throw new RedshiftError('22023', `invalid value for parameter "${name}": "${value}"`);
  }
  return `${style}, ${order}`;
}

const setting = (initial: string, takes: Reader = text, only?: string): KnownSetting => ({ initial, takes, only });
const on = setting('on', flag);
const off = setting('off', flag);
const most = Number.MAX_SAFE_INTEGER;

/** All settings there are. Names with a point in them are the session's own variables. */
export const KNOWN_SETTINGS: ReadonlyMap<string, KnownSetting> = new Map(
  Object.entries({
    analyze_threshold_percent: setting('10', number(0, 100, false)),
    application_name: setting(''),
    cast_super_null_on_error: setting('on', flag, 'on'),
    client_encoding: setting('UNICODE'),
    client_min_messages: setting('notice'),
    datashare_break_glass_session_var: setting(''),
    datestyle: setting('ISO, MDY'),
    default_array_search_null_handling: on,
    default_geometry_encoding: setting('2', number(1, 2)),
    describe_field_name_in_uppercase: off,
    downcase_delimited_identifier: setting('on', flag, 'on'),
    enable_case_sensitive_identifier: off,
    enable_case_sensitive_super_attribute: off,
    enable_numeric_rounding: on,
    enable_result_cache_for_session: on,
    enable_spectrum_oid: on,
    enable_vacuum_boost: off,
    error_on_nondeterministic_update: off,
    extra_float_digits: setting('0', number(-15, 3)),
    interval_forbid_composite_literals: on,
    intervalstyle: setting('postgres', oneOf('postgres', 'postgres_verbose', 'sql_standard')),
    is_superuser: setting('on', fixed),
    json_parse_dedup_attributes: setting('off', flag, 'off'),
    json_parse_truncate_strings: setting('off', flag, 'off'),
    json_serialization_enable: off,
    json_serialization_parse_nested_strings: off,
    max_concurrency_scaling_clusters: setting('1', number(0, 10)),
    max_cursor_result_set_size: setting('0', number(0, most)),
    mv_enable_aqmv_for_session: on,
    navigate_super_null_on_error: setting('on', flag, 'on'),
    parse_super_null_on_error: setting('off', flag, 'off'),
    pg_federation_repeatable_read: on,
    query_group: setting('unset'),
    search_path: setting('$user, public'),
    server_encoding: setting('UTF8', fixed),
    server_version: setting('8.0.2', fixed),
    session_authorization: setting(''),
    spectrum_enable_pseudo_columns: on,
    spectrum_query_maxerror: setting('-1', number(-most, most)),
    standard_conforming_strings: on,
    statement_timeout: setting('0', number(0, 2_147_483_647)),
    stored_proc_log_min_messages: setting('LOG', oneOf('LOG', 'INFO', 'NOTICE', 'WARNING', 'EXCEPTION')),
    timezone: setting('UTC', zone),
    transaction_isolation: setting('serializable', fixed),
    use_fips_ssl: off,
    wlm_query_slot_count: setting('1', number(1, 50)),
  }),
);

/** A variable of the session's own: two names and a point. */
const isVariable = (name: string): boolean => /^[^.]+\.[^.]+$/.test(name);

/** A value as a setting keeps it; throws where the setting does not exist, cannot be changed or takes something else. */
export function settingValue(name: string, value: string | null): string | null {
  const known = KNOWN_SETTINGS.get(name);
  if (!known) {
    if (isVariable(name)) return value;
    throw new RedshiftError('42704', `unrecognized configuration parameter "${name}"`);
  }
  if (value === null) return known.takes === fixed ? fixed(name, '') && null : null;
  const kept = known.takes(name, value);
  if (known.only === undefined || kept === known.only) return kept;
  throw new RedshiftError('0A000', `the box knows ${name} ${known.only} only`);
}
