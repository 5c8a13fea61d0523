import { createHash } from 'node:crypto';

const hashKeys = 1n << 128n;

export const shardId = (index: number): string => `shardId-${String(index).padStart(12, '0')}`;

/** The index in `shardId-000000000003`; undefined where the text is no shard id. */
export function shardIndex(id: string): number | undefined {
  const digits = /^shardId-(\d{12})$/.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The range of hash keys of a shard, both ends included, as decimal text. */
export function hashKeyRange(index: number, shardCount: number): { StartingHashKey: string; EndingHashKey: string } {
  const size = hashKeys / BigInt(shardCount);
  const start = size * BigInt(index);
  const end = index === shardCount - 1 ? hashKeys - 1n : start + size - 1n;
  return { StartingHashKey: String(start), EndingHashKey: String(end) };
}

/** Which shard a record goes to: by its explicit hash key, or by the MD5 of its partition key. */
export function shardOf(partitionKey: string, explicitHashKey: string | undefined, shardCount: number): number {
  const hash = explicitHashKey ?? BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);
  const index = BigInt(hash) / (hashKeys / BigInt(shardCount));
  return Math.min(Number(index), shardCount - 1);
}

/** Decimal text of 0 to 2^128 - 1, without leading zeros. */
export function isHashKey(text: string): boolean {
  return /^(0|[1-9]\d{0,38})$/.test(text) && BigInt(text) < hashKeys;
}

/** 56 digits that grow within a shard: when the stream began, the shard, and the place in the journal. */
export function sequenceNumber(place: { createdAt: number; shard: number; position: number }): string {
  const { createdAt, shard, position } = place;
  return `49${pad(createdAt, 14)}${pad(shard, 6)}${pad(position, 34)}`;
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');

/** The place in the journal that a sequence number says; undefined where it is none of ours. */
export function positionOf(sequence: string): number | undefined {
  return /^49\d{54}$/.test(sequence) ? Number(sequence.slice(22)) : undefined;
}
