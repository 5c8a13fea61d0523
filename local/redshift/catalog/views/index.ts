import { historyRelations } from './history.ts';
import { informationSchemaRelations } from './information-schema.ts';
import { postgresRelations } from './postgres.ts';
import { redshiftRelations } from './redshift.ts';
import type { SystemRelation } from './relation.ts';

export type { SystemRelation, SystemSession } from './relation.ts';

/** All system tables and views that the box knows. */
export const systemRelations: readonly SystemRelation[] = [
  ...postgresRelations,
  ...informationSchemaRelations,
  ...redshiftRelations,
  ...historyRelations,
];
