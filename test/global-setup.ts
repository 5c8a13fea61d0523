/** Before all tests. Who runs some of the files by name may need no stack at all: nothing of it is loaded then. */
export default async function setUp(run: { readonly testPathPatterns: { readonly patterns: readonly string[] } }) {
  if (run.testPathPatterns.patterns.length > 0) return;
  const { shareDemo } = await import('./factories/shared-demo.ts');
  await shareDemo();
}
