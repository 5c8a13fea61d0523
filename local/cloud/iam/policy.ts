import { z } from 'zod';
import { MillraceError } from '../../../lib/pipeline/error.ts';
import { checkConditionOperator } from './condition.ts';

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const conditionValue = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const conditionValues = z.union([conditionValue, z.array(conditionValue)]).transform((value) => [value].flat());
const principal = z.union([z.literal('*'), z.record(z.string(), oneOrMore)]);

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Principal: principal.optional(),
  NotPrincipal: principal.optional(),
  Condition: z.record(z.string(), z.record(z.string(), conditionValues)).optional(),
});
export type Statement = z.infer<typeof statementSchema>;

const documentSchema = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z.union([statementSchema, z.array(statementSchema)]).transform((value) => [value].flat()),
});

/** A policy document that was read, with where it comes from. */
export interface Policy {
  /** The logical id of the template's resource, or the managed policy's name. */
  readonly origin: string;
  readonly statements: readonly Statement[];
}

/** Reads a policy document; what this evaluator would not honour is an error naming the policy, never skipped. */
export function readPolicy(origin: string, document: unknown): Policy {
  const result = documentSchema.safeParse(document);
  if (!result.success) {
    throw new MillraceError('BAD_POLICY', `policy ${origin} cannot be evaluated:\n${z.prettifyError(result.error)}`);
  }
  for (const statement of result.data.Statement) checkStatement(origin, statement);
  return { origin, statements: result.data.Statement };
}

function checkStatement(origin: string, statement: Statement): void {
  const fail = (reason: string): never => {
    throw new MillraceError('UNSUPPORTED_POLICY', `policy ${origin}: ${reason} (in ${JSON.stringify(statement)})`);
  };
  if (!statement.Action === !statement.NotAction) fail('a statement has either Action or NotAction');
  if (statement.Resource && statement.NotResource) fail('a statement has Resource or NotResource, not both');
  if (statement.NotPrincipal) fail('NotPrincipal is not supported by the local evaluator');
  const texts = [
    statement.Resource,
    statement.NotResource,
    Object.values(statement.Condition ?? {}).map(Object.values),
  ];
  const variable = /\$\{[^}]*\}/.exec(texts.flat(4).filter(Boolean).join('\n'));
  if (variable) fail(`the policy variable ${variable[0]} is not supported by the local evaluator`);
  for (const operator of Object.keys(statement.Condition ?? {})) {
    const problem = checkConditionOperator(operator);
    if (problem) fail(problem);
  }
}
