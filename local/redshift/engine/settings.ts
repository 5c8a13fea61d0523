import type { Settings } from '../binder/scope.ts';
import { RedshiftError } from '../types.ts';
import { dateStyle, KNOWN_SETTINGS, settingValue } from './known-settings.ts';

/** The settings of one session. A rolled back transaction takes its changes back. */
export class SessionSettings {
  private values = new Map<string, string | null>();
  /** What the session began with: RESET goes back to it. */
  private readonly initial: ReadonlyMap<string, string>;
  private saved: Map<string, string | null> | undefined;
  /** What SET LOCAL hid until the transaction ends. */
  private local: Map<string, string | null | undefined> = new Map();

  /** A number that grows with every change, for caches of what was bound under the settings. */
  version = 0;

  constructor(own: Readonly<Record<string, string>> = {}) {
    const known = [...KNOWN_SETTINGS].map(([name, { initial }]): [string, string] => [name, initial]);
    this.initial = new Map([...known, ...Object.entries(own)]);
  }

  /** Undefined where there is no such setting; a variable that RESET took back is null. */
  get(name: string): string | null | undefined {
    return this.values.has(name) ? this.values.get(name) : this.initial.get(name);
  }

  /** What was set in this session. */
  own(): ReadonlyMap<string, string | null> {
    return this.values;
  }

  all(): ReadonlyMap<string, string | null> {
    return new Map([...this.initial, ...this.values]);
  }

  /** Null takes a setting back to what it was at the session's start. */
  set(name: string, value: string | null, options: { local: boolean }): void {
    const isStyle = name === 'datestyle' && value !== null;
    const stored = isStyle ? dateStyle('DateStyle', value, this.get(name) ?? '') : settingValue(name, value);
    if (options.local && !this.local.has(name)) this.local.set(name, this.values.get(name));
    if (!options.local) this.local.delete(name);
    this.version += 1;
    if (stored !== null || !KNOWN_SETTINGS.has(name)) this.values.set(name, stored);
    else this.values.delete(name);
  }

  /** RESET ALL. */
  resetAll(): void {
    for (const name of [...this.values.keys()]) this.set(name, null, { local: false });
  }

  begin(): void {
    this.saved = new Map(this.values);
  }

  commit(): void {
    this.restoreLocal();
    this.saved = undefined;
  }

  private restoreLocal(): void {
    for (const [name, value] of this.local) {
      if (value === undefined) this.values.delete(name);
      else this.values.set(name, value);
    }
    if (this.local.size > 0) this.version += 1;
    this.local = new Map();
  }

  rollback(): void {
    if (this.saved) this.values = this.saved;
    this.saved = undefined;
    this.local = new Map();
    this.version += 1;
  }

  isOn(name: string): boolean {
    return this.get(name) === 'on';
  }

  binder(): Settings {
    return {
      caseSensitiveIdentifier: this.isOn('enable_case_sensitive_identifier'),
      caseSensitiveSuperAttribute: this.isOn('enable_case_sensitive_super_attribute'),
      numericRounding: this.isOn('enable_numeric_rounding'),
      forbidsCompositeIntervals: this.isOn('interval_forbid_composite_literals'),
      intervalStyle: this.get('intervalstyle') ?? 'postgres',
    };
  }

  /** The schemas to look in, in order; `$user` is the user's own. */
  searchPath(user: string): string[] {
    const path = (this.get('search_path') ?? '').split(',').map((part) => part.trim().replace(/^["']|["']$/g, ''));
    return path.filter((part) => part !== '').map((part) => (part === '$user' ? user : part));
  }

  /** A setting or a variable as SHOW and current_setting give it. */
  shown(name: string): string | null {
    const value = this.get(name);
    if (value !== undefined) return value;
    throw new RedshiftError('42704', `unrecognized configuration parameter "${name}"`);
  }
}

/** What a client asks for in its startup packet, `options=-c name=value` included. It may send what Redshift does not know. */
export function startingSettings(asked: ReadonlyMap<string, string> = new Map()): Record<string, string> {
  const options = [...(asked.get('options') ?? '').matchAll(/(?:-c\s*|--)(\w+)=((?:\\.|\S)*)/g)];
  const pairs = [
    ...asked,
    ...options.map(([, name = '', value = '']) => [name, value.replace(/\\(.)/g, '$1')] as const),
  ];
  const settings = new SessionSettings();
  for (const [name, value] of pairs) {
    try {
      settings.set(name.toLowerCase(), value, { local: false });
    } catch (error) {
      if (!(error instanceof RedshiftError)) throw error;
    }
  }
  return Object.fromEntries([...settings.own()].map(([name, value]) => [name, value ?? '']));
}
