/** Visits every node of a syntax tree, from the top. */
export function walk(node: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) for (const item of node) walk(item, visit);
  if (node === null || typeof node !== 'object' || Array.isArray(node)) return;
  visit(node as Record<string, unknown>);
  for (const child of Object.values(node)) walk(child, visit);
}
