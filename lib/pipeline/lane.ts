/** The lane that every dataset, and every model that says no other, runs in. */
export const mainLane = 'main';

/** The lanes of a stack, main first. */
export function lanesOf(models: readonly { readonly lane: string }[]): string[] {
  return [...new Set([mainLane, ...models.map(({ lane }) => lane).toSorted()])];
}
