const streamName = /\/(?:(?<shard>shardId-\d+)-)?(?<first>\d+)-(?<last>\d+)-[0-9a-f]{16}\.ndjson\.[a-z]+$/;
const pullName = /\/pull-(?<pull>\d+)-[0-9a-f]{16}\.ndjson\.[a-z]+$/;

/**
 * Whether an object of the lake may hold an event, as far as its name tells: objects are named after the shard and the range of
 * sequence numbers, or the pull, that they hold. A name of another kind tells nothing, so such an object may.
 */
export function mayHold(objectKey: string, event: { readonly id: string; readonly position: string }): boolean {
  const range = streamName.exec(objectKey)?.groups;
  if (range) {
    const { shard, first = '0', last = '0' } = range;
    const sequence = /^(\d+)(?:\.\d+)?$/.exec(event.position)?.[1];
    if (sequence === undefined) return false;
    const isOfShard = shard === undefined || event.id.startsWith(`${shard}:`);
    return isOfShard && BigInt(first) <= BigInt(sequence) && BigInt(sequence) <= BigInt(last);
  }
  const pull = pullName.exec(objectKey)?.groups?.pull;
  if (pull === undefined) return true;
  const number = /#(\d+)$/.exec(event.position)?.[1];
  return number !== undefined && BigInt(pull) === BigInt(number);
}
