import { columnList, latestTable, qualifiedName, reconciliationsTable, tombstonesTable } from '../tables.ts';

/** A statement for the Data API: `:names` in it are filled in by the parameters, none of which may be empty. */
export interface Statement {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Sorts before every key: keys are JSON objects, and a parameter may not be empty. */
export const beforeAllKeys = ' ';

/** The next keys of `latest`, in their order. */
export function keysAfter(dataset: string, after: string, limit: number): Statement {
  const sql = `SELECT "_key"
FROM ${qualifiedName(latestTable(dataset))}
WHERE "_key" > :after
ORDER BY "_key"
LIMIT ${limit}`;
  return { sql, parameters: { after } };
}

/** About one key of `latest` in `oneIn`, and others with another salt. */
export function sampleOfKeys(dataset: string, salt: string, oneIn: number, limit: number): Statement {
  const sql = `SELECT "_key"
FROM ${qualifiedName(latestTable(dataset))}
WHERE MOD(STRTOL(SUBSTRING(MD5(:salt || "_key"), 1, 8), 16), ${oneIn}) = 0
LIMIT ${limit}`;
  return { sql, parameters: { salt } };
}

/** How many keys `latest` has, and how many keys came, changed or went since an instant: those prove nothing. */
export function countOfLatest(dataset: string, since: string): Statement {
  const moved = 'COUNT(CASE WHEN "_at" >= CAST(:since AS TIMESTAMPTZ) THEN 1 END) AS "moved"';
  const sql = `SELECT "there"."keys", "there"."moved" + "gone"."moved"
FROM (SELECT COUNT(*) AS "keys", ${moved} FROM ${qualifiedName(latestTable(dataset))}) AS "there"
CROSS JOIN (SELECT ${moved} FROM ${qualifiedName(tombstonesTable(dataset))}) AS "gone"`;
  return { sql, parameters: { since } };
}

/** One row of `ops.reconciliations`. */
export interface Reconciliation {
  readonly execution: string;
  readonly dataset: string;
  readonly sourceCount: number;
  readonly latestCount: number;
  readonly driftRows: number;
  readonly sampled: number;
  /** Sampled keys with a payload that is too long to be compared. */
  readonly incomparable: number;
  readonly differing: number;
  readonly missing: number;
  readonly extra: number;
  /** Some of the keys that drifted. */
  readonly examples: readonly string[];
}

/** Notes a reconciliation; again, it changes nothing. */
export function noteReconciliation(found: Reconciliation): Statement {
  const { execution, dataset, examples, sourceCount, latestCount, driftRows } = found;
  const { sampled, incomparable, differing, missing, extra } = found;
  const table = qualifiedName(reconciliationsTable);
  const numbers = [sourceCount, latestCount, driftRows, sampled, incomparable, differing, missing, extra];
  const sql = `INSERT INTO ${table} (${columnList(reconciliationsTable.columns)})
SELECT :execution, :dataset, ${numbers.join(', ')}, :examples, SYSDATE
WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE "execution" = :execution)`;
  return { sql, parameters: { execution, dataset, examples: JSON.stringify(examples) } };
}
