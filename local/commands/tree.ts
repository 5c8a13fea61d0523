/** Something with what belongs under it. */
export interface Tree {
  readonly text: string;
  readonly below: readonly Tree[];
}

/** Draws trees, a line each:
 *
 *     ├─ mart.players
 *     │  └─ latest.brackets
 *     └─ latest.organizers
 */
export function treeLines(trees: readonly Tree[]): string[] {
  return trees.flatMap(({ text, below }, n) => {
    const isLast = n === trees.length - 1;
    const inner = treeLines(below).map((line) => `${isLast ? '   ' : '│  '}${line}`);
    return [`${isLast ? '└─ ' : '├─ '}${text}`, ...inner];
  });
}
