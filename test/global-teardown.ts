/** After all tests: takes away what was made before them, if it was. */
export default async function tearDown(run: { readonly testPathPatterns: { readonly patterns: readonly string[] } }) {
  if (run.testPathPatterns.patterns.length > 0) return;
  const { unshareDemo } = await import('./factories/shared-demo.ts');
  unshareDemo();
}
