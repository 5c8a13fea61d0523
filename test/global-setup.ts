import { shareDemo } from './factories/shared-demo.ts';

/** Before all tests. Who runs some of the files by name may need no stack at all, and waits for none. */
export default async function setUp(run: { readonly testPathPatterns: { readonly patterns: readonly string[] } }) {
  if (run.testPathPatterns.patterns.length === 0) await shareDemo();
}
