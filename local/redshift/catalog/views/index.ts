import { activityRelations } from './activity.ts';
import { standardRelations } from './constraints-standard.ts';
import { databaseRelations } from './databases.ts';
import { functionAndConstraintRelations } from './functions-and-constraints.ts';
import { historyRelations } from './history.ts';
import { informationSchemaRelations } from './information-schema.ts';
import { postgresRelations } from './postgres.ts';
import { privilegeRelations } from './privileges.ts';
import { procedureMessageRelations } from './procedure-messages.ts';
import { redshiftRelations } from './redshift.ts';
import type { SystemRelation } from './relation.ts';
import { transferRelations } from './transfers.ts';
import { workloadRelations } from './workload.ts';

/** Ids that PostgreSQL has given its catalogs for good: clients compare with them. */
const KNOWN_IDS: Readonly<Record<string, number>> = {
  pg_type: 1247,
  pg_attribute: 1249,
  pg_proc: 1255,
  pg_class: 1259,
  pg_shadow: 1260,
  pg_group: 1261,
  pg_database: 1262,
  pg_attrdef: 2604,
  pg_constraint: 2606,
  pg_description: 2609,
  pg_index: 2610,
  pg_inherits: 2611,
  pg_language: 2612,
  pg_namespace: 2615,
};
const firstOtherId = 9_000;

/** What a system table or view goes by in pg_class and to `::regclass`. */
export function systemRelationId(relation: SystemRelation): number {
  return KNOWN_IDS[relation.name] ?? firstOtherId + systemRelations.indexOf(relation);
}

export type { SystemRelation, SystemSession } from './relation.ts';

/** All system tables and views that the box knows. */
export const systemRelations: readonly SystemRelation[] = [
  ...postgresRelations,
  ...informationSchemaRelations,
  ...redshiftRelations,
  ...historyRelations,
  ...activityRelations,
  ...functionAndConstraintRelations,
  ...standardRelations,
  ...transferRelations,
  ...privilegeRelations,
  ...workloadRelations,
  ...databaseRelations,
  ...procedureMessageRelations,
];
