import type { CompiledModel } from '../models/model.ts';
import { quoteText } from '../names.ts';
import { modelWriterTable, qualifiedName } from '../tables.ts';

/** The run that writes: its lane, and the lane's generation, its fencing token. */
export interface Holder {
  readonly lane: string;
  readonly generation: number;
}

type Named = Pick<CompiledModel, 'name' | 'table'>;

const requireGeneration = qualifiedName({ schema: 'ops', name: 'require_generation' });
const refusal = 'FENCED: generation';

/**
 * Fails, and with it the whole transaction, where a later generation of the lane is on the books of a writer's table; else puts
 * its own there. A batch cannot branch: what must not happen has to raise. The caller holds the table's lock.
 */
export const createFence = `CREATE OR REPLACE PROCEDURE ${requireGeneration}(writer VARCHAR(127), of_lane VARCHAR(63), mine BIGINT) AS $$
DECLARE
  latest BIGINT;
BEGIN
  EXECUTE 'SELECT MAX("generation") FROM "ops".' || QUOTE_IDENT(writer) || ' WHERE "lane" = ' || QUOTE_LITERAL(of_lane) INTO latest;
  IF latest > mine THEN
    RAISE EXCEPTION '${refusal} % of lane % has written since generation %', latest, of_lane, mine;
  END IF;
  IF latest IS NULL THEN
    EXECUTE 'INSERT INTO "ops".' || QUOTE_IDENT(writer) || ' VALUES (' || QUOTE_LITERAL(of_lane) || ', ' || mine || ', NULL)';
  ELSIF latest < mine THEN
    EXECUTE 'UPDATE "ops".' || QUOTE_IDENT(writer) || ' SET "generation" = ' || mine || ', "outcome" = NULL WHERE "lane" = ' || QUOTE_LITERAL(of_lane);
  END IF;
END;
$$ LANGUAGE plpgsql`;

/**
 * Where every batch that writes a model begins: one writer at a time, and none that is out of date. The lock comes first: the
 * transaction's snapshot is taken by the statement after, so it sees what the writer before committed.
 */
export function fenceStatements(model: Named, { lane, generation }: Holder): string[] {
  const writer = modelWriterTable(model);
  return [
    `LOCK ${qualifiedName(writer)}`,
    `CALL ${requireGeneration}(${quoteText(writer.name)}, ${quoteText(lane)}, ${generation})`,
  ];
}

const rowOf = (model: Named, { lane, generation }: Holder): string =>
  `${qualifiedName(modelWriterTable(model))} WHERE "lane" = ${quoteText(lane)} AND "generation" = ${generation}`;

/** True until the run's outcome is on the books: what it tells is told once, although an answer was lost and a batch sent again. */
export function unlessNoted(model: Named, holder: Holder): string {
  return `NOT EXISTS (SELECT 1 FROM ${rowOf(model, holder)} AND "outcome" IS NOT NULL)`;
}

/** Puts the run's outcome on the books, unless one is there. */
export function noteOutcome(model: Named, { lane, generation }: Holder, outcome: string): string {
  return `UPDATE ${qualifiedName(modelWriterTable(model))}
SET "outcome" = ${quoteText(outcome)}
WHERE "lane" = ${quoteText(lane)} AND "generation" = ${generation} AND "outcome" IS NULL`;
}

/** Answers how the run ended, as the books have it. */
export function notedOutcome(model: Named, holder: Holder): string {
  return `SELECT "outcome" FROM ${rowOf(model, holder)}`;
}

/** Whether a batch failed because a later run has written: the run that sent it is out of date, and nothing else is wrong. */
export const isFenced = (error: string): boolean => error.includes(refusal);
