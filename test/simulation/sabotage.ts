import type { Sabotage } from './simulate.ts';

/** Rewrites statements on their way to the warehouse. */
const rewriting = (what: RegExp, by: string): Sabotage => ({
  statements: (statements) => statements.map((statement) => statement.replace(what, by)),
});

/** Ways to break the pipeline; the simulation must notice each. */
export const sabotages: Readonly<Record<string, Sabotage>> = {
  'loads of a dataset do not wait for one another': rewriting(/^LOCK .+$/, 'SELECT 1'),
  'events that raw has are inserted again': rewriting(/AND "known"\."_id" IS NULL/, ''),
  'an event that is twice in a load is inserted twice': rewriting(/"staged"\."delivery" = 1/, 'TRUE'),
  'an older write replaces the key that is there': rewriting(/AND \(\n {2}"present"[\s\S]*?\n\)/, ''),
  'an older write brings a deleted key back': rewriting(/AND \(\n {2}"deleted"[\s\S]*?\n\)/, ''),
  'deleted keys stay in latest': rewriting(
    /^DELETE FROM "latest"\."brackets"$/m,
    'DELETE FROM "latest"."brackets__tombstones"',
  ),
};
