import type { CompiledModel } from '../../models/model.ts';
import type { PlacedRelation } from '../../tables.ts';

type Placed = Pick<CompiledModel, 'schema' | 'table'> & Partial<Pick<CompiledModel, 'materialization'>>;

/**
 * Where a model is built before anybody reads it. A view has a name of its own: what a run that died has left there is never of
 * another kind than the DROP that removes it.
 */
export const asideOf = ({ schema, table, materialization }: Placed): PlacedRelation => ({
  schema,
  name: materialization === 'view' ? `${table}__next_view` : `${table}__next`,
});
/** Where it is read. */
export const targetOf = ({ schema, table }: Placed): PlacedRelation => ({ schema, name: table });
/** Where the table that was read until a swap stays for those who are still reading it. */
export const oldOf = ({ schema, table }: Placed): PlacedRelation => ({ schema, name: `${table}__old` });
/** Where the keys are that a change reaches, of a model that follows changes. */
export const changedOf = ({ schema, table }: Placed): PlacedRelation => ({ schema, name: `${table}__changed` });

/** The two materialized views of a model, of which readers see one. */
export const twins = ['a', 'b'] as const;
export type Twin = (typeof twins)[number];
export const twinOf = ({ schema, table }: Placed, twin: Twin): PlacedRelation => ({
  schema,
  name: `${table}__${twin}`,
});
