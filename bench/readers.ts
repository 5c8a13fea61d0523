import type { Materialization } from '../lib/pipeline/models/model.ts';
import { readFollowed } from '../test/factories/followed-mart-readers.ts';
import { type Looks, readDuring } from '../test/factories/mart-readers.ts';

/** Readers in a loop over a model while it is refreshed: none may see an error, nothing or half of it. `--refreshes N`, 200 if not said. */
const at = process.argv.indexOf('--refreshes');
const refreshes = at < 0 ? 200 : Number(process.argv[at + 1]);
const kinds: readonly Materialization[] = ['table', 'view', 'materialized view'];
const scenes = [
  ...kinds.map((kind) => [kind]),
  ['table', 'view', 'materialized view', 'view', 'table', 'materialized view'] as const,
];

function report(name: string, { looks, statesSeen, troubles }: Looks): void {
  console.log(`${name}: ${refreshes} refreshes, ${looks} looks at ${statesSeen} states, ${troubles.length} troubles`);
  for (const trouble of [...new Set(troubles)].slice(0, 10)) console.log(`  ${trouble}`);
  if (troubles.length > 0) process.exitCode = 1;
}

for (const scene of scenes)
  report(scene.length === 1 ? String(scene[0]) : 'another kind each time', await readDuring(refreshes, scene));
for (const kind of ['incremental', 'history'] as const) report(kind, await readFollowed(refreshes, kind));
