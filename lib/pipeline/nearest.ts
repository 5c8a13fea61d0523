import { distance } from 'fastest-levenshtein';

/** How far a word may be from the one that was meant: a third of its letters, at least two. */
function isNear(word: string, candidate: string): boolean {
  return distance(word.toLowerCase(), candidate.toLowerCase()) <= Math.max(2, Math.floor(candidate.length / 3));
}

/** The known word that was probably meant, if one is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  return candidates
    .filter((candidate) => isNear(word, candidate))
    .toSorted((one, other) => distance(word, one) - distance(word, other))[0];
}
