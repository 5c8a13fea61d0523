import { createHash } from 'node:crypto';
import { mainLane } from '../../lane.ts';
import type { CompiledModel } from '../../models/model.ts';
import type { PlacedRelation } from '../../tables.ts';

type Placed = Pick<CompiledModel, 'schema' | 'table'> & Partial<Pick<CompiledModel, 'materialization' | 'lane'>>;

/** What the names end in that models have beside the one that is read; no model's own name may. */
const asides = { next: '__next', nextView: '__next_view', changed: '__changed', old: '__old' } as const;
const besides = /__(?:next|changed)(?=_|$)|__(?:old|a|b)$/;

/** The part of a name because of which no model may have it: it could be the name of what another model is built from. */
export const takenEnding = (table: string): string | undefined => besides.exec(table)?.[0];

/**
 * The lane that builds has a name of its own there: a build at the desk and a refresh may have another definition, and neither is
 * to publish the other's rows.
 */
const longestNameBytes = 127;

function inLane(table: string, ending: string, lane: string = mainLane): string {
  if (lane === mainLane) return `${table}${ending}`;
  const name = `${table}${ending}_${lane}`;
  if (Buffer.byteLength(name) <= longestNameBytes) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${table}${ending}_${hash}`;
}

/**
 * Where a model is built before anybody reads it. A view has a name of its own: what a run that died has left there is never of
 * another kind than the DROP that removes it.
 */
export const asideOf = ({ schema, table, materialization, lane }: Placed): PlacedRelation => ({
  schema,
  name: inLane(table, materialization === 'view' ? asides.nextView : asides.next, lane),
});
/** Where it is read. */
export const targetOf = ({ schema, table }: Placed): PlacedRelation => ({ schema, name: table });
/** Where the table that was read until a swap stays for those who are still reading it. */
export const oldOf = ({ schema, table }: Placed): PlacedRelation => ({ schema, name: `${table}${asides.old}` });
/** Where the keys are that a change reaches, of a model that follows changes. */
export const changedOf = ({ schema, table, lane }: Placed): PlacedRelation => ({
  schema,
  name: inLane(table, asides.changed, lane),
});

/** The two materialized views of a model, of which readers see one. */
export const twins = ['a', 'b'] as const;
export type Twin = (typeof twins)[number];
export const twinOf = ({ schema, table }: Placed, twin: Twin): PlacedRelation => ({
  schema,
  name: `${table}__${twin}`,
});
