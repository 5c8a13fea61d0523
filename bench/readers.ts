import type { Materialization } from '../lib/pipeline/models/model.ts';
import { readDuring } from '../test/factories/mart-readers.ts';

/** Readers in a loop over a model while it is refreshed: none may see an error, nothing or half of it. `--refreshes N`, 200 if not said. */
const at = process.argv.indexOf('--refreshes');
const refreshes = at < 0 ? 200 : Number(process.argv[at + 1]);
const kinds: readonly Materialization[] = ['table', 'view', 'materialized view'];
const scenes = [
  ...kinds.map((kind) => [kind]),
  ['table', 'view', 'materialized view', 'view', 'table', 'materialized view'] as const,
];

for (const scene of scenes) {
  const { looks, statesSeen, troubles } = await readDuring(refreshes, scene);
  const name = scene.length === 1 ? scene[0] : 'another kind each time';
  console.log(`${name}: ${refreshes} refreshes, ${looks} looks at ${statesSeen} states, ${troubles.length} troubles`);
  for (const trouble of [...new Set(troubles)].slice(0, 10)) console.log(`  ${trouble}`);
  if (troubles.length > 0) process.exitCode = 1;
}
