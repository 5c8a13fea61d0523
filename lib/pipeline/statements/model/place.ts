import type { CompiledModel } from '../../models/model.ts';

type Placed = Pick<CompiledModel, 'schema' | 'table'>;

/** Where a model is built before anybody reads it. */
export const asideOf = ({ schema, table }: Placed) => ({ schema, name: `${table}__next` });
/** Where it is read. */
export const targetOf = ({ schema, table }: Placed) => ({ schema, name: table });
/** Where the keys are that a change reaches, of a model that follows changes. */
export const changedOf = ({ schema, table }: Placed) => ({ schema, name: `${table}__changed` });
