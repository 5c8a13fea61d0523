import type { CloudModule } from './resource.ts';

/** Everything the local cloud can run. Services open in this order and close in the reverse. */
export const modules: readonly CloudModule[] = [];
