import type { Source } from './shape.ts';

/** Sources that something of a query holds together: a condition, a left join, what is unnested. */
export interface Link {
  readonly sources: readonly Source[];
  /** The source that cannot be without the others, and that takes no row away. */
  readonly dependent?: Source;
}

const neighboursOf = (source: Source, links: readonly Link[], kept: ReadonlySet<Source>): Set<Source> =>
  new Set(
    links
      .filter(({ sources }) => sources.includes(source) && sources.every((one) => kept.has(one)))
      .flatMap(({ sources }) => sources.filter((one) => one !== source)),
  );

/** What remains when every source goes that is not required and leads from nothing to nothing. */
export function withoutLeaves(
  all: readonly Source[],
  links: readonly Link[],
  required: ReadonlySet<Source>,
): Set<Source> {
  const kept = new Set(all);
  const isNeeded = (source: Source): boolean => {
    if (required.has(source)) return true;
    const others = links.filter(({ sources }) => sources.includes(source) && sources.every((one) => kept.has(one)));
    if (others.some(({ dependent }) => dependent && dependent !== source)) return true;
    const isUsed = others.some(({ dependent }) => dependent === undefined);
    if (source.join === 'left' && !isUsed) return false;
    return neighboursOf(source, links, kept).size > 1;
  };
  for (let gone = all.find((source) => !isNeeded(source)); gone; gone = [...kept].find((source) => !isNeeded(source))) {
    kept.delete(gone);
  }
  return kept;
}

/** What links lead to, from a source on. */
export function reachable(from: Source, links: readonly Link[], kept: ReadonlySet<Source>): Set<Source> {
  const reached = new Set([from]);
  for (const source of reached) for (const next of neighboursOf(source, links, kept)) reached.add(next);
  return reached;
}
