import { lakePrefixes } from './names.ts';
import type { ReloadRequest } from './reload.ts';

/** What a reload covers, as its request says it. */
export type ReloadRange = Pick<ReloadRequest, 'id' | 'after' | 'before'>;

const hourMilliseconds = 3_600_000;

/** Where the objects of a dataset begin in the lake. */
export const datasetPrefix = (dataset: string): string => `${lakePrefixes.raw}${dataset}/`;

/** The whole lake of a dataset. */
export const wholeRange: ReloadRange = { id: 'whole', after: '', before: '' };

/**
 * The hours of the lake that hold a range of instants, in milliseconds since the epoch. An object lies in the hour of its first
 * record, so what happened just after `from` may lie in the hour before: that one is taken as well. More than was asked for
 * does no harm, for what is there already changes nothing.
 */
export function rangeOfInstants(dataset: string, from: number, to: number): ReloadRange {
  const first = Math.floor(from / hourMilliseconds) * hourMilliseconds - hourMilliseconds;
  const end = Math.ceil(to / hourMilliseconds) * hourMilliseconds;
  return {
    id: `${digits(first)}_${digits(end)}`,
    after: `${datasetPrefix(dataset)}${partition(first)}`,
    before: `${datasetPrefix(dataset)}${partition(end)}`,
  };
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** `2026112009`: the hour in digits. */
const digits = (milliseconds: number): string => iso(milliseconds).slice(0, 13).replaceAll(/\D/g, '');

/** Sorts before every key of the hour, and after every key of the hours before. */
const partition = (milliseconds: number): string =>
  `dt=${iso(milliseconds).slice(0, 10)}/hh=${iso(milliseconds).slice(11, 13)}`;

/** The hour that a key lies in, for people: `2026-11-20 09h`; undefined for what is no key of the lake. */
export function hourOfKey(key: string): string | undefined {
  const [, day, hour] = /\/dt=(\d{4}-\d\d-\d\d)\/hh=(\d\d)\//.exec(key) ?? [];
  return day && `${day} ${hour}h`;
}
