import { unshareDemo } from './factories/shared-demo.ts';

/** After all tests. */
export default function tearDown() {
  unshareDemo();
}
