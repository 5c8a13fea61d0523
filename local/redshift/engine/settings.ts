import type { Settings } from '../binder/scope.ts';
import { RedshiftError } from '../types.ts';

/** Settings that are known, with their defaults. Others are refused, but for `query_group`-like ones of extensions (`a.b`). */
const DEFAULTS: Readonly<Record<string, string>> = {
  analyze_threshold_percent: '10',
  application_name: '',
  client_encoding: 'UNICODE',
  client_min_messages: 'notice',
  datestyle: 'ISO, MDY',
  default_geometry_encoding: '1',
  describe_field_name_in_uppercase: 'off',
  downcase_delimited_identifier: 'on',
  enable_case_sensitive_identifier: 'off',
  enable_case_sensitive_super_attribute: 'off',
  enable_numeric_rounding: 'on',
  enable_result_cache_for_session: 'on',
  enable_vacuum_boost: 'off',
  error_on_nondeterministic_update: 'off',
  extra_float_digits: '0',
  interval_forbid_composite_literals: 'on',
  intervalstyle: 'postgres',
  is_superuser: 'on',
  json_parse_dedup_attributes: 'off',
  json_parse_truncate_strings: 'off',
  json_serialization_enable: 'off',
  json_serialization_parse_nested_strings: 'off',
  max_concurrency_scaling_clusters: '1',
  max_cursor_result_set_size: '0',
  mv_enable_aqmv_for_session: 'on',
  navigate_super_null_on_error: 'on',
  parse_super_null_on_error: 'off',
  pg_federation_repeatable_read: 'on',
  query_group: 'default',
  search_path: '$user, public',
  server_encoding: 'UTF8',
  server_version: '8.0.2',
  session_authorization: '',
  spectrum_enable_pseudo_columns: 'on',
  standard_conforming_strings: 'on',
  statement_timeout: '0',
  stored_proc_log_min_messages: 'LOG',
  timezone: 'UTC',
  transaction_isolation: 'serializable',
  use_fips_ssl: 'off',
  wlm_query_slot_count: '1',
};
const READ_ONLY = new Set(['server_version', 'server_encoding', 'is_superuser', 'transaction_isolation']);
const FLAGS = new Set(
  Object.entries(DEFAULTS)
    .filter(([, value]) => value === 'on' || value === 'off')
    .map(([name]) => name),
);

/** The settings of one session. A rolled back transaction takes its changes back. */
export class SessionSettings {
  private values = new Map<string, string>();
  /** What the session began with: RESET goes back to it. */
  private readonly initial: Readonly<Record<string, string>>;
  private saved: Map<string, string> | undefined;
  private local: Map<string, string | undefined> = new Map();

  /** A number that grows with every change, for caches of what was bound under the settings. */
  version = 0;

  constructor(own: Readonly<Record<string, string>> = {}) {
    this.initial = { ...DEFAULTS, ...own };
  }

  get(name: string): string | undefined {
    return this.values.get(name) ?? this.initial[name];
  }

  all(): ReadonlyMap<string, string> {
    return new Map([...Object.entries(this.initial), ...this.values]);
  }

  set(name: string, value: string | null, options: { local: boolean }): void {
    const stored = settingValue(name, value);
    if (options.local) this.local.set(name, this.values.get(name));
    this.version += 1;
    if (stored === null) this.values.delete(name);
    else this.values.set(name, stored);
  }

  begin(): void {
    this.saved = new Map(this.values);
  }

  commit(): void {
    for (const [name, value] of this.local) {
      if (value === undefined) this.values.delete(name);
      else this.values.set(name, value);
    }
    this.saved = undefined;
    this.local = new Map();
  }

  rollback(): void {
    if (this.saved) this.values = this.saved;
    this.saved = undefined;
    this.local = new Map();
    this.version += 1;
  }

  binder(): Settings {
    return {
      caseSensitiveIdentifier: this.get('enable_case_sensitive_identifier') === 'on',
      caseSensitiveSuperAttribute: this.get('enable_case_sensitive_super_attribute') === 'on',
    };
  }

  /** The schemas to look in, in order; `$user` is the user's own. */
  searchPath(user: string): string[] {
    const path = (this.get('search_path') ?? '').split(',').map((part) => part.trim().replace(/^["']|["']$/g, ''));
    return path.filter((part) => part !== '').map((part) => (part === '$user' ? user : part));
  }
}

/** A value as a setting keeps it; throws where the setting does not exist, cannot be changed or takes something else. */
export function settingValue(name: string, value: string | null): string | null {
  if (!(name in DEFAULTS) && !name.includes('.')) {
    throw new RedshiftError('42704', `unrecognized configuration parameter "${name}"`);
  }
  if (READ_ONLY.has(name)) throw new RedshiftError('55P02', `parameter "${name}" cannot be changed`);
  return value !== null && FLAGS.has(name) ? flag(name, value) : value;
}

function flag(name: string, value: string): string {
  const word = value.toLowerCase();
  if (['on', 'true', 'yes', '1', 't'].includes(word)) return 'on';
  if (['off', 'false', 'no', '0', 'f'].includes(word)) return 'off';
  throw new RedshiftError('22023', `parameter "${name}" requires a Boolean value`);
}

/** How SHOW prints a value. */
export const shownSetting = (name: string, value: string): string =>
  FLAGS.has(name) && name.startsWith('enable_') ? (value === 'on' ? 'on' : 'off') : value;
