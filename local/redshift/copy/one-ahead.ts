/** What a source yields, the next of it in the making while one is used. */
export async function* oneAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = source.next();
  try {
    for (let result = await next; !result.done; result = await next) {
      next = source.next();
      // It is awaited when its turn comes; until then its failure would be taken for one that nobody sees.
      next.catch(() => undefined);
      yield result.value;
    }
  } finally {
    await next.catch(() => undefined);
    await source.return(undefined);
  }
}

/** What work makes of each item, in the order of the items, so many of them in work at once. None is left in work at the end. */
export async function* severalAtOnce<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  count: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const working = work(item);
      // As above.
      working.catch(() => undefined);
      pending.push(working);
      if (pending.length === count) yield (await pending.shift()) as R;
    }
    while (pending.length > 0) yield (await pending.shift()) as R;
  } finally {
    await Promise.allSettled(pending);
  }
}
